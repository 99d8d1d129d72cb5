#include "plugin/file.hpp"

#include <sys/stat.h>

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

TEST(Staging, SaysWhatToDoWhenItCannotWrite) {
  const auto staging = Staging::open("/proc");
  ASSERT_FALSE(staging);
  EXPECT_NE(staging.error().text.find("plugins.staging_directory"), std::string::npos) << staging.error().text;
}

}  // namespace
}  // namespace gatehouse::plugin::test
