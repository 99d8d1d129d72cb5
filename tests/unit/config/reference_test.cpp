#include "config/reference.hpp"

#include <set>

#include "support.hpp"

namespace gatehouse::config {
namespace {

const std::filesystem::path kManual = kSource / "packaging/man/gatehouse.yaml.5";
constexpr const char* kBegin = ".\\\" reference: begin (made from the tables of core/config)\n";
constexpr const char* kEnd = ".\\\" reference: end\n";

TEST(Reference, TheManualsSectionIsCurrent) {
  const std::string page = read_whole(kManual);
  const std::size_t begin = page.find(kBegin), end = page.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::size_t from = begin + std::string(kBegin).size();
  if (::getenv("GATEHOUSE_UPDATE_GOLDEN") != nullptr)
    write_whole(kManual, page.substr(0, from) + manual_reference() + page.substr(end));
  const std::string now = read_whole(kManual);
  EXPECT_EQ(now.substr(from, now.find(kEnd) - from), manual_reference())
      << "run this test with GATEHOUSE_UPDATE_GOLDEN=1";
}

TEST(Reference, HasEveryKeyOnce) {
  const std::vector<std::string> keys = all_keys();
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
  EXPECT_GT(keys.size(), 90u);
  const std::string manual = manual_reference();
  for (const std::string& key : keys) {
    std::string name = key.substr(key.find('.') + 1);
    EXPECT_NE(manual.find(".B " + name + "\n"), std::string::npos) << key;
  }
}

TEST(Reference, TheCommentedDefaultHasEveryKey) {
  const std::string text = read_whole(kSource / "config/gatehouse.yaml");
  for (const std::string& key : all_keys())
    EXPECT_NE(text.find(key.substr(key.find('.') + 1) + ":"), std::string::npos) << key;
}

}  // namespace
}  // namespace gatehouse::config
