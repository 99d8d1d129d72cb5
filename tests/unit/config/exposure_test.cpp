#include "config/exposure.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "config/load.hpp"
#include "support.hpp"

namespace gatehouse::config {
namespace {

using testing::HasSubstr;

constexpr gid_t kGroup = 4242;
constexpr uid_t kStranger = 4242;

struct Case {
  const char* what;
  mode_t file, folder;
  bool of_group, of_stranger;  // need root to make
  const char* refused;         // null: not
  const char* warned;          // null: not
};
const Case kCases[] = {
    {"as it should be", 0600, 0700, false, false, nullptr, nullptr},
    {"readable is another matter", 0644, 0755, false, false, nullptr, nullptr},
    {"everybody may write it", 0646, 0755, false, false, "written by everybody", nullptr},
    {"everybody may replace it", 0600, 0757, false, false, "put another in its place", nullptr},
    {"in a sticky folder nobody may replace it", 0600, 01777, false, false, nullptr, nullptr},
    {"a group may write it", 0664, 0755, true, false, nullptr, "group 4242"},
    {"a group may read it", 0640, 0750, true, false, nullptr, nullptr},
    {"a group may replace it", 0644, 0775, true, false, nullptr, "folder `"},
    {"a stranger's", 0600, 0755, false, true, nullptr, "belongs to user 4242"},
    {"a stranger's that everybody may write", 0666, 0755, false, true, "written by everybody", nullptr},
};

TEST(Exposure, SaysWhoCouldChangeTheFile) {
  for (const Case& c : kCases) {
    if ((c.of_group || c.of_stranger) && ::geteuid() != 0) continue;
    const Folder folder;
    const std::string file = folder.write("gatehouse.yaml", "listeners: {}\n");
    ASSERT_EQ(::chown(file.c_str(), c.of_stranger ? kStranger : ::geteuid(), c.of_group ? kGroup : ::getegid()), 0);
    ASSERT_EQ(::chmod(file.c_str(), c.file), 0);
    ASSERT_EQ(::chown(folder.path().c_str(), ::geteuid(), c.of_group ? kGroup : ::getegid()), 0);
    ASSERT_EQ(::chmod(folder.path().c_str(), c.folder), 0);
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_GE(fd, 0);
    const auto said = exposure(fd, file, "shown");
    ::close(fd);
    ASSERT_EQ(said.has_value(), c.refused == nullptr) << c.what;
    if (!said) {
      EXPECT_EQ(said.error().code, Code::Refused) << c.what;
      EXPECT_THAT(said.error().text, testing::AllOf(HasSubstr("`shown`"), HasSubstr(c.refused))) << c.what;
    } else if (c.warned == nullptr) {
      EXPECT_EQ(*said, "") << c.what;
    } else {
      EXPECT_THAT(*said, HasSubstr(c.warned)) << c.what;
    }
  }
}

TEST(Exposure, ALinkIsFollowedToTheFolderBehindIt) {
  const Folder here, there;
  const std::string real = there.write("real.yaml", "listeners: {}\n");
  const std::string link = here.path() + "/gatehouse.yaml";
  std::filesystem::create_symlink(real, link);
  ASSERT_EQ(::chmod(there.path().c_str(), 0757), 0);
  Diagnostics diagnostics;
  EXPECT_FALSE(load(link, diagnostics));
  EXPECT_THAT(listed(diagnostics), HasSubstr("stands in `" + there.path() + "`"));
}

TEST(Exposure, OfEveryFileThatALoadReads) {
  for (const char* exposed : {"gatehouse.yaml", "more.yaml", "secret"}) {
    const Folder folder;
    const std::string main = folder.write("gatehouse.yaml", "include: more.yaml\n");
    folder.write("more.yaml", "upstreams: {u: {targets: ['${file:secret}']}}\n");
    folder.write("secret", "localhost:1\n");
    Diagnostics good;
    EXPECT_TRUE(load(main, good)) << listed(good);
    ASSERT_EQ(::chmod((folder.path() + "/" + exposed).c_str(), 0666), 0);
    Diagnostics bad;
    EXPECT_FALSE(load(main, bad)) << exposed;
    EXPECT_THAT(listed(bad), HasSubstr(std::string(exposed) + "` can be written by everybody"));
  }
}

TEST(Exposure, ProductionRefusesWhatElseIsWarnedOf) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  for (const bool production : {false, true}) {
    const Folder folder;
    folder.write("secret", "localhost:1\n");
    const std::string main =
        folder.write("gatehouse.yaml", std::string("gateway: {production: ") + (production ? "true" : "false") +
                                           "}\nupstreams: {u: {targets: ['${file:secret}']}}\n");
    ASSERT_EQ(::chown((folder.path() + "/secret").c_str(), kStranger, kGroup), 0);
    Diagnostics diagnostics;
    EXPECT_EQ(load(main, diagnostics).has_value(), !production);
    const std::vector<Error>& told = production ? diagnostics.errors() : diagnostics.warnings();
    EXPECT_TRUE(std::any_of(told.begin(), told.end(), [&](const Error& one) {
      return one.what().find(":2:27: file `" + folder.path() + "/secret` belongs to user") != std::string::npos;
    })) << listed(diagnostics);
  }
}

}  // namespace
}  // namespace gatehouse::config
