#include "plugin/library.hpp"

#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

Result<std::shared_ptr<Library>> load(const std::shared_ptr<Staging>& staging, const std::string& path) {
  const std::string bytes = read_file(path);
  auto manifest = check_library(bytes);
  if (!manifest) return tl::unexpected(manifest.error());
  return Library::load(staging, bytes, "cafe", *manifest);
}

bool mapped(const std::string& part) {
  return read_file("/proc/self/maps").find(part) != std::string::npos;
}

struct Case {
  const char* file;
  const char* says;
};
const Case kCases[] = {
    {"draft-of-module.so", "draft 99, not as its manifest says"},
    {"other-id.so", "another id or version than its manifest"},
    {"newer-minor.so", "needs gateway ABI 1.7, this gateway offers 1.0"},
    {"two-plugins.so", "a library holds one plugin, this one 2"},
    {"unknown-flag.so", "unknown flags"},
    {"missing-symbol.so", "gatehouse_test_nobody_has_this"},
};

TEST(Library, WhatItsModuleSaysIsHeldAgainstTheManifest) {
  const TemporaryDirectory folder;
  const auto staging = Staging::open(folder.path());
  ASSERT_TRUE(staging) << staging.error().text;
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.file);
    const auto library = load(*staging, broken_plugins() + "/" + c.file);
    ASSERT_FALSE(library);
    EXPECT_NE(library.error().text.find(c.says), std::string::npos) << library.error().text;
    EXPECT_EQ(library.error().text.find((*staging)->path()), std::string::npos) << library.error().text;
    EXPECT_FALSE(mapped((*staging)->path()));
    EXPECT_TRUE(std::filesystem::is_empty((*staging)->path()));
  }
}

TEST(Library, IsUnmappedWithItsLastHolder) {
  const TemporaryDirectory folder;
  const auto staging = Staging::open(folder.path());
  auto library = load(*staging, good_plugins() + "/echo.so");
  ASSERT_TRUE(library) << library.error().text;
  EXPECT_STREQ((*library)->description().id, "com.example.echo");
  EXPECT_NE((*library)->build_info().find("C++"), std::string::npos);
  EXPECT_TRUE(mapped((*staging)->path()));
  library->reset();
  EXPECT_FALSE(mapped((*staging)->path()));
  EXPECT_TRUE(std::filesystem::is_empty((*staging)->path()));
}

TEST(Library, TheSameBytesTwiceAreTwoLibraries) {
  const TemporaryDirectory folder;
  const auto staging = Staging::open(folder.path());
  const auto one = load(*staging, good_plugins() + "/echo.so"), two = load(*staging, good_plugins() + "/echo.so");
  ASSERT_TRUE(one && two);
  EXPECT_NE(&(*one)->description(), &(*two)->description());
}

TEST(Library, OneThatMustNotBeUnloadedIsNot) {
  const TemporaryDirectory folder;
  const auto staging = Staging::open(folder.path());
  auto never = load(*staging, good_plugins() + "/never-unload.so");
  ASSERT_TRUE(never) << never.error().text;
  const gh_plugin_desc* description = &(*never)->description();
  never->reset();
  EXPECT_TRUE(mapped((*staging)->path()));
  EXPECT_STREQ(description->id, "test.never-unload");
}

}  // namespace
}  // namespace gatehouse::plugin::test
