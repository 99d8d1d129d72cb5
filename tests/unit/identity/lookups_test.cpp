#include "identity/lookups.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "identity/session.hpp"
#include "store_support.hpp"

namespace gatehouse::identity {
namespace {

using testing::key;
using testing::open_sqlite;
using testing::role;
using testing::user;
using testing::writing;

constexpr const char* kAnnsKey = "AKIAANNANNANNANNANNA";
constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr const char* kAllowAll =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";

/// A store in front of another that can be switched off.
class Switch final : public Store {
 public:
  explicit Switch(std::shared_ptr<Store> behind) : Store(behind->ring()), behind_(std::move(behind)) {}
  Outcome<std::uint64_t> version() override {
    if (!on) return refuse("ServiceFailure", "off");
    return behind_->version();
  }
  Outcome<void> note_used(const std::vector<Use>& uses) override { return behind_->note_used(uses); }
  Outcome<std::size_t> reseal(const std::function<void(std::size_t)>& told) override { return behind_->reseal(told); }
  bool writable() const noexcept override { return behind_->writable(); }
  std::string_view name() const noexcept override { return behind_->name(); }
  bool on = true;
  int reads = 0;

 protected:
  Outcome<void> transact(bool writes, const std::function<bool(Tables&)>& body) override {
    ++reads;
    if (!on) return refuse("ServiceFailure", "off");
    const auto through = [&](Tables& tables) -> Outcome<bool> {
      if (!body(tables)) return refuse("Undone", "");
      return true;
    };
    const auto done = writes ? behind_->write<bool>(through) : behind_->read<bool>(through);
    if (!done && done.error().code != "Undone") return tl::unexpected<Fault>(done.error());
    return {};
  }

 private:
  std::shared_ptr<Store> behind_;
};

struct Told final : Lookups::Waiter {
  void found(const Lookups::Found* what) noexcept override {
    ++times;
    lost = what == nullptr;
    if (what != nullptr) last = *what;
  }
  int times = 0;
  bool lost = false;
  Lookups::Found last;
};

class LookupsTest : public ::testing::Test {
 protected:
  LookupsTest() {
    real_ = open_sqlite(folder_.file("identity.db"));
    store_ = std::make_shared<Switch>(real_);
    writing(*real_, [](Tables& tables) {
      tables.put(user("AIDAANN", "ann", "/dev/"));
      tables.put_inline("AIDAANN", {"all", kAllowAll});
      tables.put(key(kAnnsKey, "AIDAANN", kSecret));
    });
  }
  void begin(Lookups::Settings settings = {}) {
    settings.poll_ms = 3'600'000;  // tests ask by refresh()
    Lookups::Doors doors;
    doors.run = [this](std::function<void()> task) {
      if (full_) return false;
      tasks_.push_back(std::move(task));
      return true;
    };
    doors.post = [this](std::uint32_t worker, std::function<void()> task) {
      EXPECT_EQ(worker, 0u);
      posted_.push_back(std::move(task));
      return true;
    };
    lookups_ = Lookups::start(std::make_shared<Directory>(store_), settings, std::move(doors), clock_);
  }
  Lookups::Query query(std::string_view id, std::optional<std::string_view> token = std::nullopt) const {
    return {id, token, "20260115", "us-east-1", "execute-api"};
  }
  Lookups::Answer ask(const Lookups::Query& what) {
    return lookups_->find(0, what, found_, [this] {
      told_.push_back(std::make_shared<Told>());
      return told_.back();
    });
  }
  /// What waits runs: the executor's first, then the loop's.
  void run() {
    while (!tasks_.empty()) {
      const auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    while (!posted_.empty()) {
      const auto task = std::move(posted_.front());
      posted_.pop_front();
      task();
    }
  }
  Lookups::Found find(const Lookups::Query& what) {
    const Lookups::Answer answer = ask(what);
    if (answer == Lookups::Answer::Now) return found_;
    EXPECT_EQ(answer, Lookups::Answer::Later);
    run();
    EXPECT_EQ(told_.back()->times, 1);
    EXPECT_FALSE(told_.back()->lost);
    return told_.back()->last;
  }
  std::string token_of(Session session) {
    base::SystemRandom random;
    return seal_session(session, real_->ring(), random).value();
  }
  Session session_of(const std::string& role_id) {
    Session out;
    out.access_key_id = "ASIASESSIONSESSIONSE";
    out.secret = base::Secret("session-secret");
    out.account = testing::kAccount;
    out.principal_id = role_id;
    out.name = "job1";
    out.issued = clock_.unix_ms() / 1000;
    out.expires = out.issued + 3600;
    return out;
  }

  testing::Folder folder_;
  base::FixedClock clock_{1'768'472'130'000};
  std::shared_ptr<Store> real_;
  std::shared_ptr<Switch> store_;
  std::deque<std::function<void()>> tasks_, posted_;
  bool full_ = false;
  std::vector<std::shared_ptr<Told>> told_;
  Lookups::Found found_;
  std::shared_ptr<Lookups> lookups_;
};

TEST_F(LookupsTest, S6_AKeyAndItsOwner) {
  begin();
  const Lookups::Found found = find(query(kAnnsKey));
  ASSERT_EQ(found.status, KeyStatus::Ok);
  SigningKey expected{};
  ASSERT_TRUE(derive_signing_key(kSecret, "20260115", "us-east-1", "execute-api", expected));
  EXPECT_EQ(found.signing_key, expected);
  ASSERT_NE(found.caller, nullptr);
  EXPECT_EQ(found.caller->arn, "arn:aws:iam::111122223333:user/dev/ann");
  EXPECT_EQ(found.caller->user_id, "AIDAANN");
  ASSERT_EQ(found.caller->policies.size(), 1u);
  ASSERT_NE(found.caller->find("aws:username"), nullptr);
  EXPECT_EQ(found.caller->find("aws:username")->values.front(), "ann");
  EXPECT_EQ(found.caller->find("aws:tokenissuetime"), nullptr) << "a long-term key";
}

TEST_F(LookupsTest, WhatIsKnownIsNotReadAgain) {
  begin();
  find(query(kAnnsKey));
  const int reads = store_->reads;
  EXPECT_EQ(ask(query(kAnnsKey)), Lookups::Answer::Now);
  Lookups::Query other = query(kAnnsKey);
  other.service = "sts";
  EXPECT_EQ(ask(other), Lookups::Answer::Now) << "another signing key of the same secret";
  SigningKey expected{};
  ASSERT_TRUE(derive_signing_key(kSecret, "20260115", "us-east-1", "sts", expected));
  EXPECT_EQ(found_.signing_key, expected);
  EXPECT_EQ(store_->reads, reads);
}

TEST_F(LookupsTest, AWriteIsSeenAtTheNextQuestion) {
  begin();
  find(query(kAnnsKey));
  writing(*real_, [](Tables& tables) {
    AccessKey off = *tables.key(kAnnsKey);
    off.active = false;
    tables.put(off);
  });
  EXPECT_EQ(ask(query(kAnnsKey)), Lookups::Answer::Now) << "nobody has looked yet";
  lookups_->refresh();
  const Lookups::Found found = find(query(kAnnsKey));
  EXPECT_EQ(found.status, KeyStatus::Inactive);
  EXPECT_EQ(found.caller, nullptr);
}

TEST_F(LookupsTest, AChangedSecretChangesTheSigningKey) {
  begin();
  const SigningKey before = find(query(kAnnsKey)).signing_key;
  writing(*real_, [](Tables& tables) { tables.put(key(kAnnsKey, "AIDAANN", "another-secret")); });
  lookups_->refresh();
  EXPECT_NE(find(query(kAnnsKey)).signing_key, before);
}

TEST_F(LookupsTest, S11_AnUnknownKeyHasADummy) {
  begin();
  const Lookups::Found unknown = find(query("AKIANOBODYNOBODYNOBO"));
  EXPECT_EQ(unknown.status, KeyStatus::Unknown);
  EXPECT_EQ(unknown.caller, nullptr);
  EXPECT_NE(unknown.signing_key, SigningKey{});
  SigningKey of_nothing{};
  ASSERT_TRUE(derive_signing_key("", "20260115", "us-east-1", "execute-api", of_nothing));
  EXPECT_NE(unknown.signing_key, of_nothing) << "nobody may sign with it";
  // It is remembered for a second.
  const int reads = store_->reads;
  EXPECT_EQ(ask(query("AKIANOBODYNOBODYNOBO")), Lookups::Answer::Now);
  clock_.advance_ms(1'001);
  EXPECT_EQ(ask(query("AKIANOBODYNOBODYNOBO")), Lookups::Answer::Later);
  run();
  EXPECT_EQ(store_->reads, reads + 1);
}

TEST_F(LookupsTest, S12_StrangersDoNotPushKeysOut) {
  Lookups::Settings settings;
  settings.entries = 4;
  settings.unknown = 8;
  begin(settings);
  find(query(kAnnsKey));
  for (int i = 0; i < 100; ++i) find(query("AKIAMADEUP" + std::to_string(i)));
  EXPECT_EQ(ask(query(kAnnsKey)), Lookups::Answer::Now);
}

TEST_F(LookupsTest, S6_TokensThatDoNotBelong) {
  begin();
  EXPECT_EQ(find(query(kAnnsKey, "anything")).status, KeyStatus::BadToken) << "a long-term key has none";
  EXPECT_EQ(find(query("ASIANOBODYNOBODYNOBO")).status, KeyStatus::Unknown) << "a temporary key without a token";
  EXPECT_EQ(find(query("ASIANOBODYNOBODYNOBO", "AAAA")).status, KeyStatus::BadToken);
  EXPECT_EQ(find(query("ASIANOBODYNOBODYNOBO", "")).status, KeyStatus::BadToken);
}

TEST_F(LookupsTest, AFixedTokenGoesWithItsKeyOrNoneDoes) {
  writing(*real_, [](Tables& tables) {
    AccessKey suite = key("AKIDEXAMPLE", "AIDAANN", kSecret);
    suite.fixed_token = base::Secret("the-token\nanother\n");
    tables.put(suite);
  });
  begin();
  EXPECT_EQ(find(query("AKIDEXAMPLE", "the-token")).status, KeyStatus::Ok);
  EXPECT_EQ(find(query("AKIDEXAMPLE", "another")).status, KeyStatus::Ok);
  EXPECT_EQ(find(query("AKIDEXAMPLE", "the-token\nanother")).status, KeyStatus::BadToken);
  EXPECT_EQ(find(query("AKIDEXAMPLE")).status, KeyStatus::Ok);
  EXPECT_EQ(find(query("AKIDEXAMPLE", "the-tokem")).status, KeyStatus::BadToken);
  EXPECT_EQ(find(query("AKIDEXAMPLE", "")).status, KeyStatus::BadToken);
}

TEST_F(LookupsTest, S6_SessionsEndWhileTheyAreRemembered) {
  writing(*real_, [](Tables& tables) { tables.put(role("AROAREADER", "Reader")); });
  begin();
  const std::string token = token_of(session_of("AROAREADER"));
  const Lookups::Found found = find(query("ASIASESSIONSESSIONSE", token));
  ASSERT_EQ(found.status, KeyStatus::Ok);
  EXPECT_EQ(found.caller->arn, "arn:aws:sts::111122223333:assumed-role/Reader/job1");
  EXPECT_EQ(found.caller->principal_arn, "arn:aws:iam::111122223333:role/Reader");
  EXPECT_NE(found.caller->find("aws:tokenissuetime"), nullptr);
  for (int second = 0; second < 3600; second += 600) {
    lookups_->refresh();
    EXPECT_EQ(find(query("ASIASESSIONSESSIONSE", token)).status, KeyStatus::Ok) << second;
    clock_.advance_ms(600'000);
  }
  lookups_->refresh();
  const Lookups::Found over = find(query("ASIASESSIONSESSIONSE", token));
  EXPECT_EQ(over.status, KeyStatus::Expired);
  EXPECT_EQ(over.caller, nullptr);
}

TEST_F(LookupsTest, STS_20_SessionsOfARoleThatWasMadeAnew) {
  writing(*real_, [](Tables& tables) { tables.put(role("AROAREADER", "Reader")); });
  begin();
  const std::string token = token_of(session_of("AROAREADER"));
  ASSERT_EQ(find(query("ASIASESSIONSESSIONSE", token)).status, KeyStatus::Ok);
  writing(*real_, [](Tables& tables) {
    tables.remove_role("AROAREADER");
    tables.put(role("AROAREADER2", "Reader"));
  });
  lookups_->refresh();
  EXPECT_EQ(find(query("ASIASESSIONSESSIONSE", token)).status, KeyStatus::BadToken);
}

TEST_F(LookupsTest, RevokedSessionsOfARole) {
  writing(*real_, [](Tables& tables) { tables.put(role("AROAREADER", "Reader")); });
  begin();
  const std::string token = token_of(session_of("AROAREADER"));
  ASSERT_EQ(find(query("ASIASESSIONSESSIONSE", token)).status, KeyStatus::Ok);
  writing(*real_, [this](Tables& tables) {
    Role revoked = *tables.role_by_id("AROAREADER");
    revoked.not_before = clock_.unix_ms() / 1000 + 1;
    tables.put(revoked);
  });
  lookups_->refresh();
  EXPECT_EQ(find(query("ASIASESSIONSESSIONSE", token)).status, KeyStatus::BadToken);
}

TEST_F(LookupsTest, ManyWhoWaitForOneKeyAreOneRead) {
  begin();
  const int reads = store_->reads;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(query(kAnnsKey)), Lookups::Answer::Later);
  EXPECT_EQ(tasks_.size(), 1u);
  run();
  EXPECT_EQ(store_->reads, reads + 1);
  for (const auto& one : told_) {
    EXPECT_EQ(one->times, 1);
    EXPECT_EQ(one->last.status, KeyStatus::Ok);
  }
}

TEST_F(LookupsTest, WhoComesAfterAWriteDoesNotWaitForAReadFromBefore) {
  begin();
  ASSERT_EQ(ask(query(kAnnsKey)), Lookups::Answer::Later);
  tasks_.front()();  // has read, and takes its time to come back
  tasks_.pop_front();
  AccessKey off = key(kAnnsKey, "AIDAANN", kSecret);
  off.active = false;
  writing(*real_, [&](Tables& tables) { tables.put(off); });
  lookups_->refresh();
  ASSERT_EQ(ask(query(kAnnsKey)), Lookups::Answer::Later);
  run();
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[0]->last.status, KeyStatus::Ok) << "asked before";
  EXPECT_EQ(told_[1]->last.status, KeyStatus::Inactive);
  EXPECT_EQ(told_[0]->times + told_[1]->times, 2);
  EXPECT_EQ(find(query(kAnnsKey)).status, KeyStatus::Inactive);
}

TEST_F(LookupsTest, FullQueuesRefuse) {
  Lookups::Settings settings;
  settings.waiting = 2;
  begin(settings);
  EXPECT_EQ(ask(query("AKIA1")), Lookups::Answer::Later);
  EXPECT_EQ(ask(query("AKIA2")), Lookups::Answer::Later);
  EXPECT_EQ(ask(query("AKIA3")), Lookups::Answer::Full);
  run();
  full_ = true;
  EXPECT_EQ(ask(query("AKIA3")), Lookups::Answer::Full);
  full_ = false;
  EXPECT_EQ(ask(query("AKIA3")), Lookups::Answer::Later);
  run();
}

TEST_F(LookupsTest, AStoreThatIsGoneMakesEverybodyUnknown) {
  begin();
  find(query(kAnnsKey));
  store_->on = false;
  clock_.advance_ms(4'999);
  lookups_->refresh();
  EXPECT_EQ(ask(query(kAnnsKey)), Lookups::Answer::Now) << "five seconds are not over";
  EXPECT_EQ(ask(query("AKIAOTHER")), Lookups::Answer::Later);
  run();
  EXPECT_TRUE(told_.back()->lost);
  clock_.advance_ms(2);
  lookups_->refresh();
  EXPECT_EQ(ask(query(kAnnsKey)), Lookups::Answer::Lost);
  store_->on = true;
  lookups_->refresh();
  EXPECT_EQ(ask(query(kAnnsKey)), Lookups::Answer::Now);
}

TEST_F(LookupsTest, ARowThatCannotBeWeighedMakesItsOwnerUnsound) {
  writing(*real_, [](Tables& tables) {
    tables.put(user("AIDABOB", "bob"));
    tables.put_inline("AIDABOB", {"broken", R"({"Version":"2012-10-17","Statement":[{"Effect":"allow"}]})"});
    tables.put(key("AKIABOB", "AIDABOB"));
  });
  begin();
  const Lookups::Found bob = find(query("AKIABOB"));
  ASSERT_EQ(bob.status, KeyStatus::Ok);
  EXPECT_FALSE(bob.caller->sound);
  EXPECT_NE(bob.caller->unsound_why.find("inline policy `broken` of user `bob`"), std::string::npos);
  EXPECT_TRUE(find(query(kAnnsKey)).caller->sound);
}

TEST_F(LookupsTest, LastUseIsNotedOnceAMinuteAndWrittenTogether) {
  begin();
  const Lookups::Found found = find(query(kAnnsKey));
  lookups_->used(*found.caller, "execute-api", "us-east-1");
  const std::int64_t first = clock_.unix_ms() / 1000;
  clock_.advance_ms(30'000);
  lookups_->used(*found.caller, "sts", "us-east-1");
  lookups_->refresh();
  const LastUsed last = testing::reading<LastUsed>(*real_, [](Tables& tables) { return tables.last_used(kAnnsKey); });
  EXPECT_EQ(last.when, first);
  EXPECT_EQ(last.service, "execute-api");
}

}  // namespace
}  // namespace gatehouse::identity
