#include "gateway/spill_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace gatehouse::gateway {
namespace {

class SpillFileTest : public ::testing::Test {
 protected:
  SpillFileTest() {
    std::string name = (std::filesystem::temp_directory_path() / "gatehouse-spill-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    directory = name;
  }
  ~SpillFileTest() override { std::filesystem::remove_all(directory); }
  std::string sub(const char* name, unsigned mode) const {
    const std::string path = directory + "/" + name;
    EXPECT_EQ(::mkdir(path.c_str(), 0700), 0);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  std::string directory;
};

TEST_F(SpillFileTest, GivesBackWhatWasWritten) {
  auto file = SpillFile::make(directory);
  ASSERT_TRUE(file) << file.error().text;
  EXPECT_TRUE(std::filesystem::is_empty(directory)) << "it has no name";
  ASSERT_TRUE(file->write(0, "hello "));
  ASSERT_TRUE(file->write(6, "world"));
  std::array<char, 11> bytes{};
  ASSERT_TRUE(file->read(0, bytes));
  EXPECT_EQ(std::string_view(bytes.data(), bytes.size()), "hello world");
  ASSERT_TRUE(file->read(6, std::span(bytes).first(5)));
  EXPECT_EQ(std::string_view(bytes.data(), 5), "world");
  EXPECT_FALSE(file->read(7, std::span(bytes).first(5))) << "beyond what was written";
}

TEST_F(SpillFileTest, AFullDiskIsAnError) {
  ASSERT_EQ(::signal(SIGXFSZ, SIG_IGN), SIG_DFL);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  auto file = SpillFile::make(directory);
  ASSERT_TRUE(file);
  const rlimit small{65536, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string bytes(40'000, 'x');
  const auto first = file->write(0, bytes), second = file->write(bytes.size(), bytes);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, SIG_DFL);
  EXPECT_TRUE(first);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().text.find("cannot write a request body to disk: File too large"), std::string::npos)
      << second.error().text;
}

TEST_F(SpillFileTest, DirectoriesThatAreChecked) {
  std::ofstream(directory + "/file") << "x";
  std::filesystem::create_directory_symlink(directory, directory + "/link");
  struct Case {
    std::string path;
    const char* says;  // null: good
  };
  const Case cases[] = {
      {directory, nullptr},
      {directory + "/link", nullptr},
      {sub("sticky", 01777), nullptr},
      {sub("group", 0770), nullptr},
      {directory + "/none", "does not exist: make it, for the gateway's user"},
      {directory + "/file", "is not a directory: name one"},
      {directory + "/file/x", "cannot be looked at: Not a directory"},
      {sub("everybody", 0777), "can be written by everybody and is not sticky: `chmod o-w` or `chmod +t` it"},
      {"/proc", "let the gateway's user write there"},
  };
  for (const Case& c : cases) {
    const auto sound = SpillFile::check(c.path);
    EXPECT_EQ(sound.has_value(), c.says == nullptr) << c.path;
    if (sound || c.says == nullptr) continue;
    EXPECT_NE(sound.error().text.find(c.says), std::string::npos) << sound.error().text;
    EXPECT_NE(sound.error().text.find(c.path), std::string::npos) << sound.error().text;
  }
  if (::geteuid() == 0) return;  // root may write everywhere
  const auto closed = SpillFile::check(sub("closed", 0500));
  ASSERT_FALSE(closed);
  EXPECT_NE(closed.error().text.find("Permission denied: let the gateway's user write there"), std::string::npos);
}

TEST_F(SpillFileTest, WithoutADirectoryItIsTheSystems) {
  const char* given = std::getenv("TMPDIR");
  const std::string before = given != nullptr ? given : "";
  ::setenv("TMPDIR", (directory + "/none").c_str(), 1);
  const auto sound = SpillFile::check("");
  given != nullptr ? ::setenv("TMPDIR", before.c_str(), 1) : ::unsetenv("TMPDIR");
  ASSERT_FALSE(sound);
  EXPECT_NE(sound.error().text.find(directory + "/none"), std::string::npos) << sound.error().text;
}

}  // namespace
}  // namespace gatehouse::gateway
