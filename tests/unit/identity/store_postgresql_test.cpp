#include <gmock/gmock.h>

#include <thread>

#include "identity/migrations.hpp"
#include "identity/sql_conninfo.hpp"
#include "identity/sql_postgresql.hpp"
#include "unit/identity/store_support.hpp"

namespace gatehouse::identity::testing {
namespace {

using ::testing::HasSubstr;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// What PostgreSQL alone has: connections that break, others who write. The story identity_postgresql sets the
/// variables.
class StorePostgresql : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = variable("GATEHOUSE_TEST_POSTGRESQL");
    if (server_.empty()) GTEST_SKIP() << "GATEHOUSE_TEST_POSTGRESQL names no server";
    admin()->run_once("DROP SCHEMA IF EXISTS gatehouse CASCADE");
    store_ = open().value();
  }
  Result<std::shared_ptr<Store>> open(const std::string& more = "", std::int64_t timeout_ms = 10'000) {
    Store::Options options;
    options.postgresql = server_ + more;
    options.timeout_ms = timeout_ms;
    return Store::open(options, ring_of({"k1"}));
  }
  std::unique_ptr<Connection> admin() {
    auto conninfo = Conninfo::parse(server_ + " application_name=admin").value();
    return connect_postgresql(conninfo.poco().value(), 5'000);
  }
  void end_connections() {
    // Which ones first, then their end: the planner may turn two conditions about.
    admin()->run_once(
        "SELECT CAST(pg_terminate_backend(pid) AS TEXT) FROM "
        "(SELECT pid FROM pg_stat_activity WHERE application_name = 'gatehouse' OFFSET 0) AS ours",
        1);
  }
  std::string server_;
  std::shared_ptr<Store> store_;
};

TEST_F(StorePostgresql, ALostIdleConnectionIsNotNoticed) {
  writing(*store_, [](Tables& t) { t.put(user("AIDA1", "ann")); });
  end_connections();
  EXPECT_TRUE(reading<bool>(*store_, [](Tables& t) { return t.user(kAccount, "ann").has_value(); }));
  end_connections();
  EXPECT_TRUE(store_->version());
  end_connections();
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(user("AIDA2", "bob")); }), "");
}

TEST_F(StorePostgresql, AConnectionLostInATransactionIsAFaultAndTheNextCallPasses) {
  EXPECT_EQ(fault_of(*store_,
                     [&](Tables& t) {
                       t.put(user("AIDA1", "ann"));
                       end_connections();
                       t.put(user("AIDA2", "bob"));
                     }),
            "ServiceFailure");
  EXPECT_FALSE(reading<bool>(*store_, [](Tables& t) { return t.user(kAccount, "ann").has_value(); }));
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(user("AIDA1", "ann")); }), "");
}

TEST_F(StorePostgresql, AServerThatIsGoneIsAFaultUntilItIsBack) {
  const std::string control = variable("GATEHOUSE_TEST_POSTGRESQL_CONTROL");
  if (control.empty()) GTEST_SKIP() << "GATEHOUSE_TEST_POSTGRESQL_CONTROL names no command to stop the server";
  writing(*store_, [](Tables& t) { t.put(user("AIDA1", "ann")); });
  ASSERT_EQ(std::system((control + " -m immediate stop").c_str()), 0);  // as if it had crashed
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(store_->version().error().code, "ServiceFailure");
    EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(user("AIDA2", "bob")); }), "ServiceFailure");
  }
  ASSERT_EQ(std::system((control + " start").c_str()), 0);
  EXPECT_TRUE(reading<bool>(*store_, [](Tables& t) { return t.user(kAccount, "ann").has_value(); }));
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(user("AIDA2", "bob")); }), "");
}

TEST_F(StorePostgresql, RepeatsWhenSomebodyElseWroteInBetween) {
  writing(*store_, [](Tables& t) { t.put(user("AIDA1", "ann")); });
  int runs = 0;
  const auto other = admin();
  writing(*store_, [&](Tables& t) {
    User ann = t.user_by_id("AIDA1").value();
    if (++runs == 1) other->run_once("UPDATE users SET created = 5 WHERE id = 'AIDA1'");  // psql, say
    ann.created += 1;
    t.put(ann);
  });
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(reading<std::int64_t>(*store_, [](Tables& t) { return t.user_by_id("AIDA1")->created; }), 6);
}

TEST_F(StorePostgresql, LeavesAServerThatTakesNoWrites) {
  const std::string database(Conninfo::parse(server_)->get("dbname"));
  admin()->run_once("ALTER DATABASE " + database + " SET default_transaction_read_only = on");
  end_connections();  // as when a primary has become a standby
  const auto out = store_->write<bool>([](Tables& t) -> Outcome<bool> {
    t.put(user("AIDA1", "ann"));
    return true;
  });
  const auto other = admin();
  other->run_once("SET default_transaction_read_only = off");
  other->run_once("ALTER DATABASE " + database + " RESET default_transaction_read_only");
  ASSERT_FALSE(out);
  EXPECT_THAT(out.error().message, HasSubstr("takes no writes"));
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(user("AIDA1", "ann")); }), "");
}

TEST_F(StorePostgresql, NeedsNoMoreThanTheRightToReadAndWriteItsTables) {
  const auto owner = admin();
  owner->run_once("DROP ROLE IF EXISTS gatehouse_modest");
  owner->run_once("CREATE ROLE gatehouse_modest LOGIN PASSWORD 'modest'");
  owner->run_once("GRANT USAGE ON SCHEMA gatehouse TO gatehouse_modest");
  owner->run_once("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA gatehouse TO gatehouse_modest");
  const auto store = open(" user=gatehouse_modest password=modest");
  ASSERT_TRUE(store) << store.error().what();
  EXPECT_EQ(fault_of(**store, [](Tables& t) { t.put(user("AIDA1", "ann")); }), "");
  EXPECT_TRUE(reading<bool>(**store, [](Tables& t) { return t.user(kAccount, "ann").has_value(); }));
  owner->run_once("DROP SCHEMA gatehouse CASCADE");
  const auto without = open(" user=gatehouse_modest password=modest");
  EXPECT_FALSE(without) << "it made a schema without the right to";
  owner->run_once("DROP OWNED BY gatehouse_modest");
  owner->run_once("DROP ROLE gatehouse_modest");
}

TEST_F(StorePostgresql, DoesNotWaitForEverForALock) {
  const auto other = admin();
  other->run_once("BEGIN");
  other->run_once("LOCK TABLE meta IN EXCLUSIVE MODE");
  const auto store = open("", 1'000).value();
  const auto out = store->write<bool>([](Tables&) -> Outcome<bool> { return true; });
  ASSERT_FALSE(out);
  EXPECT_THAT(out.error().message, HasSubstr("in time"));
  EXPECT_TRUE(store->version());
  other->run_once("ROLLBACK");
  EXPECT_EQ(fault_of(*store, [](Tables& t) { t.put(user("AIDA1", "ann")); }), "");
}

TEST_F(StorePostgresql, MigratesAndRefusesANewerSchema) {
  admin()->run_once("DROP SCHEMA gatehouse CASCADE");
  migrate(*admin(), 1);
  admin()->run_once(
      "INSERT INTO users (id, account, path, name, folded, boundary, created) VALUES "
      "('AIDA1', '111122223333', '/', 'Ann', 'ann', '', 42)");
  const auto store = open();
  ASSERT_TRUE(store) << store.error().what();
  EXPECT_EQ(reading<std::int64_t>(**store, [](Tables& t) { return t.user(kAccount, "ann")->created; }), 42);
  admin()->run_once("UPDATE schema_version SET schema = 99");
  const auto newer = open();
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, Code::Refused);
  EXPECT_THAT(newer.error().text, HasSubstr("schema version 99"));
}

TEST_F(StorePostgresql, ManyWhoOpenItMakeItOnce) {
  admin()->run_once("DROP SCHEMA gatehouse CASCADE");
  std::vector<std::thread> openers;
  for (int i = 0; i < 6; ++i)
    openers.emplace_back([&] {
      const auto store = open();
      EXPECT_TRUE(store) << store.error().what();
    });
  for (auto& opener : openers) opener.join();
}

TEST_F(StorePostgresql, AUserWithoutRightsIsToldSoAndNoPasswordIsShown) {
  const auto store = open(" user=nobody password=sesame");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::Unavailable);
  EXPECT_THAT(store.error().text, HasSubstr("authentication failed"));
  EXPECT_EQ(store.error().text.find("sesame"), std::string::npos);
}

TEST_F(StorePostgresql, SpeaksTlsAsTheConnectionStringSays) {
  const std::string authority = variable("GATEHOUSE_TEST_POSTGRESQL_CA");
  if (authority.empty()) GTEST_SKIP() << "GATEHOUSE_TEST_POSTGRESQL_CA names no certificate";
  EXPECT_TRUE(open(" sslmode=verify-full sslrootcert=" + authority));
  const auto wrong = open(" sslmode=verify-full sslrootcert=/etc/hostname");
  ASSERT_FALSE(wrong);
  const auto conninfo = Conninfo::parse(server_ + " sslmode=verify-full sslrootcert=" + authority).value();
  const auto rows = connect_postgresql(conninfo.poco().value(), 2'000)
                        ->run_once("SELECT CAST(ssl AS TEXT) FROM pg_stat_ssl WHERE pid = pg_backend_pid()", 1);
  EXPECT_EQ(rows.at(0).at(0), "true");
}

TEST_F(StorePostgresql, AcknowledgesWhatIsOnTheDiskOnly) {
  auto conninfo = Conninfo::parse(server_ + " options='-c synchronous_commit=off'").value();
  const auto rows =
      connect_postgresql(conninfo.poco().value(), 2'000)->run_once("SELECT current_setting('synchronous_commit')", 1);
  EXPECT_EQ(rows.at(0).at(0), "on");
}

TEST(StorePostgresqlAbsent, AServerThatIsNotThereIsAnError) {
  Store::Options options;
  options.postgresql = "host=127.0.0.1 port=1 dbname=x password=sesame";
  options.timeout_ms = 1'000;
  const auto store = Store::open(options, ring_of({"k1"}));
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::Unavailable);
  EXPECT_THAT(store.error().text, HasSubstr("postgresql:127.0.0.1:1/x"));
  EXPECT_EQ(store.error().text.find("sesame"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::identity::testing
