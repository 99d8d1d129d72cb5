// Plugins that break every rule: each is refused as specified, and nobody else is disturbed.
#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

using access::AnswerKind;

struct Case {
  const char* what;
  AnswerKind kind;
  const char* code;    // of the answer
  const char* reason;  // a part of it
  const char* logged;  // a part of a line that names the plugin; empty: none is needed
};

// What comes of an answer by itself, wherever the plugin runs.
const Case kCases[] = {
    {"throw", AnswerKind::Failed, "error", "no answer", "exception across the ABI"},
    {"throw an int", AnswerKind::Failed, "error", "no answer", "exception across the ABI"},
    {"never", AnswerKind::Failed, "missing", "without an answer", "returned without an answer"},
    {"odd code", AnswerKind::Failed, "missing", "without an answer", "returned without an answer"},
    {"error", AnswerKind::Failed, "error", "returned an error", "returned an error"},
    {"twice", AnswerKind::Failed, "twice", "twice", "answered a call twice"},
    {"deny twice", AnswerKind::Failed, "twice", "twice", "answered a call twice"},
    {"two threads", AnswerKind::Failed, "twice", "twice", "answered a call twice"},
    {"answer, then fail", AnswerKind::Allow, "", "", ""},
    {"zero first", AnswerKind::Allow, "", "", "not one of its own"},
    {"stranger first", AnswerKind::Allow, "", "", "not one of its own"},
    {"stranger only", AnswerKind::Failed, "missing", "without an answer", "not one of its own"},
    {"null answer", AnswerKind::Failed, "missing", "without an answer", "returned without an answer"},
    {"other thread", AnswerKind::Allow, "", "", ""},
    {"kind", AnswerKind::Failed, "invalid_answer", "`kind` is unknown", "breaks the rules"},
    {"no kind", AnswerKind::Failed, "invalid_answer", "`kind` is unknown", "breaks the rules"},
    {"huge principal", AnswerKind::Failed, "invalid_answer", "`principal_id` is too long", "breaks the rules"},
    {"nul principal", AnswerKind::Failed, "invalid_answer", "`principal_id` holds control", "breaks the rules"},
    {"latin principal", AnswerKind::Failed, "invalid_answer", "`principal_id` is not UTF-8", "breaks the rules"},
    {"lying principal", AnswerKind::Failed, "invalid_answer", "`principal_id` has a length", "breaks the rules"},
    {"crlf challenge", AnswerKind::Failed, "invalid_answer", "`challenge` holds bytes", "breaks the rules"},
    {"nul challenge", AnswerKind::Failed, "invalid_answer", "`challenge` holds bytes", "breaks the rules"},
    {"latin reason", AnswerKind::Failed, "invalid_answer", "`reason` is not UTF-8", "breaks the rules"},
    {"small struct", AnswerKind::Failed, "invalid_answer", "`struct_size`", "breaks the rules"},
    {"policy", AnswerKind::Failed, "invalid_answer", "cannot be weighed", "breaks the rules"},
    {"path form", AnswerKind::Failed, "invalid_answer", "`path_form`", "breaks the rules"},
    {"negative ttl", AnswerKind::Failed, "invalid_answer", "`ttl_s`", "breaks the rules"},
    {"message", AnswerKind::Failed, "invalid_answer", "`message` goes with deny", "breaks the rules"},
    {"lying context", AnswerKind::Failed, "invalid_answer", "`context` has a count", "breaks the rules"},
    {"endless context", AnswerKind::Failed, "invalid_answer", "`context` has too many", "breaks the rules"},
    {"big context", AnswerKind::Failed, "invalid_answer", "`context` is too large", "breaks the rules"},
    {"claims context", AnswerKind::Failed, "invalid_answer", "`claims`", "breaks the rules"},
    {"nameless context", AnswerKind::Failed, "invalid_answer", "without a name", "breaks the rules"},
    {"unknown type", AnswerKind::Failed, "invalid_answer", "unknown type", "breaks the rules"},
    {"no number", AnswerKind::Failed, "invalid_answer", "not of its type", "breaks the rules"},
    {"no bool", AnswerKind::Failed, "invalid_answer", "not of its type", "breaks the rules"},
    {"no json", AnswerKind::Failed, "invalid_answer", "not of its type", "breaks the rules"},
    {"twin context", AnswerKind::Failed, "invalid_answer", "twice", "breaks the rules"},
    {"json context", AnswerKind::Allow, "", "", ""},  // an HTTP API
};

class Misbehaving : public HostTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(Misbehaving, EachIsRefusedAsSpecified) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.what);
    const std::size_t lines = log.count(c.logged);
    const auto who = misbehaving(GetParam(), c.what);
    ASSERT_NE(who, nullptr);
    Asked asked;
    const access::Answer answer = ask(*who, asked);
    EXPECT_EQ(answer.kind, c.kind) << answer.reason;
    EXPECT_EQ(answer.code, c.code);
    EXPECT_NE(answer.reason.find(c.reason), std::string_view::npos) << answer.reason;
    if (*c.logged != '\0') {
      EXPECT_GT(log.count(c.logged), lines);
      EXPECT_TRUE(log.holds(std::string("plugin=test.") + GetParam() + " authorizer=gate"));
    }
    until([&] { return !asked.exchange.pinned(); });
  }
}

TEST_P(Misbehaving, AnswersEarlierCallsAgain) {
  const auto who = misbehaving(GetParam(), "earlier first");
  for (int i = 0; i < 3; ++i) {
    Asked asked;
    EXPECT_EQ(ask(*who, asked).kind, AnswerKind::Allow);
  }
  EXPECT_EQ(log.count("not one of its own"), 2u);
}

TEST_P(Misbehaving, JsonContextIsForHttpApisOnly) {
  const auto who = misbehaving(GetParam(), "json context");
  for (const auto type : {access::ApiType::Rest, access::ApiType::Websocket}) {
    Asked asked;
    asked.facts.api_type = type;
    const access::Answer answer = ask(*who, asked);
    EXPECT_EQ(answer.code, "invalid_answer");
    EXPECT_NE(answer.reason.find("HTTP APIs only"), std::string_view::npos) << answer.reason;
  }
}

INSTANTIATE_TEST_SUITE_P(Plugins, Misbehaving,
                         ::testing::Values("blocking", "blocking-async", "nonblocking", "nonblocking-async"),
                         [](const auto& param) {
                           std::string name = param.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

using Waiting = HostTest;

TEST_F(Waiting, PendingWithoutTheFlagIsMissing) {
  for (const char* plugin : {"blocking", "nonblocking"}) {
    Asked asked;
    EXPECT_EQ(ask(*misbehaving(plugin, "pending"), asked).code, "missing");
    Asked answered;
    EXPECT_EQ(ask(*misbehaving(plugin, "answer, then pending"), answered).kind, AnswerKind::Allow);
  }
  EXPECT_EQ(log.count("does not say so in its flags"), 2u);
}

TEST_F(Waiting, TheChainGoesOnAfterTheCodeHasReturned) {
  const auto who = misbehaving("blocking", "answer and linger");
  Asked asked;
  who->authorize(asked.facts, 0, asked);
  ASSERT_TRUE(say.passed());
  for (int i = 0; i < 5; ++i) loop.turn(1);
  EXPECT_EQ(asked.answers, 0);
  EXPECT_TRUE(asked.exchange.pinned());
  gate.open();
  until([&] { return asked.answers == 1; });
  EXPECT_EQ(asked.answer->kind, AnswerKind::Allow);
  EXPECT_FALSE(asked.exchange.pinned());
}

TEST_F(Waiting, AnAnswerAfterTheDeadlineIsFailedEvenIfNobodyHasCancelledYet) {
  const auto who = misbehaving("blocking", "wait");
  Asked asked;
  who->authorize(asked.facts, clock.monotonic_ns() + 1'000'000, asked);
  ASSERT_TRUE(say.passed());
  clock.advance_ms(2);
  gate.open();
  until([&] { return asked.answers == 1; });
  EXPECT_EQ(asked.answer->kind, AnswerKind::Failed);
  EXPECT_EQ(asked.answer->code, "deadline");
  EXPECT_TRUE(log.holds("after the deadline plugin=test.blocking"));
}

TEST_F(Waiting, ANonblockingPluginThatHoldsUpTheLoopIsTooLate) {
  const auto who = misbehaving("nonblocking", "wait");
  Asked asked;
  gate.open();
  who->authorize(asked.facts, clock.monotonic_ns() - 1, asked);
  EXPECT_EQ(asked.answer->code, "deadline");
  EXPECT_TRUE(log.holds("held up the event loop"));
}

TEST_F(Waiting, ACancelledCallKeepsItsRequestUntilTheCodeReturns) {
  const auto who = misbehaving("blocking", "wait");
  Asked asked;
  who->authorize(asked.facts, clock.monotonic_ns() + 1'000'000, asked);
  ASSERT_TRUE(say.passed());
  clock.advance_ms(2);
  who->cancel(asked);
  EXPECT_TRUE(asked.exchange.pinned());
  EXPECT_TRUE(log.holds("did not answer before the deadline plugin=test.blocking"));
  gate.open();
  until([&] { return !asked.exchange.pinned(); });
  EXPECT_EQ(asked.answers, 0);
}

TEST_F(Waiting, ALateAsyncAnswerReleasesTheRequestAndIsNotHeard) {
  for (const char* plugin : {"nonblocking-async", "blocking-async"}) {
    const auto who = misbehaving(plugin, "later");
    Asked asked;
    who->authorize(asked.facts, clock.monotonic_ns() + 1'000'000, asked);
    ASSERT_TRUE(say.passed());
    loop.turn(0);
    clock.advance_ms(2);
    who->cancel(asked);
    EXPECT_TRUE(asked.exchange.pinned());
    gate.open();
    ASSERT_TRUE(say.passed());
    until([&] { return !asked.exchange.pinned(); });
    EXPECT_EQ(asked.answers, 0);
  }
  EXPECT_EQ(log.count("answered after the deadline"), 2u);
}

TEST_F(Waiting, AnAsyncAnswerComesFromAnyThread) {
  for (const char* plugin : {"nonblocking-async", "blocking-async"}) {
    const auto who = misbehaving(plugin, "later");
    Asked asked;
    who->authorize(asked.facts, 0, asked);
    ASSERT_TRUE(say.passed());
    loop.turn(0);
    EXPECT_EQ(asked.answers, 0);
    EXPECT_TRUE(asked.exchange.pinned());
    gate.open();
    ASSERT_TRUE(say.passed());
    until([&] { return asked.answers == 1; });
    EXPECT_EQ(asked.answer->kind, AnswerKind::Allow);
    EXPECT_EQ(asked.answer->principal_id, "/prod/orders/7");
    EXPECT_FALSE(asked.exchange.pinned());
  }
}

TEST_F(Waiting, AFullQueueIsFailedAtOnce) {
  const auto who = misbehaving("blocking", "wait");
  std::vector<std::unique_ptr<Asked>> all;
  for (int i = 0; i < 5; ++i) {  // two threads, a queue of two
    all.push_back(std::make_unique<Asked>());
    who->authorize(all.back()->facts, 0, *all.back());
    if (i < 2) {
      ASSERT_TRUE(say.passed());
    }
  }
  until([&] { return all[4]->answers == 1; });
  EXPECT_EQ(all[4]->answer->code, "queue");
  gate.open(4);
  until([&] { return all[0]->answers + all[1]->answers + all[2]->answers + all[3]->answers == 4; });
  for (int i = 0; i < 4; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)]->answer->kind, AnswerKind::Allow);
}

TEST_F(Waiting, ACallThatWasCancelledInTheQueueIsNeverShownToThePlugin) {
  const auto who = misbehaving("blocking", "wait");
  std::vector<std::unique_ptr<Asked>> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(std::make_unique<Asked>());
    who->authorize(all.back()->facts, 0, *all.back());
    if (i < 2) {
      ASSERT_TRUE(say.passed());
    }
  }
  who->cancel(*all[2]);
  gate.open(2);
  until([&] { return all[0]->answers + all[1]->answers == 2 && !all[2]->exchange.pinned(); });
  EXPECT_EQ(all[2]->answers, 0);
  pollfd nothing{say.read_end(), POLLIN, 0};
  EXPECT_EQ(::poll(&nothing, 1, 0), 0);
}

TEST_F(Waiting, TheBreakerOpensWhenEveryThreadIsStuckAndClosesWhenOneComesBack) {
  const auto who = misbehaving("blocking", "wait");
  Asked first, second, third;
  for (Asked* asked : {&first, &second}) {
    who->authorize(asked->facts, clock.monotonic_ns() + 1'000'000, *asked);
    ASSERT_TRUE(say.passed());
  }
  clock.advance_ms(2);
  for (Asked* asked : {&first, &second}) who->cancel(*asked);
  EXPECT_TRUE(log.holds("all threads of the plugin are stuck"));
  who->authorize(third.facts, 0, third);
  ASSERT_EQ(third.answers, 1);
  EXPECT_EQ(third.answer->code, "breaker");
  // Of another authorizer of the same plugin too, but of no other plugin.
  auto other = authorizer("test.blocking", R"({"do": "never"})");
  other.name = "other";
  Asked elsewhere;
  make(other)->authorize(elsewhere.facts, 0, elsewhere);
  EXPECT_EQ(elsewhere.answer->code, "breaker");
  Asked undisturbed;
  EXPECT_EQ(ask(*misbehaving("nonblocking", "zero first"), undisturbed).kind, AnswerKind::Allow);

  gate.open(2);
  until([&] { return !first.exchange.pinned() && !second.exchange.pinned(); });
  EXPECT_TRUE(log.holds("the plugin came back"));
  Asked fourth;
  gate.open();
  EXPECT_EQ(ask(*who, fourth).kind, AnswerKind::Allow);
}

// Strangers could otherwise shut a plugin off by connecting and leaving.
TEST_F(Waiting, ClientsThatHangUpDoNotOpenTheBreaker) {
  const auto who = misbehaving("blocking", "wait");
  Asked first, second, third;
  for (Asked* asked : {&first, &second}) {
    who->authorize(asked->facts, clock.monotonic_ns() + 1'000'000'000, *asked);
    ASSERT_TRUE(say.passed());
    who->cancel(*asked);
  }
  EXPECT_FALSE(log.holds("stuck"));
  who->authorize(third.facts, 0, third);
  gate.open(3);
  until([&] { return third.answers == 1 && !first.exchange.pinned() && !second.exchange.pinned(); });
  EXPECT_EQ(third.answer->kind, AnswerKind::Allow);
  EXPECT_FALSE(log.holds("deadline"));
}

// Nor fill its queue: what nobody waits for any more makes room for those who do.
TEST_F(Waiting, CallsThatWereCancelledInTheQueueMakeRoom) {
  const auto who = misbehaving("blocking", "wait");
  std::vector<std::unique_ptr<Asked>> inside;
  for (int i = 0; i < 2; ++i) {  // both threads
    inside.push_back(std::make_unique<Asked>());
    who->authorize(inside.back()->facts, 0, *inside.back());
    ASSERT_TRUE(say.passed());
  }
  for (int i = 0; i < 100; ++i) {  // a queue of two
    Asked gone;
    who->authorize(gone.facts, 0, gone);
    who->cancel(gone);
    until([&] { return !gone.exchange.pinned(); });
    ASSERT_EQ(gone.answers, 0) << i;
  }
  Asked third, fourth, fifth;
  for (Asked* asked : {&third, &fourth, &fifth}) who->authorize(asked->facts, 0, *asked);
  until([&] { return fifth.answers == 1; });
  EXPECT_EQ(fifth.answer->code, "queue") << "the bound holds for those who wait";
  EXPECT_EQ(third.answers + fourth.answers, 0);
  gate.open(4);
  until([&] { return third.answers == 1 && fourth.answers == 1; });
  EXPECT_EQ(third.answer->kind, AnswerKind::Allow);
  EXPECT_EQ(fourth.answer->kind, AnswerKind::Allow);
}

TEST_F(Waiting, HintsTakeNoPlaceInTheQueue) {
  const auto owing = misbehaving("blocking-async", "later");
  std::vector<std::unique_ptr<Asked>> owed;
  for (int i = 0; i < 2; ++i) {  // pending: no thread is inside, an answer is owed
    owed.push_back(std::make_unique<Asked>());
    owing->authorize(owed.back()->facts, 0, *owed.back());
    ASSERT_TRUE(say.passed());
  }
  auto settings = authorizer("test.blocking-async", R"({"do": "wait", "gate": )" + std::to_string(gate.read_end()) +
                                                        R"(, "say": )" + std::to_string(say.write_end()) + "}");
  settings.name = "other";
  const auto who = make(settings);
  std::vector<std::unique_ptr<Asked>> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(std::make_unique<Asked>());
    // Behind two that hold both threads: two hints come in between.
    if (i == 2)
      for (const auto& asked : owed) owing->cancel(*asked);
    who->authorize(all.back()->facts, 0, *all.back());
    if (i < 2) {
      ASSERT_TRUE(say.passed());
    }
  }
  for (int i = 0; i < 5; ++i) loop.turn(1);
  EXPECT_EQ(all[2]->answers + all[3]->answers, 0) << "they wait for a thread, and are not refused";
  gate.open(6);
  until([&] { return all[0]->answers + all[1]->answers + all[2]->answers + all[3]->answers == 4; });
  for (const auto& asked : all) EXPECT_EQ(asked->answer->kind, AnswerKind::Allow);
  until([&] { return !owed[0]->exchange.pinned() && !owed[1]->exchange.pinned(); });
}

TEST_F(Waiting, TheBreakerOpensWhenTooManyAnswersAreOwed) {
  const auto who = misbehaving("nonblocking-async", "later");
  std::vector<std::unique_ptr<Asked>> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(std::make_unique<Asked>());
    who->authorize(all.back()->facts, 0, *all.back());
    ASSERT_TRUE(say.passed());
    who->cancel(*all.back());
  }
  Asked refused;
  who->authorize(refused.facts, 0, refused);
  EXPECT_EQ(refused.answer->code, "breaker");
  EXPECT_TRUE(log.holds("owes too many answers"));
  gate.open(3);
  until([&] { return !all[0]->exchange.pinned() && !all[1]->exchange.pinned() && !all[2]->exchange.pinned(); });
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(say.passed());
  Asked again;
  who->authorize(again.facts, 0, again);
  ASSERT_TRUE(say.passed());
  gate.open();
  until([&] { return again.answers == 1; });
  EXPECT_EQ(again.answer->kind, AnswerKind::Allow);
}

TEST_F(Waiting, AHintThatAnswersAndThrowsIsContained) {
  for (const char* plugin : {"nonblocking-async", "blocking-async"}) {
    const auto who = misbehaving(plugin, "throw in cancel");
    Asked asked;
    who->authorize(asked.facts, 0, asked);
    ASSERT_TRUE(say.passed());
    for (int i = 0; i < 3; ++i) loop.turn(1);
    EXPECT_TRUE(asked.exchange.pinned());
    who->cancel(asked);
    until([&] { return !asked.exchange.pinned(); });
    EXPECT_EQ(asked.answers, 0);
    who->cancel(asked);  // what is over cannot be cancelled
  }
  until([&] { return log.count("exception across the ABI") == 2; });
}

}  // namespace
}  // namespace gatehouse::plugin::test
