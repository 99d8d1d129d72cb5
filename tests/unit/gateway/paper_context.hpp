#pragma once
#include <string>
#include <utility>

#include "gateway/context.hpp"
#include "http/parser.hpp"

namespace gatehouse::gateway::test {

/// An exchange whose response is kept instead of sent.
class PaperExchange final : public http::Exchange {
 public:
  PaperExchange() = default;
  /// Of a request as a client sends it, from 10.1.2.3.
  explicit PaperExchange(std::string wire) : wire_(std::move(wire)) {
    http::RequestParser parser;
    http::ParseFault fault;
    parsed = parser.parse(wire_, {}, request, fault) == http::ParseState::Complete;
    facts_.peer = *base::IpAddress::parse("10.1.2.3");
    facts_.peer_text = "10.1.2.3";
    connection = &facts_;
  }
  http::BodySource& body() noexcept override { return given_body != nullptr ? *given_body : none_; }
  void respond(const http::ResponseHead& head, http::BodySource* body) override {
    status = head.status;
    headers.clear();
    for (const http::Header& h : head.headers) headers += std::string(h.name) + ": " + std::string(h.value) + "\n";
    text.clear();
    if (body == nullptr) return;
    while (body->pull() == http::BodySource::State::Ready) {
      text += body->data();
      body->consume(body->data().size());
    }
  }
  void abort() noexcept override { aborted = true; }
  void close_after() noexcept override {}
  bool responded() const noexcept override { return status != 0 || aborted; }
  /// The value of the last such header that was sent; `-` without one.
  std::string header(const std::string& name) const {
    const std::size_t at = ("\n" + headers).rfind("\n" + name + ": ");
    if (at == std::string::npos) return "-";
    const std::size_t value = at + name.size() + 2;
    return headers.substr(value, headers.find('\n', value) - value);
  }

  http::BodySource* given_body = nullptr;  // null: none
  std::string headers, text;
  bool parsed = false;
  bool aborted = false;
  int unpinned_calls = 0;

 private:
  void unpinned() noexcept override { ++unpinned_calls; }
  std::string wire_;
  http::ConnectionFacts facts_;
  http::MemoryBody none_;
};

/// A context for one request of one API, without a server.
class PaperContext final : public RequestContext {
 public:
  explicit PaperContext(access::ApiType type,
                        const std::string& wire = "GET /orders/7 HTTP/1.1\r\nHost: api.example.com\r\n\r\n")
      : wire_(wire) {
    http::RequestParser parser;
    http::ParseFault fault;
    parsed = parser.parse(wire_, {}, paper.request, fault) == http::ParseState::Complete;
    api_.name = "orders";
    api_.id = "a1b2c3";
    api_.type = type;
    stage_.api = &api_;
    stage_.name = "live";
    stage_.variables = {{"color", "blue"}};
    stage_.variable_views = {{stage_.variables[0].first, stage_.variables[0].second}};
    route_.key = "GET /orders/{id}";
    route_.resource_path = "/orders/{id}";
    connection_.peer_text = "10.1.2.3";
    paper.connection = &connection_;
    exchange = &paper;
    gateway = &gateway_;
    api = &api_;
    stage = &stage_;
    route = &route_;
    request_id = "11111111-2222-4333-8444-555555555555";
    extended_id = "AAAAAAAAAAAAAAA=";
    domain = "api.example.com";
    source_ip_text = "10.1.2.3";
    match.capture_count = 1;
    match.captures[0] = {"id", "7"};
    facts.account_id = "111122223333";
    facts.arn = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3/live/GET/orders/7";
  }
  PaperExchange paper;
  bool parsed = false;
  Gateway gateway_;
  Api api_;
  Stage stage_;
  Route route_;

 private:
  std::string wire_;
  http::ConnectionFacts connection_;
};

}  // namespace gatehouse::gateway::test
