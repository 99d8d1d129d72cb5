#include <gtest/gtest.h>

#include <atomic>

#include "access/caller.hpp"
#include "identity/lookups.hpp"
#include "unit/identity/store_support.hpp"
#include "unit/plugin/support.hpp"

namespace gatehouse::plugin {
namespace {

using access::AnswerKind;
using identity::Lookups;
using test::Asked;

constexpr const char* kKey = "AKIAANNANNANNANNANNA";

/// The same for a plugin whose callbacks come on the loop and for one whose come on the executor.
class IdentityServiceTest : public test::HostTest, public testing::WithParamInterface<const char*> {
 protected:
  IdentityServiceTest() {
    store_ = identity::testing::open_sqlite(folder_.file("identity.db"));
    identity::testing::writing(*store_, [](identity::Tables& tables) {
      tables.put(identity::testing::user("AIDAANN", "ann"));
      tables.put(identity::testing::key(kKey, "AIDAANN"));
      identity::AccessKey off = identity::testing::key("AKIAOFF", "AIDAANN");
      off.active = false;
      tables.put(off);
    });
    Lookups::Settings settings;
    settings.poll_ms = 3'600'000;
    Lookups::Doors doors;
    doors.run = [this, threads = executor.share("identity", 2, 16)](std::function<void()> task) {
      return !full_ && threads->run(std::move(task)) != 0;
    };
    doors.post = [mailbox = loop.mailbox()](std::uint32_t, std::function<void()> task) {
      return mailbox->post(std::move(task));
    };
    lookups_ = Lookups::start(std::make_shared<identity::Directory>(store_), settings, std::move(doors), clock);
    host->set_lookups(lookups_);
  }
  ~IdentityServiceTest() override {
    host.reset();
    lookups_.reset();
  }
  std::shared_ptr<access::Authorizer> judge() {
    config::Authorizer settings = test::authorizer(GetParam());
    settings.grants.identity = true;
    return make(settings);
  }
  /// An answer beyond its request.
  struct Said {
    AnswerKind kind{};
    std::shared_ptr<const void> holds;
    const access::KnownCaller* caller = nullptr;
    std::string principal_id, reason, code;
  };
  Said ask(access::Authorizer& who, const std::string& key, const std::string& what = {}, const char* token = nullptr) {
    Asked asked;
    asked.header("x-key", key);
    if (!what.empty()) asked.header("x-do", what);
    if (token != nullptr) asked.header("x-token", token);
    const access::Answer answer = test::HostTest::ask(who, asked);
    reason_ = answer.reason;
    return {answer.kind,
            answer.holds,
            answer.caller,
            std::string(answer.principal_id),
            std::string(answer.reason),
            std::string(answer.code)};
  }

  identity::testing::Folder folder_;
  std::shared_ptr<identity::Store> store_;
  std::shared_ptr<Lookups> lookups_;
  std::atomic<bool> full_{false};
  std::string reason_;
};
INSTANTIATE_TEST_SUITE_P(Threads, IdentityServiceTest, testing::Values("test.key-judge", "test.key-judge-blocking"),
                         [](const auto& one) { return one.index == 0 ? "Loop" : "Executor"; });

TEST_P(IdentityServiceTest, ThereOnlyWhenGrantedAndWhereThereIsAStore) {
  const auto ungranted = host->make(test::authorizer(GetParam()));
  ASSERT_FALSE(ungranted);
  EXPECT_NE(ungranted.error().text.find("grants: {identity: true}"), std::string::npos) << ungranted.error().text;
  host->set_lookups(nullptr);
  config::Authorizer granted = test::authorizer(GetParam());
  granted.grants.identity = true;
  const auto storeless = host->make(granted);
  ASSERT_FALSE(storeless);
  EXPECT_NE(storeless.error().text.find("write an `identity:` section"), std::string::npos) << storeless.error().text;
}

TEST_P(IdentityServiceTest, TheAnswerBringsTheCallerIn) {
  const auto who = judge();
  for (const char* when : {"read from the store", "remembered"}) {
    const Said answer = ask(*who, kKey);
    ASSERT_EQ(answer.kind, AnswerKind::Allow) << when << ": " << reason_;
    ASSERT_NE(answer.caller, nullptr) << when;
    EXPECT_EQ(answer.caller->arn, "arn:aws:iam::111122223333:user/ann");
    EXPECT_EQ(answer.principal_id, "AIDAANN");
    EXPECT_EQ(answer.reason, answer.caller->arn);
  }
  lookups_->refresh();
  const auto last = identity::testing::reading<identity::LastUsed>(
      *store_, [](identity::Tables& tables) { return tables.last_used(kKey); });
  EXPECT_EQ(last.when, clock.unix_ms() / 1000);
  EXPECT_EQ(last.service, "execute-api");
}

TEST_P(IdentityServiceTest, StatusesAndDummies) {
  const auto who = judge();
  const struct {
    const char* key;
    const char* token;
    std::uint32_t status;
  } kRows[] = {{"AKIANOBODY", nullptr, GH_KEY_UNKNOWN},
               {"AKIAOFF", nullptr, GH_KEY_INACTIVE},
               {kKey, "a-token", GH_KEY_BAD_TOKEN},
               {"ASIANOBODY", "AAAA", GH_KEY_BAD_TOKEN}};
  for (const auto& row : kRows)
    for (int time = 0; time < 2; ++time) {
      EXPECT_EQ(ask(*who, row.key, {}, row.token).kind, AnswerKind::Deny) << row.key;
      EXPECT_EQ(reason_, std::to_string(row.status) + "/32") << row.key;
    }
}

TEST_P(IdentityServiceTest, AHandleIsOfTheLastLookUpOfItsCall) {
  const auto who = judge();
  for (int time = 0; time < 2; ++time)
    for (const char* what : {"stale", "made-up", "deny", "beside", "slashes"}) {
      const Said answer = ask(*who, kKey, what);
      EXPECT_EQ(answer.kind, AnswerKind::Failed) << what;
      EXPECT_EQ(answer.caller, nullptr) << what;
      EXPECT_EQ(answer.code, "invalid_answer") << what;
    }
}

TEST_P(IdentityServiceTest, OneLookUpAtATime) {
  const auto who = judge();
  EXPECT_EQ(ask(*who, kKey, "twice").kind, AnswerKind::Deny);
  EXPECT_EQ(reason_, std::to_string(GH_E_STATE));
  EXPECT_EQ(ask(*who, kKey).kind, AnswerKind::Allow) << "the next call is another's";
}

TEST_P(IdentityServiceTest, WhoAnswersEarlyIsCalledBackAllTheSame) {
  const auto who = judge();
  EXPECT_EQ(ask(*who, kKey, "early").kind, AnswerKind::Deny);
  EXPECT_EQ(ask(*who, kKey).kind, AnswerKind::Allow);
}

TEST_P(IdentityServiceTest, KeysThatNoneCanBe) {
  const auto who = judge();
  EXPECT_EQ(ask(*who, std::string(129, 'A')).kind, AnswerKind::Failed);
  EXPECT_EQ(reason_, std::to_string(GH_E_INVALID));
}

TEST_P(IdentityServiceTest, NoRoomToLookUp) {
  const auto who = judge();
  full_ = true;
  EXPECT_EQ(ask(*who, kKey).kind, AnswerKind::Failed);
  full_ = false;
  EXPECT_EQ(ask(*who, kKey).kind, AnswerKind::Allow);
}

}  // namespace
}  // namespace gatehouse::plugin
