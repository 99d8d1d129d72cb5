// Authorizers on their way out: nothing is unmapped while somebody is inside, and nothing is left behind.
#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

class Lifetime : public HostTest {
 protected:
  void gone() {
    until([this] { return !mapped(); });
  }
};

TEST_F(Lifetime, TheLastPointerUnloads) {
  auto who = make(authorizer("com.example.echo"));
  EXPECT_TRUE(mapped());
  who.reset();
  gone();
}

TEST_F(Lifetime, TheHostWaitsForWhatIsOnItsWayOut) {
  auto who = make(authorizer("com.example.patient"));
  who.reset();
  host.reset();
  EXPECT_FALSE(mapped());
}

TEST_F(Lifetime, NothingIsUnloadedWhileAThreadIsInside) {
  auto who = misbehaving("blocking", "wait");
  Asked asked;
  who->authorize(asked.facts, 0, asked);
  ASSERT_TRUE(say.passed());
  who->cancel(asked);
  who.reset();
  for (int i = 0; i < 5; ++i) loop.turn(1);
  EXPECT_TRUE(mapped());
  EXPECT_TRUE(asked.exchange.pinned());
  gate.open();
  gone();
  EXPECT_FALSE(asked.exchange.pinned());
  EXPECT_EQ(asked.answers, 0);
}

TEST_F(Lifetime, NothingIsUnloadedWhileAnAnswerIsOwed) {
  auto who = misbehaving("nonblocking-async", "later");
  Asked asked;
  who->authorize(asked.facts, 0, asked);
  ASSERT_TRUE(say.passed());
  who->cancel(asked);
  who.reset();
  for (int i = 0; i < 5; ++i) loop.turn(1);
  EXPECT_TRUE(mapped());
  gate.open();
  gone();
  EXPECT_FALSE(asked.exchange.pinned());
}

TEST_F(Lifetime, WhatDoesNotComeBackInTimeIsKeptAndSaid) {
  retire_ms = 30;
  make_host({});
  auto who = misbehaving("nonblocking-async", "pending");
  Asked asked;
  who->authorize(asked.facts, 0, asked);
  ASSERT_TRUE(say.passed());
  who->cancel(asked);
  who.reset();
  until([&] { return log.holds("still owes answers: it stays in memory plugin=test.nonblocking-async"); });
  EXPECT_TRUE(mapped());
  until([&] { return host->leftovers() == 1; });
  EXPECT_TRUE(log.holds("a library stays mapped: its code does not come back plugin=test.nonblocking-async library=/"));
  host.reset();  // and does not wait for ever
}

TEST_F(Lifetime, AClosedLoopOwesNothing) {
  auto who = misbehaving("blocking", "wait");
  Asked asked;
  who->authorize(asked.facts, 0, asked);
  ASSERT_TRUE(say.passed());
  loop.close();
  gate.open();
  who.reset();
  host.reset();  // would wait for its limit
  EXPECT_FALSE(mapped());
  EXPECT_EQ(asked.answers, 0);
}

TEST_F(Lifetime, ReplacedAgainAndAgainUnderCalls) {
  const TemporaryDirectory folder;
  std::string bytes = read_file(good_plugins() + "/patient.so");
  folder.write("patient.so", bytes);
  make_host({folder.path()});
  std::vector<std::unique_ptr<Asked>> all;
  std::shared_ptr<access::Authorizer> who;
  for (int i = 0; i < 20; ++i) {
    // Another file each time: bytes behind the sections are nobody's.
    std::string next = bytes + std::to_string(i);
    std::filesystem::rename(folder.write("next", next), folder.path() + "/patient.so");
    host->scan(plugins);
    auto fresh = make(authorizer("com.example.patient"));
    EXPECT_NE(fresh, who);
    for (int call = 0; call < 10; ++call) {
      all.push_back(std::make_unique<Asked>());
      all.back()->header("x-user", "ann");
      fresh->authorize(all.back()->facts, 0, *all.back());
    }
    who = std::move(fresh);
  }
  for (const auto& asked : all) {
    until([&] { return asked->answers == 1; });
    ASSERT_EQ(asked->answers, 1);
    EXPECT_EQ(asked->answer->kind, access::AnswerKind::Allow) << asked->answer->reason;
  }
  who.reset();
  gone();
}

}  // namespace
}  // namespace gatehouse::plugin::test
