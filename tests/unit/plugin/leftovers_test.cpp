// Libraries that nobody uses any more and that stay mapped.
#include "plugin/leftovers.hpp"

#include <dlfcn.h>

#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

class LeftoversTest : public HostTest {
 protected:
  /// Another file with the same plugin: bytes behind the sections are nobody's.
  void install(const std::string& name, int version) {
    const std::string from = GATEHOUSE_TEST_PLUGINS + std::string(name == "stays-mapped" ? "/leftover/" : "/good/");
    const std::string bytes = read_file(from + name + ".so") + std::to_string(version);
    std::filesystem::rename(folder.write("next", bytes), folder.path() + "/" + name + ".so");
    host->scan(plugins);
  }
  TemporaryDirectory folder;
};

TEST(Mapped, IsWhatTheLoaderHas) {
  const TemporaryDirectory folder;
  const std::string path = folder.write("echo.so", read_file(good_plugins() + "/echo.so"));
  EXPECT_FALSE(is_mapped(path));
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << ::dlerror();
  EXPECT_TRUE(is_mapped(path));
  EXPECT_FALSE(is_mapped(path + "x"));
  std::filesystem::remove(path);
  EXPECT_TRUE(is_mapped(path)) << "a removed file is mapped all the same";
  ::dlclose(handle);
  EXPECT_FALSE(is_mapped(path));
}

TEST(LeftoversCount, ForgetsWhatHasGone) {
  const TemporaryDirectory folder;
  const std::string path = folder.write("echo.so", read_file(good_plugins() + "/echo.so"));
  Leftovers leftovers;
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << ::dlerror();
  leftovers.add("com.example.echo", path, "it stays");
  EXPECT_EQ(leftovers.count(), 1u);
  EXPECT_EQ(leftovers.names(), "`com.example.echo` (`" + path + "`)");
  ::dlclose(handle);
  EXPECT_EQ(leftovers.count(), 0u);
  EXPECT_EQ(leftovers.names(), "");
}

TEST_F(LeftoversTest, WithEightOfThemNoNewCopyIsLoaded) {
  make_host({folder.path()});
  for (std::size_t i = 0; i < Leftovers::kMost; ++i) {
    install("stays-mapped", static_cast<int>(i));
    auto who = misbehaving("stays-mapped", "");
    ASSERT_NE(who, nullptr);
    EXPECT_EQ(host->leftovers(), i);
    who.reset();
    until([&] { return host->leftovers() == i + 1; });
    EXPECT_EQ(log.count("a library stays mapped although nobody uses it any more"), i + 1);
  }
  EXPECT_TRUE(log.holds("plugin=test.stays-mapped library=/")) << "the path is told";
  install("stays-mapped", 99);
  auto refused = host->make(authorizer("test.stays-mapped"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Limit);
  for (const char* part : {"plugin `test.stays-mapped` (`",
                           "is not loaded: 8 libraries of replaced plugins are still mapped", "restart the gateway"})
    EXPECT_NE(refused.error().text.find(part), std::string::npos) << refused.error().text;
}

TEST_F(LeftoversTest, WhatIsLoadedAlreadyIsUsedAllTheSame) {
  make_host({folder.path()});
  install("echo", 0);
  const auto echo = make(authorizer("com.example.echo"));
  for (std::size_t i = 0; i < Leftovers::kMost; ++i) {
    install("stays-mapped", static_cast<int>(i));
    misbehaving("stays-mapped", "").reset();
    until([&] { return host->leftovers() == i + 1; });
  }
  config::Authorizer another = authorizer("com.example.echo");
  another.name = "another";
  EXPECT_TRUE(host->make(another)) << "no new copy";
  EXPECT_EQ(host->leftovers(), Leftovers::kMost);
}

TEST_F(LeftoversTest, WhatMustStayIsNoLeftover) {
  make_host({folder.path()});
  for (int i = 0; i < 3; ++i) {
    install("never-unload", i);
    auto who = misbehaving("never-unload", "");
    who.reset();
  }
  EXPECT_EQ(host->leftovers(), 0u);
  EXPECT_FALSE(log.holds("stays mapped"));
}

}  // namespace
}  // namespace gatehouse::plugin::test
