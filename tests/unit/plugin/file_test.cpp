#include "plugin/file.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "plugin/staging.hpp"
#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

TEST(TrustedFile, ReadsAndHashes) {
  const TemporaryDirectory folder;
  folder.write("a.so", "abc");
  const auto file = read_trusted(folder.path(), "a.so");
  ASSERT_TRUE(file) << file.error().text;
  EXPECT_EQ(file->bytes, "abc");
  EXPECT_EQ(file->sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(file->owner, ::geteuid());
}

TEST(TrustedFile, RefusesWhatOthersMayChange) {
  const TemporaryDirectory folder;
  const std::string path = folder.write("a.so", "abc");
  for (const unsigned mode : {0664u, 0646u, 0666u}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto file = read_trusted(folder.path(), "a.so");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, Code::Refused);
    EXPECT_NE(file.error().text.find("chmod go-w"), std::string::npos) << file.error().text;
  }
}

TEST(TrustedFile, RefusesAStrangersFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  const TemporaryDirectory folder;
  ASSERT_EQ(::chown(folder.write("a.so", "abc").c_str(), 4242, 0), 0);
  const auto file = read_trusted(folder.path(), "a.so");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().text.find("belongs to user 4242"), std::string::npos) << file.error().text;
  ASSERT_EQ(::chown(folder.path().c_str(), 4242, 0), 0);
  EXPECT_FALSE(trusted_directory(folder.path()));
}

TEST(TrustedFile, RefusesLinksDirectoriesAndPipes) {
  const TemporaryDirectory folder;
  std::filesystem::create_symlink(folder.write("real.so", "abc"), folder.path() + "/link.so");
  std::filesystem::create_directory(folder.path() + "/folder.so");
  ASSERT_EQ(::mkfifo((folder.path() + "/pipe.so").c_str(), 0600), 0);
  for (const char* name : {"link.so", "folder.so", "pipe.so"}) {
    const auto file = read_trusted(folder.path(), name);
    ASSERT_FALSE(file) << name;
    EXPECT_EQ(file.error().code, Code::Refused) << name;
  }
  EXPECT_EQ(read_trusted(folder.path(), "absent.so").error().code, Code::NotFound);
}

TEST(TrustedFile, RefusesWhatIsTooLarge) {
  const TemporaryDirectory folder;
  folder.write("a.so", std::string(100, 'x'));
  EXPECT_TRUE(read_trusted(folder.path(), "a.so", 100));
  EXPECT_EQ(read_trusted(folder.path(), "a.so", 99).error().code, Code::Limit);
}

TEST(TrustedDirectory, LooksAtTheWholeChain) {
  const TemporaryDirectory folder;
  const std::string inner = folder.path() + "/a/b";
  std::filesystem::create_directories(inner);
  const auto real = trusted_directory(folder.path() + "/a/../a/b");
  ASSERT_TRUE(real) << real.error().text;
  EXPECT_EQ(*real, std::filesystem::canonical(inner).string());
  ASSERT_EQ(::chmod((folder.path() + "/a").c_str(), 0777), 0);
  const auto open = trusted_directory(inner);
  ASSERT_FALSE(open);
  EXPECT_NE(open.error().text.find("can be written by others"), std::string::npos) << open.error().text;
  // As in /tmp: others cannot rename what is not theirs.
  ASSERT_EQ(::chmod((folder.path() + "/a").c_str(), 01777), 0);
  EXPECT_TRUE(trusted_directory(inner));
  EXPECT_EQ(trusted_directory(folder.path() + "/none").error().code, Code::NotFound);
}

TEST(Staging, IsPrivateNeverReusesANameAndLeavesNothing) {
  const TemporaryDirectory folder;
  std::string path;
  {
    auto staging = Staging::open(folder.path());
    ASSERT_TRUE(staging) << staging.error().text;
    path = (*staging)->path();
    struct stat st {};
    ASSERT_EQ(::stat(path.c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777u, 0700u);
    const auto first = (*staging)->put("abc", "cafe"), second = (*staging)->put("abc", "cafe");
    ASSERT_TRUE(first && second);
    EXPECT_NE(*first, *second);
    EXPECT_NE(first->find("/cafe-"), std::string::npos);
    EXPECT_EQ(read_file(*first), "abc");
    ASSERT_EQ(::stat(first->c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777u, 0500u);
    Staging::remove(*first);
    EXPECT_FALSE(std::filesystem::exists(*first));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Staging, RemovesWhatADeadProcessLeft) {
  const TemporaryDirectory folder;
  const auto living = Staging::open(folder.path());
  ASSERT_TRUE(living);
  const auto used = (*living)->put("abc", "cafe");
  ASSERT_TRUE(used);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto left = Staging::open(folder.path());
    if (left) static_cast<void>((*left)->put("abc", "dead"));
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const auto count = [&] {
    return std::distance(std::filesystem::directory_iterator(folder.path()), std::filesystem::directory_iterator());
  };
  ASSERT_EQ(count(), 2);
  const auto next = Staging::open(folder.path());
  ASSERT_TRUE(next);
  EXPECT_EQ(count(), 2);  // the living one and the next one
  EXPECT_EQ(read_file(*used), "abc");
  EXPECT_TRUE(std::filesystem::exists((*next)->path()));
}

TEST(Staging, RemovesNothingElse) {
  const TemporaryDirectory folder;
  namespace fs = std::filesystem;
  const std::string at = folder.path() + "/";
  for (const char* name : {".gatehouse-plugins-fresh", "gatehouse-plugins-kept", "gatehouse-plugins-others", "else"}) {
    fs::create_directory(at + name);
    ASSERT_EQ(::chmod((at + name).c_str(), 0700), 0);
    std::ofstream(at + name + "/a.so") << "a";
  }
  fs::create_directory_symlink(at + "else", at + "gatehouse-plugins-link");
  std::ofstream(at + "gatehouse-plugins-kept/notes") << "n";
  ASSERT_EQ(::chmod((at + "gatehouse-plugins-others").c_str(), 0777), 0);
  ASSERT_TRUE(Staging::open(folder.path()));
  for (const char* name :
       {".gatehouse-plugins-fresh/a.so", "else/a.so", "gatehouse-plugins-kept/notes", "gatehouse-plugins-others/a.so"})
    EXPECT_TRUE(fs::exists(at + name)) << name;
  EXPECT_FALSE(fs::exists(at + "gatehouse-plugins-kept/a.so"));
}

TEST(Staging, SaysWhatToDoWhenItCannotWrite) {
  const auto staging = Staging::open("/proc");
  ASSERT_FALSE(staging);
  EXPECT_NE(staging.error().text.find("plugins.staging_directory"), std::string::npos) << staging.error().text;
}

}  // namespace
}  // namespace gatehouse::plugin::test
