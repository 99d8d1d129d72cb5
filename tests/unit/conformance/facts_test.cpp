#include "conformance/facts.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::conformance {
namespace {

const std::string kEcho = GATEHOUSE_TEST_PLUGINS "/good/echo.so";

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Facts, TheNewestVersionIsByNumbers) {
  using Names = std::vector<std::string_view>;
  const struct {
    Names versions;
    const char* library;
    const char* newest;
  } cases[] = {{{}, "GLIBC_", ""},
               {{"GLIBC_2.9", "GLIBC_2.34", "GLIBC_2.14"}, "GLIBC_", "2.34"},
               {{"GLIBC_2.2.5", "GLIBC_2.2"}, "GLIBC_", "2.2.5"},
               {{"GLIBC_PRIVATE"}, "GLIBC_", ""},
               {{"GLIBC_2.4", "GLIBC_PRIVATE", "GLIBC_"}, "GLIBC_", "2.4"},
               {{"GLIBC_2.34", "GLIBCXX_3.4.9", "GLIBCXX_3.4.30", "CXXABI_1.3"}, "GLIBCXX_", "3.4.30"},
               {{"GLIBC_99999999999999999999"}, "GLIBC_", ""}};
  for (const auto& c : cases) EXPECT_EQ(newest_version(c.versions, c.library), c.newest);
}

TEST(Facts, ALibraryNamesWhatItNeeds) {
  const auto facts = look_at(kEcho);
  ASSERT_TRUE(facts) << facts.error().text;
  EXPECT_TRUE(facts->glibc.starts_with("2.")) << facts->glibc;
  EXPECT_TRUE(facts->glibcxx.starts_with("3.4")) << facts->glibcxx;
  for (const Error& problem : facts->problems) EXPECT_EQ(problem.text.find("glibc"), std::string::npos) << problem.text;
}

TEST(Facts, ALibraryOfANewerSystemDoesNotLoad) {
  std::string bytes = read_file(kEcho);
  const std::string newest = "GLIBC_" + look_at(kEcho)->glibc, newer = "GLIBC_9";
  const std::size_t at = bytes.find(newest + '\0');
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, newest.size() + 1, newer + std::string(newest.size() + 1 - newer.size(), '\0'));
  char folder[] = "/tmp/facts-XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string file = std::string(folder) + "/newer.so";
  std::ofstream(file, std::ios::binary) << bytes;
  const auto facts = look_at(file);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(facts) << facts.error().text;
  EXPECT_EQ(facts->glibc, "9");
  ASSERT_FALSE(facts->problems.empty());
  EXPECT_NE(facts->problems.front().text.find("needs glibc 9, and here is"), std::string::npos)
      << facts->problems.front().text;
}

}  // namespace
}  // namespace gatehouse::conformance
