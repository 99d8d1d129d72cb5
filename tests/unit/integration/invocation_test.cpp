#include <gtest/gtest.h>

#include "integration/http_proxy.hpp"
#include "integration/mock.hpp"
#include "unit/client/world.hpp"
#include "unit/integration/fake_exchange.hpp"

namespace gatehouse::integration {
namespace {

using access::ApiType;
using test::FakeExchange;
using test::Peer;
using test::RawUpstream;
using test::upstream_of;
using test::World;

/// What the gateway is to an integration.
struct Owner final : InvocationOwner, http::BodySink {
  int status = 0;
  std::string headers, body, detail;
  std::optional<Failure> failure;
  http::BodySource* source = nullptr;
  bool has_body = false;
  bool ended = false;
  bool over() const { return ended || failure.has_value(); }

  void on_response(http::ResponseHead& head, http::BodySource* got) override {
    status = head.status;
    for (const http::Header& header : head.headers)
      headers.append(header.name).append(": ").append(header.value).append("\n");
    has_body = got != nullptr;
    source = got;
    if (source == nullptr) {
      ended = true;
      return;
    }
    source->set_sink(this);
    on_body();
  }
  void on_failure(Failure why, std::string_view text) override {
    failure = why;
    detail = text;
  }
  void on_body() override {
    for (;;) {
      switch (source->pull()) {
        case http::BodySource::State::Ready:
          body.append(source->data());
          source->consume(source->data().size());
          break;
        case http::BodySource::State::Waiting:
          return;
        case http::BodySource::State::End:
        case http::BodySource::State::Failed:
          ended = true;
          return;
      }
    }
  }
};

struct Request {
  explicit Request(World& world, std::string head, std::string sent = {}) : exchange(std::move(head), std::move(sent)) {
    EXPECT_TRUE(exchange.parsed);
    auto parsed = http::parse_target(exchange.request.target, {}, exchange.arena);
    EXPECT_TRUE(parsed.has_value());
    target = *parsed;
    facts.target = &target;
    facts.request = &exchange.request;
    facts.connection = &exchange.facts;
    facts.api_path = target.path;
    facts.request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
    invocation.exchange = &exchange;
    invocation.facts = &facts;
    invocation.client = &world.client;
    invocation.owner = &owner;
  }
  Owner& run(World& world, const Integration& integration) {
    integration.invoke(invocation);
    EXPECT_TRUE(world.until([this] { return owner.over(); }));
    return owner;
  }
  FakeExchange exchange;
  http::Target target;
  access::Facts facts;
  Owner owner;
  Invocation invocation;
};

std::unique_ptr<HttpProxy> proxy_to(std::shared_ptr<const client::Upstream> upstream, std::string path = {},
                                    ApiType type = ApiType::Http, bool preserve_host = false,
                                    const std::vector<std::string>& parameters = {}) {
  auto made = HttpProxy::make({std::move(upstream), std::move(path), preserve_host, type, "a1b2c3"}, parameters);
  EXPECT_TRUE(made.has_value()) << made.error().text;
  return std::move(*made);
}

TEST(HttpProxy, MapsWhatTheAuthorizerSaid) {
  std::string seen;
  RawUpstream raw([&](Peer& peer) {
    for (std::string head; !(head = peer.head()).empty(); peer.answer("answer")) seen = head;
  });
  World world;
  HttpProxySettings settings{upstream_of(raw), "/", false, ApiType::Http, "a1b2c3"};
  ASSERT_TRUE(settings.parameters.add(ApiType::Http, "overwrite:header.X-Tenant", "$context.authorizer.tenant", {}));
  ASSERT_TRUE(settings.parameters.add(ApiType::Http, "append:header.x-a", "$context.authorizer.absent", {}));
  const auto proxy = HttpProxy::make(std::move(settings), {});
  ASSERT_TRUE(proxy.has_value());
  for (const char* value : {"blue", "", "a\nb"}) {
    const access::TypedValue said[] = {{"tenant", value, access::ValueType::String}};
    access::Decision decision;
    decision.identity.context = said;
    Request request(world, "GET /x HTTP/1.1\r\nHost: api.test\r\nX_Tenant: red\r\nx-tenant: red\r\nx-a: 1\r\n\r\n");
    request.invocation.decision = &decision;
    const Owner& owner = request.run(world, **proxy);
    if (*value == 'a') {  // nothing is sent
      EXPECT_EQ(owner.failure, Failure::Configuration);
      EXPECT_EQ(owner.detail, "what the authorizer said for header `X-Tenant` cannot stand in a header");
    } else {
      EXPECT_EQ(owner.body, "answer");
      EXPECT_EQ(seen, "GET / HTTP/1.1\r\nHost: " + raw.address() +
                          "\r\nx-a: 1\r\nForwarded: for=198.51.100.7;host=api.test;proto=http\r\n" +
                          (*value != '\0' ? "X-Tenant: blue\r\n" : "") + "\r\n");
    }
    request.invocation.reset();
  }
}

TEST(HttpProxy, ForwardsAndAnswers) {
  std::string seen;
  RawUpstream raw([&](Peer& peer) {
    seen = peer.head();
    seen += peer.exactly(5);
    peer.answer("answer", "Server: x\r\nConnection: keep-alive\r\nDate: today\r\n");
    peer.wait_for_close();
  });
  World world;
  const auto proxy = proxy_to(upstream_of(raw));
  EXPECT_EQ(proxy->kind(), "http_proxy");
  EXPECT_EQ(proxy->name(), "test");
  Request request(world, "POST /orders?x=1 HTTP/1.1\r\nHost: api.test\r\nContent-Length: 5\r\nx-a: 1\r\n\r\n", "hello");
  Owner& owner = request.run(world, *proxy);
  EXPECT_EQ(seen,
            "POST /orders?x=1 HTTP/1.1\r\nHost: " + raw.address() +
                "\r\nx-a: 1\r\nForwarded: for=198.51.100.7;host=api.test;proto=http\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(owner.status, 200);
  EXPECT_EQ(owner.body, "answer");
  EXPECT_EQ(owner.headers, "Server: x\nDate: today\n");
  EXPECT_EQ(request.invocation.upstream_target, raw.address());
  request.invocation.reset();
}

TEST(HttpProxy, RestHeadersHostAndTemplate) {
  std::string seen;
  RawUpstream raw([&](Peer& peer) {
    seen = peer.head();
    peer.answer("", "Server: x\r\n");
    peer.wait_for_close();
  });
  World world;
  const auto proxy = proxy_to(upstream_of(raw), "/${stageVariables.v}/{id}", ApiType::Rest, true, {"id"});
  Request request(world, "GET /orders/7 HTTP/1.1\r\nHost: api.test\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n");
  const access::NamedValue parameters[] = {{"id", "7"}};
  const access::NamedValue variables[] = {{"v", "v2"}};
  request.facts.path_parameters = parameters;
  request.facts.stage_variables = variables;
  Owner& owner = request.run(world, *proxy);
  EXPECT_EQ(seen,
            "GET /v2/7 HTTP/1.1\r\nHost: api.test\r\nX-Amzn-Apigateway-Api-Id: a1b2c3\r\n"
            "X-Amzn-Trace-Id: Root=1-00000000-7b6111e69a4193e8deadbeef\r\n\r\n");
  EXPECT_EQ(owner.headers, "x-amzn-Remapped-Server: x\n");
  EXPECT_FALSE(owner.has_body);
  request.invocation.reset();
}

TEST(HttpProxy, HeadKeepsTheLength) {
  RawUpstream raw([](Peer& peer) {
    while (!peer.head().empty()) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
  });
  World world;
  const auto proxy = proxy_to(upstream_of(raw));
  for (int i = 0; i < 2; ++i) {
    Request request(world, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    Owner& owner = request.run(world, *proxy);
    EXPECT_EQ(owner.headers, "Content-Length: 5000\n");
    EXPECT_FALSE(owner.has_body);
    request.invocation.reset();
  }
  EXPECT_EQ(raw.connections(), 1);
}

TEST(HttpProxy, ClientsConnectionNeverTravels) {
  std::string seen;
  RawUpstream raw([&](Peer& peer) {
    seen = peer.head();
    peer.answer("");
  });
  World world;
  const auto proxy = proxy_to(upstream_of(raw));
  Request request(world, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, x-secret\r\nx-secret: 1\r\n\r\n");
  EXPECT_EQ(request.run(world, *proxy).status, 200);
  EXPECT_EQ(seen.find("x-secret"), std::string::npos);
  EXPECT_EQ(seen.find("onnection"), std::string::npos);
  request.invocation.reset();
}

struct Case {
  const char* name;
  std::function<void(Peer&)> script;
  Failure failure;
};
const Case kFailures[] = {
    {"not HTTP", [](Peer& peer) { peer.head(), peer.send("hello\r\n\r\n"), peer.wait_for_close(); },
     Failure::BadResponse},
    {"closed before the head", [](Peer& peer) { peer.head(), peer.close(); }, Failure::BadResponse},
    {"in time", [](Peer& peer) { peer.head(), peer.wait_for_close(); }, Failure::Timeout},
};

TEST(HttpProxy, Failures) {
  for (const Case& c : kFailures) {
    RawUpstream raw(c.script);
    World world;
    const auto proxy = proxy_to(upstream_of(raw));
    Request request(world, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    request.invocation.timeout_ms = 50;
    Owner& owner = request.run(world, *proxy);
    EXPECT_EQ(owner.failure, c.failure) << c.name;
    EXPECT_FALSE(owner.detail.empty()) << c.name;
    EXPECT_EQ(request.invocation.upstream_target, raw.address());
    request.invocation.reset();
  }
}

TEST(HttpProxy, Unreachable) {
  RawUpstream raw([](Peer&) {});
  raw.stop();
  World world;
  const auto proxy = proxy_to(upstream_of(raw));
  Request request(world, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(request.run(world, *proxy).failure, Failure::Unreachable);
  request.invocation.reset();
}

TEST(HttpProxy, MissingStageVariableIsAConfigurationFault) {
  RawUpstream raw([](Peer&) {});
  World world;
  const auto proxy = proxy_to(upstream_of(raw), "/${stageVariables.gone}");
  Request request(world, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(request.run(world, *proxy).failure, Failure::Configuration);
  EXPECT_EQ(raw.connections(), 0);
}

TEST(HttpProxy, ResetCancels) {
  RawUpstream raw([](Peer& peer) { peer.wait_for_close(); });
  World world;
  const auto proxy = proxy_to(upstream_of(raw));
  Request request(world, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  proxy->invoke(request.invocation);
  for (int i = 0; i < 5; ++i) world.loop.turn(2);
  request.invocation.reset();
  world.turn();
  EXPECT_FALSE(request.owner.over());
  EXPECT_EQ(world.client.metrics().open_connections.value(), 0u);
  EXPECT_EQ(world.buffers.bytes_in_use(), 0u);
}

TEST(HttpProxy, RefusedAtLoad) {
  EXPECT_FALSE(HttpProxy::make({}, {}).has_value());
  RawUpstream raw([](Peer&) {});
  const auto made = HttpProxy::make({upstream_of(raw), "/{id}", false, ApiType::Http, "a"}, {});
  ASSERT_FALSE(made.has_value());
  EXPECT_NE(made.error().text.find("`{id}`"), std::string::npos);
}

TEST(Mock, Answers) {
  World world;
  const Mock mock(418, {{"x-a", "1"}, {"Content-Type", "text/plain"}}, "teapot");
  EXPECT_EQ(mock.kind(), "mock");
  for (int i = 0; i < 2; ++i) {
    Request request(world, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    mock.invoke(request.invocation);
    EXPECT_EQ(request.owner.status, 418);
    EXPECT_EQ(request.owner.headers, "x-a: 1\nContent-Type: text/plain\n");
    EXPECT_EQ(request.owner.body, "teapot");
    request.invocation.reset();
  }
  Request request(world, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  Mock(200, {}, "").invoke(request.invocation);
  EXPECT_EQ(request.owner.status, 200);
  EXPECT_FALSE(request.owner.has_body);
}

}  // namespace
}  // namespace gatehouse::integration
