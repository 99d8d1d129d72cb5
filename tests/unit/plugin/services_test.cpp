// What the host's services give to real libraries, of both compilers, on loops and on the executor.
#include "base/metrics.hpp"
#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

using access::AnswerKind;

class Services : public HostTest, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (!libcxx()) return;
    if (!std::filesystem::exists(libcxx_plugins())) GTEST_SKIP() << "no clang++ with libc++";
    make_host({libcxx_plugins()});
  }
  bool libcxx() const { return std::string_view(GetParam()).ends_with("libcxx"); }
  bool blocking() const { return std::string_view(GetParam()).starts_with("blocking"); }
  /// How a callback tells of GH_OK on the thread that this plugin is promised.
  char ok() const { return blocking() ? 'o' : 'w'; }

  config::Authorizer doing(const std::string& what) const {
    return authorizer(blocking() ? "test.services-blocking" : "test.services",
                      R"({"do": ")" + what + R"(", "gate": )" + std::to_string(gate.read_end()) + R"(, "say": )" +
                          std::to_string(say.write_end()) + "}");
  }
  std::shared_ptr<access::Authorizer> using_services(const std::string& what) { return make(doing(what)); }
  /// The next byte that the plugin says; turns the loop meanwhile.
  char heard(bool destroyed = false) {
    char byte = 0;
    until([&] {
      pollfd p{say.read_end(), POLLIN, 0};
      while (byte == 0 && ::poll(&p, 1, 0) == 1 && ::read(say.read_end(), &byte, 1) == 1)
        if (byte == 'd' && !destroyed) byte = 0;  // of an instance before
      return byte != 0;
    });
    return byte;
  }
  bool silent() const {
    pollfd p{say.read_end(), POLLIN, 0};
    return ::poll(&p, 1, 0) == 0;
  }
  void gone() {
    until([this] { return !mapped(); });
  }
};

TEST_P(Services, CallbacksAnswer) {
  for (const char* what : {"timer", "two timers", "from another thread"}) {
    SCOPED_TRACE(what);
    const auto who = using_services(what);
    Asked asked;
    EXPECT_EQ(ask(*who, asked).kind, AnswerKind::Allow) << asked.answer->reason;
    EXPECT_EQ(heard(), ok());
    if (std::string_view(what) == "two timers") {
      EXPECT_EQ(heard(), ok());
    }
    EXPECT_FALSE(asked.exchange.pinned());
  }
}

TEST_P(Services, WorkIsOnAThreadThatMayBlock) {
  const auto who = using_services("work");
  Asked asked;
  EXPECT_EQ(ask(*who, asked).kind, AnswerKind::Allow);
  EXPECT_EQ(heard(), 'o');
}

TEST_P(Services, AnsweringTwiceInACallbackFails) {
  const auto who = using_services("twice");
  Asked asked;
  const auto answer = ask(*who, asked);
  // On the executor the first answer may be on its way before the second one is tried.
  if (!blocking()) {
    EXPECT_EQ(answer.code, "twice");
  }
  until([&] { return log.holds("answered a call twice") || log.holds("not one of its own"); });
}

TEST_P(Services, WhatACallbackThrowsIsContained) {
  retire_ms = 30;  // the first one never pays what it owes
  make_host(libcxx() ? std::vector<std::string>{libcxx_plugins()} : std::vector<std::string>{});
  const auto who = using_services("throw");
  Asked asked;
  who->authorize(asked.facts, 0, asked);
  EXPECT_EQ(heard(), ok());
  until([&] { return log.holds("exception across the ABI in a callback"); });
  EXPECT_EQ(asked.answers, 0);
  who->cancel(asked);  // its deadline: the plugin still owes complete(), and never pays
  const auto other = using_services("answer and throw");
  Asked answered;
  EXPECT_EQ(ask(*other, answered).kind, AnswerKind::Allow);
}

TEST_P(Services, ACallThatNobodyWaitsForEndsWhatWasAskedForIt) {
  const auto who = using_services("far timer");
  Asked asked;
  who->authorize(asked.facts, 0, asked);
  EXPECT_EQ(heard(), 'p');
  for (int i = 0; i < 3; ++i) loop.turn(1);
  EXPECT_TRUE(silent());
  who->cancel(asked);
  EXPECT_EQ(heard(), 'g');
  until([&] { return !asked.exchange.pinned(); });  // its callback paid what it owed
  EXPECT_EQ(asked.answers, 0);
}

TEST_P(Services, AnAnswerEndsWhatWasAskedForTheCall) {
  const auto who = using_services("answer with a timer");
  Asked asked;
  EXPECT_EQ(ask(*who, asked).kind, AnswerKind::Allow);
  EXPECT_EQ(heard(), 'g');
  EXPECT_TRUE(silent());
}

TEST_P(Services, TimersAreCancelledByTheirOwnIdOnly) {
  const auto who = using_services("cancel");
  Asked asked;
  EXPECT_EQ(ask(*who, asked).kind, AnswerKind::Allow) << asked.answer->reason;
  EXPECT_EQ(heard(), 'g');
}

TEST_P(Services, WhatBreaksTheContractIsRefused) {
  const auto who = using_services("invalid");
  Asked asked;
  EXPECT_EQ(ask(*who, asked).kind, AnswerKind::Allow) << asked.answer->reason;
  EXPECT_TRUE(silent());
}

TEST_P(Services, TimersAreBounded) {
  auto who = using_services("unbounded");
  Asked asked;
  const auto answer = ask(*who, asked);
  EXPECT_EQ(answer.kind, AnswerKind::Allow) << answer.reason;
  EXPECT_EQ(answer.principal_id, std::to_string(Operations::kMost));
  who.reset();
  gone();
}

TEST_P(Services, AStrangersThreadIsTooLate) {
  const auto who = using_services("stranger");
  Asked asked;
  EXPECT_EQ(ask(*who, asked).kind, AnswerKind::Allow);
  EXPECT_TRUE(silent());
}

TEST_P(Services, WhatIsPendingEndsBeforeDestroy) {
  for (const char* what : {"for ever", "again and again"}) {
    SCOPED_TRACE(what);
    auto who = using_services(what);
    for (int i = 0; i < 5; ++i) loop.turn(2);
    who.reset();
    const char last = heard();
    EXPECT_TRUE(last == 'g' || last == ok()) << last;  // a timer that cannot be started again was due
    EXPECT_EQ(heard(true), 'd');
    gone();
  }
}

TEST_P(Services, WhatIsPendingEndsWhenStartingFails) {
  for (const char* what : {"fail with a timer", "timer, then refuse"}) {
    SCOPED_TRACE(what);
    std::atomic<bool> over{false};
    std::thread other([&] {
      EXPECT_FALSE(host->make(doing(what)));
      over = true;
    });
    until([&] { return over.load(); });
    other.join();
    EXPECT_EQ(heard(), 'g');
    if (std::string_view(what) == "fail with a timer") {
      EXPECT_EQ(heard(true), 'd');
    }
    gone();
  }
}

TEST_P(Services, NothingIsUnloadedWhileACallbackIsInside) {
  if (!blocking()) return;  // it would hold this loop
  auto who = using_services("linger");
  EXPECT_EQ(heard(), 'o');
  who.reset();
  for (int i = 0; i < 5; ++i) loop.turn(1);
  EXPECT_TRUE(mapped());
  EXPECT_TRUE(silent());
  gate.open();
  EXPECT_EQ(heard(true), 'd');
  gone();
}

TEST_P(Services, ACallbackThatDoesNotComeBackIsKept) {
  if (!blocking()) return;
  retire_ms = 30;
  make_host(libcxx() ? std::vector<std::string>{libcxx_plugins()} : std::vector<std::string>{});
  auto who = using_services("linger");
  EXPECT_EQ(heard(), 'o');
  who.reset();
  until([&] { return log.holds("a callback of the plugin does not come back"); });
  EXPECT_TRUE(mapped());
  host.reset();
  gate.open();
}

TEST_P(Services, AClosedLoopLosesNoCallback) {
  auto who = using_services("for ever");
  loop.turn(0);
  loop.close();
  who.reset();
  host.reset();
  char bytes[2] = {};
  ASSERT_EQ(::read(say.read_end(), bytes, 2), 2);
  EXPECT_EQ(bytes[0], 'g');
  EXPECT_EQ(bytes[1], 'd');
}

// The share has two threads and two places.
TEST_P(Services, AFullShareRefusesWorkAndLosesNoCallback) {
  const auto who = using_services("work that lingers");
  if (blocking()) {  // its calls themselves need the share
    Asked asked;
    EXPECT_EQ(ask(*who, asked).kind, AnswerKind::Allow);
    EXPECT_EQ(heard(), 'o');
    return gate.open();
  }
  int allowed = 0, refused = 0;
  for (int i = 0; i < 6; ++i) {
    Asked asked;
    who->authorize(asked.facts, 0, asked);
    ASSERT_EQ(asked.answers, 1);
    (asked.answer->kind == AnswerKind::Allow ? allowed : refused) += 1;
  }
  EXPECT_EQ(allowed, 4);
  EXPECT_EQ(refused, 2);
  gate.open(4);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(heard(), 'o');
}

TEST_P(Services, Cache) {
  const auto who = using_services("cache");
  Asked asked;
  const auto answer = ask(*who, asked);
  EXPECT_EQ(answer.kind, AnswerKind::Allow) << answer.principal_id;
}

TEST_P(Services, SecretsByNameAndANewInstanceForANewOne) {
  auto settings = doing("secret");
  settings.secrets["key"] = base::Secret("hush-1");
  const auto first = make(settings);
  EXPECT_EQ(make(settings), first);
  settings.secrets["key"] = base::Secret("hush-2");
  const auto second = make(settings);
  EXPECT_NE(second, first);
  Asked one, two;
  EXPECT_EQ(ask(*first, one).principal_id, "hush-1");
  EXPECT_EQ(ask(*second, two).principal_id, "hush-2");
  EXPECT_FALSE(log.holds("hush"));
}

TEST_P(Services, Metrics) {
  auto who = using_services("metrics");
  Asked asked;
  EXPECT_EQ(ask(*who, asked).kind, AnswerKind::Allow);
  const std::string text = registry.text();
  EXPECT_NE(text.find("# HELP gatehouse_plugin_calls_total calls \\\\ asked\n"
                      "# TYPE gatehouse_plugin_calls_total counter\n"
                      "gatehouse_plugin_calls_total{authorizer=\"gate\",kind=\"a\\\"b\"} 2\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("gatehouse_plugin_times_bucket{authorizer=\"gate\",le=\"0.005\"} 1\n"), std::string::npos)
      << text;
  // As long as the instance is the same, so are its numbers.
  const auto same = make(doing("metrics"));
  EXPECT_EQ(same, who);
  Asked again;
  ask(*same, again);
  EXPECT_NE(registry.text().find("kind=\"a\\\"b\"} 4\n"), std::string::npos);
}

TEST_P(Services, MetricsEndWithTheInstance) {
  auto who = using_services("metrics");
  EXPECT_NE(registry.text().find("gatehouse_plugin_"), std::string::npos);
  who.reset();
  gone();
  until([&] { return registry.text().find("gatehouse_plugin_") == std::string::npos; });
}

INSTANTIATE_TEST_SUITE_P(Plugins, Services, ::testing::Values("loop", "blocking", "loop_libcxx", "blocking_libcxx"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_F(HostTest, WhatIsNotGrantedIsSaidBeforeCreate) {
  make_host({broken_plugins()});
  const auto made = host->make(authorizer("test.needs-service"));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("needs the service `gatehouse."), std::string::npos) << made.error().text;
}

}  // namespace
}  // namespace gatehouse::plugin::test
