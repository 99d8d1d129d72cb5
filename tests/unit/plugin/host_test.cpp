#include "plugin/host.hpp"

#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

using Making = HostTest;

std::string fault(Host& host, const config::Authorizer& settings) {
  const auto made = host.make(settings);
  return made ? "made" : made.error().text;
}

TEST_F(Making, SaysWhatIsWrong) {
  make_host({good_plugins(), broken_plugins()});
  auto unplaced = authorizer("com.example.echo");
  unplaced.placement_given = false;
  auto sandboxed = authorizer("com.example.echo");
  sandboxed.in_process = false;
  const struct {
    const char* name;
    config::Authorizer settings;
    const char* says;
  } cases[] = {
      {"unknown", authorizer("com.example.none"), "in none of the plugin directories"},
      {"no plugin", authorizer(""), "names no `plugin`"},
      {"bundled and absent", authorizer("", "{}", config::AuthorizerType::Jwt), "plugin `gatehouse.jwt` is in none"},
      {"placement", unplaced, "write `placement: in_process`"},
      {"sandboxed", sandboxed, "`placement: sandboxed` is not built yet"},
      {"category", authorizer("com.example.echo", "{}", config::AuthorizerType::Network), "not of category network"},
      {"settings", authorizer("com.example.echo", R"({"gretting": "x"})"), "did you mean `greeting`?"},
      {"settings refused by the plugin", authorizer("com.example.echo", R"({"fail": "config"})"),
       "refuses in create: `fail` says so"},
      {"exception in the constructor", authorizer("com.example.echo", R"({"fail": "exception"})"),
       "refuses in create: broken"},
      {"create", authorizer("test.blocking", R"({"do": "refuse"})"), "refuses in create: the moon is full"},
      {"create without end", authorizer("test.blocking", R"({"do": "mumble"})"), "refuses in create: xxx"},
      {"create throws", authorizer("test.blocking", R"({"do": "throw in create"})"), "exception across the ABI"},
      {"create makes nothing", authorizer("test.blocking", R"({"do": "make nothing"})"), "made nothing"},
      {"start", authorizer("test.blocking", R"({"do": "fail in start"})"), "refuses in start: no keys at https://idp"},
      {"start throws", authorizer("test.blocking", R"({"do": "throw in start"})"), "exception across the ABI"},
      {"certificate", authorizer("test.needs-certificate", R"({"do": "x"})"), "client certificates"},
      {"service", authorizer("test.needs-service", R"({"do": "x"})"), "needs the service `gatehouse.nothing/1`"},
      {"process", authorizer("test.out-of-process", R"({"do": "x"})"), "process of its own"},
      {"broken", authorizer("test.static-tls", R"({"do": "x"})"), "thread-local storage"},
      {"broken module", authorizer("test.two-plugins", R"({"do": "x"})"), "a library holds one plugin"},
  };
  for (const auto& c : cases) {
    const std::string text = fault(*host, c.settings);
    EXPECT_NE(text.find(c.says), std::string::npos) << c.name << ": " << text;
  }
}

TEST_F(Making, BundledPluginsNeedNoPlacement) {
  const TemporaryDirectory folder;
  std::string bytes = read_file(good_plugins() + "/echo.so");
  for (std::size_t at = bytes.find("com.example.echo"); at != std::string::npos; at = bytes.find("com.example.echo"))
    bytes.replace(at, 16, "gatehouse.echoed");
  folder.write("echo.so", bytes);
  Host::Options options;
  options.bundled = {folder.path(), true, ::geteuid()};
  Host mine(options, executor, clock);
  auto settings = authorizer("gatehouse.echoed");
  settings.placement_given = settings.in_process = false;
  mine.scan({});
  EXPECT_EQ(fault(mine, settings), "made");
  mine.scan(config::Plugins{{folder.path()}, "", {}});
  EXPECT_EQ(fault(mine, settings), "made");
}

TEST_F(Making, BesideTheBinary) {
  const Catalog::Place place = Host::beside_binary();
  EXPECT_TRUE(place.beside_binary);
  EXPECT_EQ(
      place.directory,
      (std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "lib/gatehouse/plugins").string());
}

TEST_F(Making, WhatIsUnchangedIsReused) {
  const auto first = make(authorizer("com.example.echo", R"({"greeting": "hi"})"));
  host->scan(plugins);
  EXPECT_EQ(make(authorizer("com.example.echo", R"({"greeting":"hi"})")), first);
  EXPECT_NE(make(authorizer("com.example.echo", R"({"greeting": "ho"})")), first);
  auto named = authorizer("com.example.echo", R"({"greeting": "hi"})");
  named.name = "other";
  const auto other = make(named);
  EXPECT_NE(other, first);
  EXPECT_EQ(other->name(), "other");
  EXPECT_EQ(make(authorizer("com.example.echo", R"({"greeting": "hi"})", config::AuthorizerType::Token)) == first,
            false);
}

TEST_F(Making, AStartThatTakesTooLongIsRefusedAndCleanedUpWhenItEnds) {
  start_ms = 20;
  make_host({});
  const std::string text = fault(*host, authorizer("test.blocking", R"({"do": "hang in start", "gate": )" +
                                                                        std::to_string(gate.read_end()) + "}"));
  EXPECT_NE(text.find("did not start within 20 ms"), std::string::npos) << text;
  gate.open();
  // Stopped, destroyed and unloaded on its own thread.
  until([&] { return !mapped(); });
}

TEST_F(Making, LibcxxPluginsAnswerAlike) {
  if (!std::filesystem::exists(libcxx_plugins())) GTEST_SKIP() << "no clang++ with libc++ here";
  const auto gnu = make(authorizer("com.example.echo"));
  make_host({libcxx_plugins()});
  const auto other = make(authorizer("com.example.echo"));
  Asked a, b, thrown;
  const auto left = ask(*gnu, a), right = ask(*other, b);
  ASSERT_EQ(left.context.size(), right.context.size());
  for (std::size_t i = 0; i < left.context.size(); ++i) {
    EXPECT_EQ(left.context[i].key, right.context[i].key);
    EXPECT_EQ(left.context[i].value, right.context[i].value);
  }
  thrown.header("x-throw", "std");
  EXPECT_EQ(ask(*other, thrown).reason, "thrown on purpose");
}

struct Async : HostTest, ::testing::WithParamInterface<bool> {
  void SetUp() override {
    if (!GetParam()) return;
    if (!std::filesystem::exists(libcxx_plugins())) GTEST_SKIP() << "no clang++ with libc++ here";
    make_host({libcxx_plugins()});
  }
};

TEST_P(Async, AnswersLater) {
  const auto who = make(authorizer("com.example.patient"));
  const struct {
    const char* user;
    access::AnswerKind kind;
    const char* reason;
  } cases[] = {{"ann", access::AnswerKind::Allow, ""},
               {"now", access::AnswerKind::Allow, ""},
               {"nobody", access::AnswerKind::Deny, "nobody is not let in"},
               {"drop", access::AnswerKind::Failed, "dropped the call"},
               {"throw", access::AnswerKind::Failed, "an exception came before the answer"}};
  for (const auto& c : cases) {
    Asked asked;
    asked.header("x-user", c.user);
    const access::Answer answer = ask(*who, asked);
    EXPECT_EQ(answer.kind, c.kind) << c.user << answer.reason;
    EXPECT_NE(answer.reason.find(c.reason), std::string_view::npos) << c.user << ": " << answer.reason;
    EXPECT_FALSE(asked.exchange.pinned());
  }
  EXPECT_TRUE(log.holds("thrown after taking the call plugin=com.example.patient"));
}

INSTANTIATE_TEST_SUITE_P(Libraries, Async, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "libcxx" : "libstdcxx"; });

}  // namespace
}  // namespace gatehouse::plugin::test
