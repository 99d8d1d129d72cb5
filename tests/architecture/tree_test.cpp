// Holds the tree as it stands to the rules: every #include of ours against the table in CMake, and what each file owes
// its reader.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "architecture/include_rules.hpp"

namespace gatehouse::architecture {
namespace {

namespace fs = std::filesystem;
const fs::path kRoot = GATEHOUSE_SOURCE_DIR;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// Every source file under the folders named, relative to the root. Build trees and corpora are not ours to judge.
std::vector<std::string> sources(std::initializer_list<const char*> folders) {
  std::vector<std::string> out;
  for (const char* folder : folders) {
    for (auto at = fs::recursive_directory_iterator(kRoot / folder); at != fs::recursive_directory_iterator(); ++at) {
      const fs::path& path = at->path();
      if (at->is_directory() && (path.filename() == "build" || path.filename() == "corpus"))
        at.disable_recursion_pending();
      const std::string extension = path.extension().string();
      if (at->is_regular_file() &&
          (extension == ".cpp" || extension == ".hpp" || extension == ".h" || extension == ".c"))
        out.push_back(fs::relative(path, kRoot).generic_string());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

RoomTable table() {
  std::vector<std::string> faults;
  RoomTable out = read_table(read(GATEHOUSE_ROOM_TABLE), faults);
  for (const auto& fault : faults) ADD_FAILURE() << fault;
  EXPECT_GE(out.size(), 10u) << "the room table of the build is not that of the whole house";
  return out;
}

TEST(Tree, EveryIncludeFollowsTheArrows) {
  const RoomTable rooms = table();
  const auto files = sources({"core", "plugins", "plugin-sdk"});
  ASSERT_GT(files.size(), 50u);
  for (const auto& file : files) {
    for (const auto& include : includes_of(read(kRoot / file))) {
      if (auto complaint = judge(rooms, home_of(file), include))
        ADD_FAILURE() << file << ":" << include.line << ": #include of `" << include.path << "`: " << *complaint;
    }
  }
}

TEST(Tree, EveryQuotedIncludeNamesAFileThatIsThere) {
  for (const auto& file : sources({"core", "plugins"})) {
    const fs::path base = home_of(file).place == Place::Room ? kRoot / "core" : (kRoot / file).parent_path();
    for (const auto& include : includes_of(read(kRoot / file))) {
      if (!include.quoted) continue;
      EXPECT_TRUE(fs::exists(base / include.path))
          << file << ":" << include.line << ": no file `" << include.path << "`";
    }
  }
}

TEST(Tree, EveryFileIsGuardedAndFinished) {
  for (const auto& file : sources({"core", "plugins", "plugin-sdk", "tests"})) {
    for (const auto& complaint : judge_text(file, read(kRoot / file))) ADD_FAILURE() << file << ": " << complaint;
  }
}

// Sources are listed, not globbed: a file that nobody lists is dead, and no compiler would say so.
TEST(Tree, EverySourceOfARoomIsBuilt) {
  for (const auto& file : sources({"core"})) {
    if (!file.ends_with(".cpp")) continue;
    const fs::path folder = kRoot / "core" / home_of(file).name;
    const std::string listed = read(folder / "CMakeLists.txt");
    const std::string name = fs::relative(kRoot / file, folder).generic_string();
    EXPECT_NE(listed.find(name), std::string::npos) << file << " is not in " << folder / "CMakeLists.txt";
  }
}

TEST(Tree, EveryFolderOfTheCoreIsARoom) {
  const RoomTable rooms = table();
  for (const auto& entry : fs::directory_iterator(kRoot / "core")) {
    if (!entry.is_directory()) continue;
    EXPECT_TRUE(rooms.count(entry.path().filename().string())) << entry.path() << " has no gatehouse_room()";
  }
}

}  // namespace
}  // namespace gatehouse::architecture
