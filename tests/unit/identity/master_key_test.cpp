#include "identity/master_key.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "unit/identity/store_support.hpp"

namespace gatehouse::identity::testing {
namespace {

using ::testing::HasSubstr;

const std::string kLine = "k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

std::string write(const Folder& folder, const std::string& name, const std::string& text, mode_t mode) {
  const std::string path = folder.file(name);
  std::ofstream(path) << text;
  EXPECT_EQ(::chmod(path.c_str(), mode), 0);
  return path;
}

/// Sets a variable for a test.
struct Variable {
  std::string name;
  Variable(std::string variable, const std::string& value) : name(std::move(variable)) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name.c_str()); }
};

MasterKeySource from_file(std::string path) {
  MasterKeySource out;
  out.file = std::move(path);
  return out;
}

TEST(MasterKey, ComesFromAFile) {
  const Folder folder;
  for (const mode_t mode : {0600u, 0400u}) {
    const auto ring = load_master_keys(from_file(write(folder, "keys", kLine, mode)));
    ASSERT_TRUE(ring) << ring.error().what();
    EXPECT_EQ(ring->current(), "k1");
  }
}

TEST(MasterKey, RefusesAFileThatOthersCanReadOrWrite) {
  const Folder folder;
  for (const mode_t mode : {0640u, 0644u, 0620u, 0602u, 0604u, 0601u}) {
    const auto ring = load_master_keys(from_file(write(folder, "keys", kLine, mode)));
    ASSERT_FALSE(ring) << mode;
    EXPECT_EQ(ring.error().code, Code::Refused);
    EXPECT_THAT(ring.error().text, HasSubstr("chmod 600"));
  }
}

TEST(MasterKey, RefusesWhatIsNoSuchFile) {
  const Folder folder;
  EXPECT_EQ(load_master_keys(from_file(folder.file("none"))).error().code, Code::NotFound);
  EXPECT_EQ(load_master_keys(from_file(folder.path())).error().code, Code::Refused);
  ASSERT_EQ(::mkfifo(folder.file("fifo").c_str(), 0600), 0);
  EXPECT_EQ(load_master_keys(from_file(folder.file("fifo"))).error().code, Code::Refused);
  EXPECT_EQ(load_master_keys(from_file(write(folder, "big", std::string(100'000, '#'), 0600))).error().code,
            Code::Limit);
  const auto broken = load_master_keys(from_file(write(folder, "broken", "k1 AAECAwQFBgcI\n", 0600)));
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().text, HasSubstr("line 1"));
  EXPECT_THAT(broken.error().text, ::testing::Not(HasSubstr("AAECAw")));
  const std::string path = write(folder, "keys", kLine, 0600);
  ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
  EXPECT_THAT(load_master_keys(from_file(path)).error().text, HasSubstr("can be written by others"));
  ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
  if (::geteuid() != 0) return;
  ASSERT_EQ(::chown(path.c_str(), 12345, 0), 0);
  EXPECT_THAT(load_master_keys(from_file(path)).error().text, HasSubstr("belongs to user 12345"));
}

TEST(MasterKey, ComesFromAnEnvironmentVariable) {
  MasterKeySource source;
  source.environment = "GATEHOUSE_TEST_MASTER_KEY";
  EXPECT_EQ(load_master_keys(source).error().code, Code::NotFound);
  const Variable set(source.environment, kLine);
  EXPECT_TRUE(load_master_keys(source));
}

TEST(MasterKey, ComesFromASystemdCredential) {
  const Folder folder;
  MasterKeySource source;
  source.credential = "master";
  EXPECT_THAT(load_master_keys(source).error().text, HasSubstr("LoadCredential=master:"));
  const Variable set("CREDENTIALS_DIRECTORY", folder.path());
  EXPECT_EQ(load_master_keys(source).error().code, Code::NotFound);
  write(folder, "master", kLine, 0400);
  EXPECT_TRUE(load_master_keys(source));
  for (const char* name : {"../master", ".", "..", "a/b"}) {
    source.credential = name;
    EXPECT_EQ(load_master_keys(source).error().code, Code::Invalid) << name;
  }
  source.credential = "master";
  write(folder, "master", kLine, 0444);
  EXPECT_EQ(load_master_keys(source).error().code, Code::Refused);
  if (::geteuid() != 0) return;
  write(folder, "master", kLine, 0440);  // how systemd shows its access list
  EXPECT_TRUE(load_master_keys(source));
  EXPECT_TRUE(load_master_keys(from_file(folder.file("master"))));
}

TEST(MasterKey, TakesOneSource) {
  MasterKeySource source;
  EXPECT_EQ(load_master_keys(source).error().code, Code::Invalid);
  source.file = "a";
  source.environment = "B";
  EXPECT_EQ(load_master_keys(source).error().code, Code::Invalid);
}

TEST(MasterKey, IsMadeOnceForItsUserAlone) {
  const Folder folder;
  const std::string path = folder.file("master.key");
  base::SystemRandom random;
  const mode_t before = ::umask(0);
  const auto made = make_if_missing(path, random);
  ::umask(before);
  ASSERT_TRUE(made) << made.error().what();
  EXPECT_TRUE(*made);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const std::string first(load_master_keys(from_file(path)).value().current());
  EXPECT_FALSE(make_if_missing(path, random).value());
  EXPECT_EQ(load_master_keys(from_file(path)).value().current(), first);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "something was left behind";
  EXPECT_FALSE(make_if_missing(folder.file("none/master.key"), random));
}

TEST(MasterKey, ManyWhoMakeItAgree) {
  const Folder folder;
  const std::string path = folder.file("master.key");
  std::atomic<int> made{0};
  std::vector<std::thread> makers;
  for (int i = 0; i < 8; ++i)
    makers.emplace_back([&] {
      base::SystemRandom random;
      const auto out = make_if_missing(path, random);
      if (out && *out) ++made;
      EXPECT_TRUE(load_master_keys(from_file(path)));
    });
  for (auto& maker : makers) maker.join();
  EXPECT_EQ(made, 1);
}

}  // namespace
}  // namespace gatehouse::identity::testing
