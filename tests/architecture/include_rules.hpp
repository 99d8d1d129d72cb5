#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// The include rules of the house as functions of texts, so that they can be tested on trees that do not exist.
namespace gatehouse::architecture {

/// room -> the rooms that it may include: what it names and, transitively, what those may.
using RoomTable = std::map<std::string, std::set<std::string>>;

/// Reads `room: other other` lines as core/room.cmake writes them and closes them. Faults (a room that is named but has
/// no line, a cycle) are appended to `faults`.
RoomTable read_table(std::string_view text, std::vector<std::string>& faults);

struct Include {
  std::string path;
  bool quoted = false;  // "x" rather than <x>
  int line = 0;
};

/// Every #include of a text, also of those that the preprocessor would leave out; comments and strings are skipped.
std::vector<Include> includes_of(std::string_view text);

/// The folder of a file that decides its rules.
enum class Place { Room, PluginSdk, Kit, Plugin, Other };
struct Home {
  Place place = Place::Other;
  std::string name;  // the room, or the plugin's folder (`plugins/examples/shared_token`)
};
/// `path` relative to the root of the project, with forward slashes.
Home home_of(std::string_view path);

/// Judges one include of one file: nothing, or what is wrong with it and what to do. Knows nothing of the file system.
std::optional<std::string> judge(const RoomTable& table, const Home& home, const Include& include);

/// Judges the text of a file on its own: guards and unfinished business.
std::vector<std::string> judge_text(std::string_view path, std::string_view text);

}  // namespace gatehouse::architecture
