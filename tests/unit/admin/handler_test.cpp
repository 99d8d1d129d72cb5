#include "admin/handler.hpp"

#include <gtest/gtest.h>

#include "plugin/json.hpp"
#include "unit/gateway/paper_context.hpp"

namespace gatehouse::admin {
namespace {

using gateway::test::PaperExchange;

class FakeControl final : public Control {
 public:
  ReloadResult reload() override {
    ++reloads;
    return result;
  }
  std::string status_json() override { return "{\"uptime\":7}"; }
  bool ready() override { return is_ready; }
  std::string metrics_text() override { return "gatehouse_up 1\n"; }
  PurgeResult purge(const std::string& authorizer, const std::string& stage) override {
    purged.push_back(authorizer + "|" + stage);
    if (authorizer == "unknown") return {false, 0, "there is no authorizer `unknown`"};
    return {true, 12, {}};
  }
  std::optional<std::string> find_refused(std::string_view request_id) override {
    asked.emplace_back(request_id);
    if (request_id == "kept") return "{\"request_id\":\"kept\"}";
    return std::nullopt;
  }
  ReloadResult result;
  bool is_ready = true;
  int reloads = 0;
  std::vector<std::string> asked, purged;
};

class AdminHandler : public testing::Test {
 protected:
  PaperExchange& ask(const std::string& method, const std::string& target) {
    exchange.emplace(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(exchange->parsed) << method << " " << target;
    handler.start(*exchange);
    EXPECT_TRUE(exchange->responded());
    handler.finished(*exchange, http::Ending::Complete);
    EXPECT_EQ(exchange->handler_data, nullptr);
    return *exchange;
  }
  FakeControl control;
  Handler handler{control};
  std::optional<PaperExchange> exchange;
};

constexpr const char* kMethods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
constexpr const char* kJson = "application/json";

struct PathCase {
  const char* target;
  const char* methods;  // that it takes; what it says to others
  int status;
  const char* body;
  const char* type;
};
const PathCase kPaths[] = {
    {"/reload", "POST", 200, R"({"reloaded":true,"generation":4,"errors":[],"warnings":[]})", kJson},
    {"/status", "GET HEAD", 200, R"({"uptime":7})", kJson},
    {"/status?x=1", "GET HEAD", 200, R"({"uptime":7})", kJson},
    {"/ready", "GET HEAD", 200, R"({"ready":true})", kJson},
    {"/metrics", "GET HEAD", 200, "gatehouse_up 1\n", "text/plain; version=0.0.4"},
    {"/explain?request=kept", "GET HEAD", 200, R"({"request_id":"kept"})", kJson},
};

TEST_F(AdminHandler, EveryPathWithEveryMethod) {
  control.result = {true, 4, {}, {}};
  for (const PathCase& c : kPaths) {
    const std::string allowed = c.methods;
    for (const std::string method : kMethods) {
      const PaperExchange& got = ask(method, c.target);
      if ((" " + allowed + " ").find(" " + method + " ") != std::string::npos) {
        EXPECT_EQ(got.status, c.status) << method << " " << c.target;
        EXPECT_EQ(got.text, c.body) << method << " " << c.target;
        EXPECT_EQ(got.header("Content-Type"), c.type) << method << " " << c.target;
      } else {
        EXPECT_EQ(got.status, 405) << method << " " << c.target;
        EXPECT_EQ(got.text, "{\"message\":\"use " + allowed.substr(0, allowed.find(' ')) + "\"}") << c.target;
        EXPECT_EQ(got.header("Content-Type"), kJson);
      }
      EXPECT_EQ(got.header("Cache-Control"), "no-store");
    }
  }
  EXPECT_EQ(control.reloads, 1) << "only POST reloads";
}

TEST_F(AdminHandler, NothingElseIsThere) {
  for (const char* target :
       {"/", "/reload/", "/Reload", "//reload", "/statusx", "/explain/", "/metrics/x", "/%72eload"})
    for (const std::string method : kMethods) {
      const PaperExchange& got = ask(method, target);
      EXPECT_EQ(got.status, 404) << method << " " << target;
      EXPECT_EQ(got.text, R"({"message":"not here: /reload /purge /status /ready /metrics /explain"})");
    }
  EXPECT_EQ(control.reloads, 0);
}

TEST_F(AdminHandler, ReloadTellsAllThatIsWrong) {
  control.result = {false, 3, {"a.yaml:1:2: unknown key `x\"y`", "second"}, {"a\nwarning"}};
  const PaperExchange& got = ask("POST", "/reload");
  EXPECT_EQ(got.status, 422);
  const auto json = plugin::parse_json(got.text);
  ASSERT_TRUE(json) << got.text;
  EXPECT_EQ(json->find("/reloaded")->text, "false");
  EXPECT_EQ(json->find("/generation")->text, "3");
  EXPECT_EQ(json->find("/errors/0")->text, "a.yaml:1:2: unknown key `x\"y`");
  EXPECT_EQ(json->find("/errors/1")->text, "second");
  EXPECT_EQ(json->find("/warnings/0")->text, "a\nwarning");
}

TEST_F(AdminHandler, PurgeTakesAnAuthorizerAndAStage) {
  struct Case {
    const char* target;
    int status;
    const char* purged;  // what control was asked; empty: it was not
  };
  const Case cases[] = {{"/purge", 200, "|"},
                        {"/purge?", 200, "|"},
                        {"/purge?authorizer=gate", 200, "gate|"},
                        {"/purge?stage=shop/live", 200, "|shop/live"},
                        {"/purge?stage=shop/live&authorizer=gate", 200, "gate|shop/live"},
                        {"/purge?authorizer=unknown", 404, "unknown|"},
                        {"/purge?authorizer=", 400, ""},
                        {"/purge?authorizer", 400, ""},
                        {"/purge?authorizer=a&authorizer=b", 400, ""},
                        {"/purge?Authorizer=gate", 400, ""},
                        {"/purge?authoriser=gate", 400, ""},
                        {"/purge?authorizer=gate&&", 400, ""}};
  for (const Case& c : cases) {
    control.purged.clear();
    const PaperExchange& got = ask("POST", c.target);
    EXPECT_EQ(got.status, c.status) << c.target;
    EXPECT_EQ(control.purged, *c.purged == '\0' ? std::vector<std::string>{} : std::vector<std::string>{c.purged})
        << c.target;
    if (c.status == 200) {
      EXPECT_EQ(got.text, "{\"purged\":12}");
    }
  }
  EXPECT_EQ(ask("GET", "/purge").status, 405);
}

TEST_F(AdminHandler, ReadyIs503WhileDraining) {
  control.is_ready = false;
  const PaperExchange& got = ask("GET", "/ready");
  EXPECT_EQ(got.status, 503);
  EXPECT_EQ(got.text, R"({"ready":false})");
}

TEST_F(AdminHandler, ExplainWantsAnIdThatIsKept) {
  struct Case {
    const char* target;
    int status;
  };
  const Case cases[] = {{"/explain", 400},
                        {"/explain?", 400},
                        {"/explain?id=kept", 400},
                        {"/explain?Request=kept", 400},
                        {"/explain?request=", 404},
                        {"/explain?request=gone", 404},
                        {"/explain?request=kept&x=1", 404}};
  for (const Case& c : cases) {
    EXPECT_EQ(ask("GET", c.target).status, c.status) << c.target;
    EXPECT_TRUE(plugin::parse_json(exchange->text)) << exchange->text;
  }
  EXPECT_EQ(control.asked, (std::vector<std::string>{"", "gone", "kept&x=1"}));
}

TEST_F(AdminHandler, AnAnswerLivesUntilItsExchangeIsOver) {
  PaperExchange first("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"), second("GET /status HTTP/1.1\r\nHost: a\r\n\r\n");
  handler.start(first);
  handler.start(second);
  EXPECT_NE(first.handler_data, second.handler_data);
  handler.finished(first, http::Ending::ClientGone);
  EXPECT_EQ(second.text, "{\"uptime\":7}");
  handler.finished(second, http::Ending::Complete);
}

}  // namespace
}  // namespace gatehouse::admin
