#include "plugin/manifest.hpp"

#include <gatehouse/abi.h>

#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

struct Case {
  const char* name;
  std::string text;
  const char* fault;  // a part of the message; null: fine
};
using std::string_literals::operator""s;
const std::string kStart = "GATEHOUSE-PLUGIN/1\nabi=1.0\ndraft=1\n";
const Case kCases[] = {
    {"as written", kStart + "id=com.example.gate\nversion=1.0.0\n\0"s, nullptr},
    {"names of later versions", kStart + "grants=http\nid=a.b\nversion=1\n", nullptr},
    {"no draft", "GATEHOUSE-PLUGIN/1\nabi=1.0\nid=a.b\nversion=1\n", nullptr},
    {"empty", "", "begin with"},
    {"another revision", "GATEHOUSE-PLUGIN/2\nid=a.b\n", "begin with"},
    {"only the first line", "GATEHOUSE-PLUGIN/1", "begin with"},
    {"no end of line", kStart + "id=a.b\nversion=1", "no end"},
    {"no equals sign", kStart + "id\n", "name=value"},
    {"no name", kStart + "=x\n", "name=value"},
    {"id twice", kStart + "id=a.b\nid=a.c\nversion=1\n", "twice"},
    {"no id", kStart + "version=1\n", "`id`"},
    {"id without a dot", kStart + "id=gate\nversion=1\n", "`id`"},
    {"id with a slash", kStart + "id=../x.y\nversion=1\n", "`id`"},
    {"id with two dots", kStart + "id=a..b\nversion=1\n", "`id`"},
    {"id that ends with a dot", kStart + "id=a.b.\nversion=1\n", "`id`"},
    {"id with a blank", kStart + "id=a. b\nversion=1\n", "`id`"},
    {"long id", kStart + "id=a." + std::string(200, 'b') + "\nversion=1\n", "`id`"},
    {"no version", kStart + "id=a.b\n", "`version`"},
    {"version with markup", kStart + "id=a.b\nversion=<b>\n", "`version`"},
    {"abi without a minor", "GATEHOUSE-PLUGIN/1\nabi=1\nid=a.b\nversion=1\n", "not a number"},
    {"negative draft", "GATEHOUSE-PLUGIN/1\nabi=1.0\ndraft=-1\nid=a.b\nversion=1\n", "not a number"},
    {"no abi", "GATEHOUSE-PLUGIN/1\nid=a.b\nversion=1\n", "`abi`"},
    {"endless", kStart + std::string(8192, 'x'), "too large"},
};

TEST(Manifest, Texts) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto manifest = parse_manifest(c.text);
    if (c.fault == nullptr) {
      EXPECT_TRUE(manifest) << manifest.error().text;
    } else {
      ASSERT_FALSE(manifest);
      EXPECT_NE(manifest.error().text.find(c.fault), std::string::npos) << manifest.error().text;
    }
  }
  const auto manifest = parse_manifest(kCases[0].text);
  EXPECT_EQ(manifest->id, "com.example.gate");
  EXPECT_EQ(manifest->version, "1.0.0");
  EXPECT_EQ(manifest->abi_major, 1u);
  EXPECT_EQ(manifest->draft, 1u);
}

struct Refused {
  const char* file;
  const char* says;
};
const Refused kRefused[] = {
    {"second-major.so", "ABI 2, this gateway offers ABI 1 draft"},
    {"plain.so", "no manifest"},
    {"executable-stack.so", "executable stack"},
    {"static-tls.so", "thread-local storage"},
    {"origin-run-path.so", "depends on where the file lies"},
    {"no-entry.so", "exports no `gatehouse_module_v1`"},
};

TEST(Manifest, LibrariesAreRefusedByTheirBytes) {
  for (const Refused& r : kRefused) {
    SCOPED_TRACE(r.file);
    const auto checked = check_library(read_file(broken_plugins() + "/" + r.file));
    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().text.find(r.says), std::string::npos) << checked.error().text;
  }
}

TEST(Manifest, AnotherDraftIsRefused) {
  std::string bytes = read_file(good_plugins() + "/echo.so");
  const std::string draft = "\ndraft=" + std::to_string(GH_ABI_DRAFT) + "\n";
  const std::size_t at = bytes.find(draft);
  ASSERT_NE(at, std::string::npos);
  bytes[at + draft.size() - 2] = '9';
  const auto checked = check_library(bytes);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Code::Refused);
  EXPECT_NE(checked.error().text.find("draft 9, this gateway offers ABI 1 draft"), std::string::npos)
      << checked.error().text;
}

TEST(Manifest, AnotherMachineIsRefused) {
  std::string bytes = read_file(good_plugins() + "/echo.so");
  bytes[18] = static_cast<char>(bytes[18] ^ 0x55);  // e_machine
  const auto checked = check_library(bytes);
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().text.find("another machine"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::plugin::test
