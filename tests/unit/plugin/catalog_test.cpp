#include "plugin/catalog.hpp"

#include <algorithm>

#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

TEST(Catalog, ListsWhatItFindsWithoutRunningIt) {
  const Catalog catalog = Catalog::scan({{good_plugins()}});
  EXPECT_TRUE(catalog.faults().empty());
  const auto echo = catalog.find("com.example.echo");
  ASSERT_TRUE(echo) << echo.error().text;
  EXPECT_EQ(echo->file, "echo.so");
  EXPECT_EQ(echo->manifest.version, "2.1.0");
  EXPECT_EQ(echo->sha256.size(), 64u);
  EXPECT_FALSE(echo->bundled);
  EXPECT_TRUE(
      std::is_sorted(catalog.list().begin(), catalog.list().end(),
                     [](const CatalogEntry& a, const CatalogEntry& b) { return a.manifest.id < b.manifest.id; }));
}

TEST(Catalog, SaysWhereItLooked) {
  const Catalog catalog = Catalog::scan({{good_plugins()}, {"/nonexistent/plugins"}});
  const auto none = catalog.find("com.example.none");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::NotFound);
  EXPECT_NE(none.error().text.find(good_plugins()), std::string::npos) << none.error().text;
  EXPECT_NE(none.error().text.find("`/nonexistent/plugins`: No such file"), std::string::npos) << none.error().text;
}

TEST(Catalog, ABrokenFileIsListedWithItsFault) {
  const Catalog catalog = Catalog::scan({{broken_plugins()}});
  const auto& all = catalog.list();
  const auto plain = std::find_if(all.begin(), all.end(), [](const CatalogEntry& e) { return e.file == "plain.so"; });
  ASSERT_NE(plain, all.end());
  ASSERT_TRUE(plain->fault);
  EXPECT_NE(plain->fault->text.find("no manifest"), std::string::npos);
  // Without a manifest it has no name, so it may be the one that was asked for.
  const auto unnamed = catalog.find("test.second-majors");
  ASSERT_FALSE(unnamed);
  EXPECT_NE(unnamed.error().text.find("set aside: "), std::string::npos) << unnamed.error().text;
  EXPECT_NE(unnamed.error().text.find("plain.so"), std::string::npos) << unnamed.error().text;
  EXPECT_NE(unnamed.error().text.find("did you mean `test.second-major`?"), std::string::npos) << unnamed.error().text;
  // One that says who it is answers to its name.
  const auto second = catalog.find("test.second-major");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::Refused);
  EXPECT_NE(second.error().text.find("second-major.so`: it is built for ABI 2"), std::string::npos)
      << second.error().text;
}

TEST(Catalog, TwoFilesWithOneIdAreAFaultThatNamesBoth) {
  const TemporaryDirectory folder;
  const std::string bytes = read_file(good_plugins() + "/echo.so");
  folder.write("one.so", bytes);
  folder.write("two.so", bytes);
  folder.write("notes.txt", "not looked at");
  const Catalog catalog = Catalog::scan({{folder.path()}});
  EXPECT_EQ(catalog.list().size(), 2u);
  const auto echo = catalog.find("com.example.echo");
  ASSERT_FALSE(echo);
  EXPECT_EQ(echo.error().code, Code::Conflict);
  EXPECT_NE(echo.error().text.find("one.so"), std::string::npos);
  EXPECT_NE(echo.error().text.find("two.so"), std::string::npos);
}

TEST(Catalog, OnlyOursBesideTheBinaryAreBundled) {
  const TemporaryDirectory folder;
  std::string bytes = read_file(good_plugins() + "/echo.so");
  for (std::size_t at = bytes.find("com.example.echo"); at != std::string::npos; at = bytes.find("com.example.echo"))
    bytes.replace(at, 16, "gatehouse.echoed");
  folder.write("ours.so", bytes);
  folder.write("theirs.so", read_file(good_plugins() + "/echo.so"));
  const Catalog beside = Catalog::scan({{folder.path(), true, ::geteuid()}});
  EXPECT_TRUE(beside.find("gatehouse.echoed")->bundled);
  EXPECT_FALSE(beside.find("com.example.echo")->bundled);
  const Catalog elsewhere = Catalog::scan({{folder.path(), false, ::geteuid()}});
  EXPECT_FALSE(elsewhere.find("gatehouse.echoed")->bundled);
}

}  // namespace
}  // namespace gatehouse::plugin::test
