#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "identity/migrations.hpp"
#include "identity/sql_sqlite.hpp"
#include "unit/identity/store_support.hpp"

namespace gatehouse::identity::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

Result<std::shared_ptr<Store>> try_open(const std::string& path, bool create = true) {
  Store::Options options;
  options.sqlite = path;
  options.create = create;
  options.timeout_ms = 200;
  return Store::open(options, ring_of({"k1"}));
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(StoreOpen, MakesFilesForItsUserAlone) {
  const Folder folder;
  const mode_t before = ::umask(0);
  const auto store = try_open(folder.file("identity.db"));
  ::umask(before);
  ASSERT_TRUE(store) << store.error().what();
  writing(**store, [](Tables& t) { t.put(user("AIDA1", "ann")); });
  for (const char* end : {"", "-wal", "-shm"}) EXPECT_EQ(mode_of(folder.file("identity.db") + end), 0600u) << end;
  EXPECT_EQ((*store)->name(), "sqlite:" + fs::canonical(folder.file("identity.db")).string());
  EXPECT_TRUE((*store)->writable());
}

TEST(StoreOpen, AFileThatIsReplacedWhileItIsOpenIsNoStoreAnyMore) {
  const Folder folder;
  const std::string path = folder.file("identity.db"), aside = folder.file("aside.db");
  const auto store = open_sqlite(path);
  writing(*store, [](Tables& t) { t.put(user("AIDA1", "ann")); });
  ASSERT_TRUE(store->version());
  const auto gone = [&](const char* how) {
    EXPECT_FALSE(store->version()) << how;
    EXPECT_EQ(fault_of(*store, [](Tables& t) { t.put(user("AIDA2", "bob")); }), "ServiceFailure") << how;
    const auto read = store->read<bool>([](Tables&) -> Outcome<bool> { return true; });
    ASSERT_FALSE(read) << how;
    EXPECT_THAT(read.error().message, HasSubstr("restart")) << how;
  };
  fs::rename(path, aside);
  gone("moved away");
  fs::copy_file(aside, path);
  gone("a copy in its place");
  fs::rename(aside, path);
  EXPECT_TRUE(store->version()) << "back again";
}

TEST(StoreOpen, RefusesAFileThatOthersCanRead) {
  for (const mode_t mode : {0640u, 0604u, 0620u, 0602u, 0660u}) {
    for (const char* end : {"", "-wal", "-shm"}) {
      const Folder folder;
      const std::string path = folder.file("identity.db");
      ASSERT_TRUE(try_open(path));
      std::ofstream(path + end, std::ios::app).flush();
      ASSERT_EQ(::chmod((path + end).c_str(), mode), 0);
      const auto again = try_open(path);
      ASSERT_FALSE(again) << end << " " << mode;
      EXPECT_EQ(again.error().code, Code::Refused);
      EXPECT_THAT(again.error().text, HasSubstr("chmod 600"));
    }
  }
}

TEST(StoreOpen, RefusesAFileOfSomebodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const Folder folder;
  const std::string path = folder.file("identity.db");
  std::ofstream(path).flush();
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
  const auto store = try_open(path);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().text, HasSubstr("belongs to user 12345"));
}

TEST(StoreOpen, RefusesAFolderThatOthersCanWrite) {
  const Folder folder;
  fs::create_directory(folder.file("open"));
  ASSERT_EQ(::chmod(folder.file("open").c_str(), 0777), 0);
  const auto store = try_open(folder.file("open/identity.db"));
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().text, HasSubstr("chmod go-w"));
}

TEST(StoreOpen, RefusesWhatIsNoFile) {
  const Folder folder;
  ASSERT_TRUE(try_open(folder.file("real.db")));
  fs::create_symlink(folder.file("real.db"), folder.file("link.db"));
  fs::create_directory(folder.file("folder.db"));
  EXPECT_THAT(try_open(folder.file("link.db")).error().text, HasSubstr("is a link"));
  EXPECT_THAT(try_open(folder.file("folder.db")).error().text, HasSubstr("not a regular file"));
  EXPECT_THAT(try_open(folder.file("none/identity.db")).error().text, HasSubstr("no folder"));
  EXPECT_THAT(try_open(folder.file("none.db"), false).error().text, HasSubstr("no database"));
  EXPECT_FALSE(fs::exists(folder.file("none.db")));
}

TEST(StoreOpen, TakesPathsThatSqliteWouldReadOtherwise) {
  const Folder folder;
  for (const std::string name : {"file:x?mode=memory", "with space.db", "ü'.db", "%41.db"}) {
    const auto store = try_open(folder.file(name));
    ASSERT_TRUE(store) << store.error().what();
    EXPECT_TRUE(fs::exists(folder.file(name))) << name;
  }
}

TEST(StoreOpen, RefusesWhatIsNoDatabaseOfOurs) {
  const Folder folder;
  std::ofstream(folder.file("text.db")) << std::string(8192, 'x');
  ::chmod(folder.file("text.db").c_str(), 0600);
  EXPECT_FALSE(try_open(folder.file("text.db")));
  {
    ASSERT_TRUE(prepare_sqlite_file(folder.file("other.db"), true));
    const auto other = connect_sqlite(folder.file("other.db"), 1000);
    other->run_once("CREATE TABLE notes (text TEXT)");
  }
  const auto store = try_open(folder.file("other.db"));
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().text, HasSubstr("of another program"));
}

TEST(StoreOpen, RefusesANewerSchema) {
  const Folder folder;
  const std::string path = folder.file("identity.db");
  ASSERT_TRUE(try_open(path));
  connect_sqlite(path, 1000)->run_once("PRAGMA user_version = 99");
  const auto store = try_open(path);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::Refused);
  EXPECT_THAT(store.error().text, HasSubstr("schema version 99"));
}

TEST(StoreOpen, MigratesAnOlderSchemaAndKeepsItsRows) {
  const Folder folder;
  const std::string path = folder.file("identity.db");
  ASSERT_TRUE(prepare_sqlite_file(path, true));
  {
    const auto old = connect_sqlite(path, 1000);
    migrate(*old, 1);
    EXPECT_EQ(old->run_once("PRAGMA user_version", 1).at(0).at(0), "1");
    old->run_once(
        "INSERT INTO users (id, account, path, name, folded, boundary, created) VALUES "
        "('AIDA1', '111122223333', '/', 'Ann', 'ann', '', 42)");
  }
  const auto store = open_sqlite(path);
  EXPECT_EQ(reading<std::int64_t>(*store, [](Tables& t) { return t.user(kAccount, "ann")->created; }), 42);
  writing(*store, [](Tables& t) {
    OidcProvider idp;
    idp.account = kAccount;
    idp.url = "idp.example.com";
    t.put(idp);
  });
  EXPECT_EQ(connect_sqlite(path, 1000)->run_once("PRAGMA user_version", 1).at(0).at(0),
            std::to_string(schema_version()));
}

TEST(StoreOpen, AMigrationThatFailsLeavesTheOlderSchema) {
  const Folder folder;
  const std::string path = folder.file("identity.db");
  ASSERT_TRUE(prepare_sqlite_file(path, true));
  {
    const auto old = connect_sqlite(path, 1000);
    migrate(*old, 1);
    old->run_once("CREATE TABLE pool_logins (in_the_way TEXT)");  // the last table of the second step
  }
  ASSERT_FALSE(try_open(path));
  const auto now = connect_sqlite(path, 1000);
  EXPECT_EQ(now->run_once("PRAGMA user_version", 1).at(0).at(0), "1");
  EXPECT_TRUE(now->run_once("SELECT name FROM sqlite_master WHERE name = 'providers'", 1).empty());
  now->run_once("DROP TABLE pool_logins");
  EXPECT_TRUE(try_open(path));
}

TEST(StoreOpen, WaitsForALockAndThenSaysSo) {
  const Folder folder;
  const std::string path = folder.file("identity.db");
  const auto store = try_open(path);
  ASSERT_TRUE(store);
  const auto other = connect_sqlite(path, 1000);
  other->run_once("BEGIN IMMEDIATE");
  const auto out = (*store)->write<bool>([](Tables&) -> Outcome<bool> { return true; });
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, "ServiceFailure");
  EXPECT_THAT(out.error().message, HasSubstr("locked"));
  EXPECT_TRUE((*store)->version());  // readers are not held up
  other->run_once("ROLLBACK");
  EXPECT_EQ(fault_of(**store, [](Tables& t) { t.put(user("AIDA1", "ann")); }), "");
}

TEST(StoreOpen, AcknowledgesWhatIsOnTheDiskOnly) {
  const Folder folder;
  ASSERT_TRUE(try_open(folder.file("identity.db")));
  const auto connection = connect_sqlite(folder.file("identity.db"), 1000);
  EXPECT_EQ(connection->run_once("PRAGMA journal_mode", 1).at(0).at(0), "wal");
  EXPECT_EQ(connection->run_once("PRAGMA synchronous", 1).at(0).at(0), "2");
  EXPECT_EQ(connection->run_once("PRAGMA foreign_keys", 1).at(0).at(0), "1");
}

TEST(StoreOpen, SecretsAreSealedOnTheDiskAndBoundToTheirKey) {
  const Folder folder;
  const std::string path = folder.file("identity.db");
  const std::string secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00", token = "a-fixed-session-token-of-a-test";
  {
    const auto store = open_sqlite(path);
    writing(*store, [&](Tables& t) {
      AccessKey one = key("AKIAONE", std::string(kAccount), secret);
      one.fixed_token = base::Secret(token);
      t.put(one);
      t.put(key("AKIATWO", std::string(kAccount), "another"));
    });
    for (const char* end : {"", "-wal"}) {
      EXPECT_EQ(bytes_of(path + end).find(secret), std::string::npos);
      EXPECT_EQ(bytes_of(path + end).find(token), std::string::npos);
    }
  }
  // Who can write the database, but has no master key, cannot give one key's secret to another.
  connect_sqlite(path, 1000)
      ->run_once(
          "UPDATE access_keys SET secret = (SELECT secret FROM access_keys WHERE id = 'AKIATWO') WHERE id = 'AKIAONE'");
  const auto store = open_sqlite(path);
  const auto out = store->read<bool>([](Tables& t) -> Outcome<bool> { return t.key("AKIAONE").has_value(); });
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, "ServiceFailure");
  connect_sqlite(path, 1000)->run_once("UPDATE access_keys SET secret = ''");
  EXPECT_FALSE(store->read<bool>([](Tables& t) -> Outcome<bool> { return t.key("AKIATWO").has_value(); }));
}

TEST(StoreOpen, MemoryForTests) {
  const auto store = open_sqlite(":memory:");
  writing(*store, [](Tables& t) { t.put(user("AIDA1", "ann")); });
  fault_of(*store, [](Tables& t) { t.put(user("AIDA2", "ANN")); });
  EXPECT_TRUE(reading<bool>(*store, [](Tables& t) { return t.user(kAccount, "ann").has_value(); }));
}

TEST(StoreOpen, TakesExactlyOneStoreAndAKey) {
  Store::Options options;
  EXPECT_FALSE(Store::open(options, ring_of({"k1"})));
  options.sqlite = ":memory:";
  EXPECT_FALSE(Store::open(options, KeyRing()));
  options.postgresql = "host=x";
  EXPECT_FALSE(Store::open(options, ring_of({"k1"})));
}

}  // namespace
}  // namespace gatehouse::identity::testing
