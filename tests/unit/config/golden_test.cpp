// tests/golden/config/<case>: gatehouse.yaml, and expected.txt with everything that is said about it. With
// GATEHOUSE_UPDATE_GOLDEN=1 in the environment the expectations are written anew, to be read before they are kept.
#include <algorithm>

#include "support.hpp"

namespace gatehouse::config {
namespace {

const std::filesystem::path kGolden = kSource / "tests/golden/config";
constexpr const char* kSecret = "hush-4711-hush";

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kGolden)) out.push_back(entry.path().filename());
  std::sort(out.begin(), out.end());
  return out;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, SaysWhatIsWrong) {
  const std::filesystem::path folder = kGolden / GetParam();
  const Variable secret("GATEHOUSE_TEST_SECRET", kSecret);
  ::unsetenv("GATEHOUSE_TEST_ABSENT");
  Diagnostics diagnostics;
  const auto config = load((folder / "gatehouse.yaml").string(), diagnostics);
  EXPECT_EQ(config.has_value(), diagnostics.ok());
  std::string said = listed(diagnostics);
  const std::string prefix = folder.string() + "/";
  for (std::size_t at = said.find(prefix); at != std::string::npos; at = said.find(prefix, at))
    said.erase(at, prefix.size());
  EXPECT_EQ(said.find(kSecret), std::string::npos) << said;
  if (::getenv("GATEHOUSE_UPDATE_GOLDEN") != nullptr) write_whole(folder / "expected.txt", said);
  EXPECT_EQ(said, read_whole(folder / "expected.txt"));
  EXPECT_FALSE(said.empty()) << "a case without a fault belongs to config/examples";
}

INSTANTIATE_TEST_SUITE_P(Config, Golden, testing::ValuesIn(cases()), [](const auto& one) { return one.param; });

TEST(GoldenCases, AreAtLeastForty) {
  EXPECT_GE(cases().size(), 40u);
}

}  // namespace
}  // namespace gatehouse::config
