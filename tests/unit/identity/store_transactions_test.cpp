#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "identity/sql_conninfo.hpp"
#include "identity/sql_postgresql.hpp"
#include "unit/identity/store_support.hpp"

namespace gatehouse::identity::testing {
namespace {

class StoreTransactions : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { store_ = GetParam().open(folder_, true, {"k1"}, base::system_clock()); }
  std::shared_ptr<Store> again(const std::vector<std::string>& ring = {"k1"}) {
    return GetParam().open(folder_, false, ring, base::system_clock());
  }
  bool has(const std::string& name) {
    return reading<bool>(*store_, [&](Tables& t) { return t.user(kAccount, name).has_value(); });
  }
  /// As a backup that is put back has it.
  void set_version(std::uint64_t version) {
    const std::string to = "meta SET version = " + std::to_string(version);
    if (GetParam().name == std::string_view("Sqlite"))
      Connection(Engine::Sqlite, folder_.file("identity.db"), 5'000).run_once("UPDATE " + to);
    else
      connect_postgresql(Conninfo::parse(std::getenv("GATEHOUSE_TEST_POSTGRESQL"))->poco().value(), 5'000)
          ->run_once("UPDATE gatehouse." + to);
  }
  Folder folder_;
  std::shared_ptr<Store> store_;
};
INSTANTIATE_TEST_SUITE_P(All, StoreTransactions, ::testing::ValuesIn(backends()),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_P(StoreTransactions, AFaultUndoesAll) {
  const auto out = store_->write<bool>([](Tables& t) -> Outcome<bool> {
    t.put(user("AIDA1", "ann"));
    return refuse("LimitExceeded", "no");
  });
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, "LimitExceeded");
  EXPECT_FALSE(has("ann"));
}

TEST_P(StoreTransactions, AnExceptionUndoesAllAndPasses) {
  EXPECT_THROW(writing(*store_,
                       [](Tables& t) {
                         t.put(user("AIDA1", "ann"));
                         throw std::logic_error("ours");
                       }),
               std::logic_error);
  EXPECT_FALSE(has("ann"));
  writing(*store_, [](Tables& t) { t.put(user("AIDA1", "ann")); });
  EXPECT_TRUE(has("ann"));
}

TEST_P(StoreTransactions, ReadersCannotWrite) {
  const auto out = store_->read<bool>([](Tables& t) -> Outcome<bool> {
    t.put(user("AIDA1", "ann"));
    return true;
  });
  ASSERT_FALSE(out);
  EXPECT_FALSE(has("ann"));
}

TEST_P(StoreTransactions, AReaderSeesOneState) {
  reading<bool>(*store_, [&](Tables& t) {
    EXPECT_FALSE(t.user(kAccount, "ann"));
    writing(*store_, [](Tables& other) { other.put(user("AIDA1", "ann")); });
    EXPECT_FALSE(t.user(kAccount, "ann")) << "a reader sees what was written after it began";
    return true;
  });
  EXPECT_TRUE(has("ann"));
}

TEST_P(StoreTransactions, VersionGrowsWithWritesOnly) {
  const auto other = again();
  const auto first = store_->version().value();
  EXPECT_EQ(other->version().value(), first);
  writing(*other, [](Tables& t) {
    t.put(user("AIDA1", "ann"));
    t.put(key("AKIA1", "AIDA1"));
  });
  const auto second = store_->version().value();
  EXPECT_GT(second, first);
  reading<bool>(*store_, [](Tables& t) { return t.user(kAccount, "ann").has_value(); });
  fault_of(*store_, [](Tables& t) { t.attach("AIDA1", "arn:aws:iam::111122223333:policy/No"); });
  ASSERT_TRUE(store_->note_used({{"AKIA1", {5, "execute-api", "us-east-1"}}}));
  EXPECT_EQ(store_->version().value(), second);
  writing(*store_, [](Tables& t) { t.remove_key("AKIA1"); });
  EXPECT_GT(other->version().value(), second);
}

// A gateway that remembers callers under the numbers of a store meets a backup of it, which goes on from an older one.
TEST_P(StoreTransactions, ARestoredStoreHasNumbersOfItsOwn) {
  base::FixedClock clock(1'767'225'600'000);
  store_ = GetParam().open(folder_, true, {"k1"}, clock);
  writing(*store_, [](Tables& t) { t.put(user("AIDA1", "ann")); });
  const auto backed_up = store_->version().value();
  std::set<std::uint64_t> remembered;
  for (int i = 0; i < 3; ++i) {
    writing(*store_, [&](Tables& t) { t.put(user("AIDB" + std::to_string(i), "bob" + std::to_string(i))); });
    remembered.insert(store_->version().value());
  }
  ASSERT_EQ(remembered.size(), 3u);
  clock.advance_ms(1);
  set_version(backed_up);
  for (int i = 0; i < 3; ++i) {
    writing(*store_, [&](Tables& t) { t.put(user("AIDC" + std::to_string(i), "eve" + std::to_string(i))); });
    EXPECT_EQ(remembered.count(store_->version().value()), 0u);
  }
  store_ = nullptr;  // before its clock
}

TEST_P(StoreTransactions, KeepsTheLatestUseOfAKey) {
  writing(*store_, [](Tables& t) { t.put(key("AKIA1", std::string(kAccount))); });
  const auto used = [&] { return reading<LastUsed>(*store_, [](Tables& t) { return t.last_used("AKIA1"); }); };
  EXPECT_EQ(used().when, 0);
  ASSERT_TRUE(store_->note_used({{"AKIA1", {100, "sts", "eu-central-1"}}, {"AKIANONE", {100, "sts", "x"}}}));
  ASSERT_TRUE(store_->note_used({{"AKIA1", {90, "iam", "us-east-1"}}}));
  EXPECT_EQ(used().when, 100);
  EXPECT_EQ(used().service, "sts");
  ASSERT_TRUE(store_->note_used({{"AKIA1", {110, "execute-api", "us-east-1"}}}));
  EXPECT_EQ(used().service, "execute-api");
  EXPECT_EQ(used().region, "us-east-1");
  EXPECT_EQ(reading<std::int64_t>(*store_, [](Tables& t) { return t.last_used("AKIANONE").when; }), 0);
  writing(*store_, [](Tables& t) {
    t.remove_key("AKIA1");
    t.put(key("AKIA1", std::string(kAccount)));
  });
  EXPECT_EQ(used().when, 0);
  EXPECT_TRUE(store_->note_used({}));
}

// Two stores are two processes to the database: each has connections of its own.
TEST_P(StoreTransactions, WritersComeOneAfterTheOther) {
  writing(*store_, [](Tables& t) { t.put(user("AIDA0", "count")); });
  const auto other = again();
  constexpr int kEach = 25;
  std::atomic<int> failures{0};
  const auto work = [&](const std::shared_ptr<Store>& store) {
    for (int i = 0; i < kEach; ++i) {
      const auto out = store->write<bool>([](Tables& t) -> Outcome<bool> {
        User count = t.user(kAccount, "count").value();
        count.created += 1;  // read, then written: a lost update would show
        t.put(count);
        return true;
      });
      if (!out) ++failures;
    }
  };
  std::thread a(work, store_), b(work, store_), c(work, other), d(work, other);
  a.join(), b.join(), c.join(), d.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(reading<std::int64_t>(*store_, [](Tables& t) { return t.user(kAccount, "count")->created; }),
            1'700'000'000 + 4 * kEach);
}

TEST_P(StoreTransactions, ResealsWithTheNewKey) {
  writing(*store_, [](Tables& t) {
    for (int i = 0; i < 3; ++i) {
      AccessKey one = key("AKIA" + std::to_string(i), std::string(kAccount), "secret" + std::to_string(i));
      one.fixed_token = base::Secret("token");
      t.put(one);
    }
  });
  const auto rotating = again({"k2", "k1"});
  EXPECT_EQ(reading<std::string>(*rotating, [](Tables& t) { return std::string(t.key("AKIA1")->secret.reveal()); }),
            "secret1");
  std::size_t told = 0;
  EXPECT_EQ(rotating->reseal([&](std::size_t so_far) { told = so_far; }).value(), 3u);
  EXPECT_EQ(told, 3u);
  EXPECT_EQ(rotating->reseal().value(), 0u);
  const auto rotated = again({"k2"});
  reading<bool>(*rotated, [](Tables& t) {
    EXPECT_EQ(t.key("AKIA2")->secret.reveal(), "secret2");
    EXPECT_EQ(t.key("AKIA2")->fixed_token.reveal(), "token");
    return true;
  });
}

TEST_P(StoreTransactions, AMissingMasterKeyIsAFaultThatNamesIt) {
  writing(*store_, [](Tables& t) { t.put(key("AKIA1", std::string(kAccount))); });
  const auto other = again({"k9"});
  const auto out = other->read<bool>([](Tables& t) -> Outcome<bool> { return t.key("AKIA1").has_value(); });
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, "ServiceFailure");
  EXPECT_THAT(out.error().message, ::testing::HasSubstr("`k1`"));
  EXPECT_FALSE(other->reseal());
  // It can still be listed and taken away.
  const auto keys = reading<std::vector<AccessKey>>(*other, [](Tables& t) { return t.keys_of(kAccount); });
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_TRUE(keys[0].secret.empty());
  writing(*other, [](Tables& t) { t.remove_key("AKIA1"); });
}

TEST(StoreConnections, AreWaitedForAndNotForEver) {
  const Folder folder;
  Store::Options options;
  options.sqlite = folder.file("identity.db");
  options.connections = 2;
  options.timeout_ms = 100;
  const auto store = Store::open(options, ring_of({"k1"})).value();
  std::promise<void> done;
  const std::shared_future<void> end = done.get_future().share();
  std::array<std::promise<void>, 2> begun;
  std::vector<std::thread> holders;
  for (auto& one : begun)
    holders.emplace_back([&one, &store, end] {
      reading<bool>(*store, [&](Tables& t) {
        t.user(kAccount, "x");
        one.set_value();
        end.wait();
        return true;
      });
    });
  for (auto& one : begun) one.get_future().wait();
  const auto out = store->version();
  done.set_value();
  for (auto& holder : holders) holder.join();
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, "ServiceFailure");
  EXPECT_TRUE(store->version());
}

}  // namespace
}  // namespace gatehouse::identity::testing
