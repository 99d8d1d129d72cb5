#include "architecture/include_rules.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <initializer_list>

namespace gatehouse::architecture {
namespace {

/// The one door to each library: who may include its headers. A library that is not here has no door yet.
struct Door {
  std::string_view prefix;
  std::initializer_list<std::string_view> rooms;
};
const Door kDoors[] = {
    {"Poco/", {"server", "identity"}},
    {"openssl/", {"base", "net", "kit/jose", "kit/sigv4", "identity"}},
    {"sys/epoll.h", {"net"}},
    {"sys/eventfd.h", {"net"}},
    {"yaml-cpp/", {"config"}},
    {"boost/", {"plugin"}},
    {"tl/", {"base"}},
    {"rapidjson/", {"plugin", "app", "kit/json"}},
    {"CLI/", {"app"}},
    {"gatehouse/kit/", {"plugin", "policy", "access", "identity", "integration", "app"}},
    {"gatehouse/", {"conformance", "plugin"}},
    {"sanitizer/", {"base"}},
    {"re2/", {"access"}},
};
/// Folders of the C library and the kernel; anybody may call the system.
constexpr std::string_view kSystemFolders[] = {"sys/", "arpa/", "net/", "netinet/", "linux/", "gnu/"};

bool starts_with_any(std::string_view text, const auto& prefixes) {
  return std::any_of(std::begin(prefixes), std::end(prefixes), [&](std::string_view p) { return text.starts_with(p); });
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
    std::size_t begin = at;
    while (at < text.size() && !std::isspace(static_cast<unsigned char>(text[at]))) ++at;
    if (at > begin) out.emplace_back(text.substr(begin, at - begin));
  }
  return out;
}

/// Comments become blanks; line ends stay, so that lines keep their numbers. String contents go too, except those of an
/// #include line.
std::string without_comments(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  enum class In { Code, Line, Block } in = In::Code;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (in == In::Code && c == '/' && (next == '/' || next == '*')) {
      in = next == '/' ? In::Line : In::Block;
      ++i;
    } else if (in == In::Block && c == '*' && next == '/') {
      in = In::Code;
      ++i;
      out += ' ';
    } else if (c == '\n') {
      if (in == In::Line) in = In::Code;
      out += c;
    } else if (in == In::Code) {
      out += c;
    }
  }
  return out;
}

}  // namespace

RoomTable read_table(std::string_view text, std::vector<std::string>& faults) {
  RoomTable direct;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty()) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      faults.push_back("a line of the room table has no colon: " + std::string(line));
      continue;
    }
    auto others = words(line.substr(colon + 1));
    direct[std::string(line.substr(0, colon))] = {others.begin(), others.end()};
  }
  RoomTable closed;
  std::set<std::string> open;
  std::function<const std::set<std::string>&(const std::string&)> close = [&](const std::string& room) -> const auto& {
    if (auto known = closed.find(room); known != closed.end()) return known->second;
    std::set<std::string> reach;
    open.insert(room);
    for (const auto& other : direct[room]) {
      if (open.count(other)) {
        faults.push_back("rooms `" + room + "` and `" + other + "` may include one another");
        continue;
      }
      if (!direct.count(other)) {
        faults.push_back("room `" + room + "` may include `" + other + "`, which is no room");
        continue;
      }
      reach.insert(other);
      const auto& further = close(other);
      reach.insert(further.begin(), further.end());
    }
    open.erase(room);
    return closed[room] = std::move(reach);
  };
  std::vector<std::string> rooms;
  for (const auto& [room, others] : direct) rooms.push_back(room);
  for (const auto& room : rooms) close(room);
  return closed;
}

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> out;
  const std::string code = without_comments(text);
  int number = 0;
  for (std::size_t at = 0; at < code.size();) {
    std::size_t end = std::min(code.find('\n', at), code.size());
    std::string_view line = std::string_view(code).substr(at, end - at);
    at = end + 1;
    ++number;
    auto skip_blanks = [&] {
      while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    };
    skip_blanks();
    if (!line.starts_with('#')) continue;
    line.remove_prefix(1);
    skip_blanks();
    if (!line.starts_with("include")) continue;
    line.remove_prefix(7);
    skip_blanks();
    if (line.empty()) continue;
    const char close = line.front() == '<' ? '>' : '"';
    const std::size_t stop = line.find(close, 1);
    if ((line.front() != '<' && line.front() != '"') || stop == std::string_view::npos) {
      out.push_back({std::string(line), true, number});  // a macro, or broken: judge() refuses what names no file
      continue;
    }
    out.push_back({std::string(line.substr(1, stop - 1)), close == '"', number});
  }
  return out;
}

Home home_of(std::string_view path) {
  auto parts = [&](int n) {  // the first n folders, or empty when the path is shorter
    std::size_t end = 0;
    for (int i = 0; i < n; ++i) {
      end = path.find('/', end);
      if (end == std::string_view::npos) return std::string();
      ++end;
    }
    return std::string(path.substr(0, end - 1));
  };
  if (path.starts_with("core/")) return {Place::Room, parts(2).substr(std::min<std::size_t>(5, parts(2).size()))};
  if (path.starts_with("plugin-sdk/kit/"))
    return {Place::Kit, parts(3).substr(std::min<std::size_t>(11, parts(3).size()))};
  if (path.starts_with("plugin-sdk/")) return {Place::PluginSdk, "plugin-sdk"};
  if (path.starts_with("plugins/examples/")) return {Place::Plugin, parts(3)};
  if (path.starts_with("plugins/")) return {Place::Plugin, parts(2)};
  return {};
}

namespace {

/// Whether this is a door to the library of the header in angle brackets.
std::optional<std::string> judge_door(const Home& home, std::string_view path) {
  for (const Door& door : kDoors) {
    if (!path.starts_with(door.prefix)) continue;
    if (std::find(door.rooms.begin(), door.rooms.end(), home.name) != door.rooms.end()) return std::nullopt;
    return "<" + std::string(door.prefix) + "...> has its door elsewhere; use that room";
  }
  if (path.find('/') != std::string_view::npos && !starts_with_any(path, kSystemFolders))
    return "is a library without a door; decide which room is its door and add it to tests/architecture and "
           "CONTRIBUTING.md";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> judge(const RoomTable& table, const Home& home, const Include& include) {
  if (home.place == Place::Other) return std::nullopt;
  const std::string& path = include.path;
  if (path.find("..") != std::string::npos || path.starts_with('/')) return "climbs out of its folder; name the room";
  const std::size_t slash = path.find('/');
  const std::string first = slash == std::string::npos ? std::string() : path.substr(0, slash);
  const bool names_room = table.count(first) != 0;

  if (home.place != Place::Room) {
    // A stranger has only the SDK: what our plugins could not do with it, it lacks.
    if (names_room) return "reaches into the core; only <gatehouse/...> is for plugins and the SDK";
    if (home.place == Place::Kit && first != "gatehouse") return judge_door(home, path);
    if (home.place == Place::PluginSdk && !include.quoted && slash != std::string::npos && first != "gatehouse" &&
        !starts_with_any(path, kSystemFolders))
      return "makes a library a condition of the SDK; it needs nothing but the compiler";
    return std::nullopt;
  }

  if (include.quoted) {
    if (first.empty()) return "names no room; write \"" + home.name + "/" + path + "\"";
    if (!names_room) return "`" + first + "` is no room";
    if (first == home.name) return std::nullopt;
    const auto row = table.find(home.name);
    if (row == table.end()) return "stands in a folder that is no room: gatehouse_room() does not name it";
    if (row->second.count(first)) return std::nullopt;
    return "room `" + home.name + "` may not include `" + first + "` (MAY_INCLUDE of core/" + home.name +
           "/CMakeLists.txt)";
  }
  if (names_room && path.ends_with(".hpp")) return "headers of ours are included with quotes";
  return judge_door(home, path);
}

std::vector<std::string> judge_text(std::string_view path, std::string_view text) {
  std::vector<std::string> out;
  if (path.ends_with(".hpp") && text.find("#pragma once\n") == std::string_view::npos)
    out.push_back("has no #pragma once");
  if (path.ends_with(".h") && text.find("#ifndef ") == std::string_view::npos) out.push_back("has no include guard");
  // Written in two halves: this file is searched too.
  for (const char* word : {"TO"
                           "DO",
                           "FIX"
                           "ME",
                           "XX"
                           "X",
                           "HA"
                           "CK"}) {
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
      auto letter = [&](std::size_t i) {
        return i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) || text[i] == '_');
      };
      if ((at > 0 && letter(at - 1)) || letter(at + std::string_view(word).size())) continue;
      const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1;
      out.push_back("line " + std::to_string(line) + " says " + word +
                    "; finish it, or file an issue and say what is refused");
    }
  }
  return out;
}

}  // namespace gatehouse::architecture
