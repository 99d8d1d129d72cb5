#pragma once
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "http/parser.hpp"

/// The slow, obvious twin of the parsers: whole heads in strings, cut into lines and words.
namespace gatehouse::http::naive {

using Text = std::string;

struct Line {
  Text name, value;
  bool dropped = false;
};

struct Head {
  enum class State { Complete, Refused, Unfinished } state = State::Unfinished;
  int status = 0;              // of a refusal
  bool bare_line_end = false;  // the refusal is a CR or LF that stands alone: which fault comes first is not told
  Text method, target, authority, reason;
  Text scheme;  // of an absolute target
  int minor_version = 1, code = 0;
  std::vector<Line> lines;
  long long content_length = -1;
  bool chunked = false, keep_alive = false, expect = false, upgrade = false;
  std::size_t bytes = 0;
};

inline Text lower(Text t) {
  for (char& c : t)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return t;
}
inline Text trim(Text t) {
  while (!t.empty() && (t.front() == ' ' || t.front() == '\t')) t.erase(0, 1);
  while (!t.empty() && (t.back() == ' ' || t.back() == '\t')) t.pop_back();
  return t;
}
inline std::vector<Text> split(const Text& t, char at) {
  std::vector<Text> out(1);
  for (const char c : t) {
    if (c == at)
      out.emplace_back();
    else
      out.back().push_back(c);
  }
  return out;
}
inline bool only(const Text& t, const Text& allowed) {
  return t.find_first_not_of(allowed) == Text::npos;
}

inline const Text kDigits = "0123456789";
inline const Text kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
inline const Text kTokens = kDigits + kLetters + "!#$%&'*+-.^_`|~";
inline bool is_token(const Text& t) {
  return !t.empty() && only(t, kTokens);
}
inline bool has_control(const Text& t) {
  for (const char c : t)
    if ((static_cast<unsigned char>(c) < 32 && c != '\t') || c == 127) return true;
  return false;
}
inline bool is_target_text(const Text& t) {
  for (const char c : t)
    if (c <= ' ' || c == 127 || c == '#') return false;
  return !t.empty();
}

/// Takes one line off `rest`. False: there is no whole line; `bare`: it does not end with CR LF.
inline bool take_line(Text& rest, Text& line, bool& bare) {
  const std::size_t end = rest.find_first_of("\r\n");
  if (end == Text::npos) return false;
  if (rest[end] == '\r' && end + 1 == rest.size()) return false;
  bare = rest.compare(end, 2, "\r\n") != 0;
  line = rest.substr(0, end);
  rest.erase(0, end + 2);
  return true;
}

/// Reads the lines behind the first one and fills what follows from them.
inline void read_lines(Text rest, bool request, Head& h) {
  const auto refuse = [&h](int status, bool bare = false) {
    h.state = Head::State::Refused;
    h.status = status;
    h.bare_line_end = bare;
  };
  std::map<Text, int> seen;
  std::set<Text> options, named;
  bool expect_other = false;
  for (;;) {
    Text line;
    bool bare = false;
    if (!take_line(rest, line, bare)) return;
    if (bare) return refuse(400, true);
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == Text::npos || !is_token(line.substr(0, colon))) return refuse(400);
    const Line l{line.substr(0, colon), trim(line.substr(colon + 1)), false};
    if (has_control(l.value)) return refuse(400);
    h.lines.push_back(l);
    const Text name = lower(l.name);
    const Text value = lower(l.value);
    ++seen[name];
    if (name == "content-length") {
      if (seen[name] > 1 || h.chunked || l.value.empty() || !only(l.value, kDigits) || l.value.size() > 18)
        return refuse(400);
      h.content_length = std::stoll(l.value);
    } else if (name == "transfer-encoding") {
      if (seen[name] > 1 || h.content_length >= 0 || value != "chunked") return refuse(400);
      h.chunked = true;
    } else if (name == "connection") {
      for (const Text& part : split(value, ',')) {
        const Text option = trim(part);
        if (option.empty()) continue;
        if (!is_token(option)) return refuse(400);
        for (const char* stays : {"host", "content-length", "transfer-encoding", "authorization"})
          if (option == stays) return refuse(400);
        options.insert(option);
      }
    } else if (name == "expect") {
      (value == "100-continue" ? h.expect : expect_other) = true;
    }
  }
  h.bytes -= rest.size();
  named = options;
  for (const char* own : {"close", "keep-alive", "upgrade"}) named.erase(own);
  for (Line& l : h.lines) l.dropped = named.count(lower(l.name)) == 1;
  if (request) {
    if (seen["host"] > 1 || (seen["host"] == 0 && h.minor_version == 1)) return refuse(400);
    if (seen["authorization"] > 1) return refuse(400);
    for (const Line& l : h.lines) {
      if (lower(l.name) != "host") continue;
      if (!is_valid_authority(l.value)) return refuse(400);
      const Text port = h.scheme == "https" ? ":443" : ":80";
      const auto with_port = [&](const Text& t) {
        const std::size_t colon = t.find(':', t[0] == '[' ? t.find(']') : 0);
        return lower(colon == Text::npos ? t + port : t);
      };
      if (h.authority.empty())
        h.authority = l.value;
      else if (with_port(h.authority) != with_port(l.value))
        return refuse(400);
    }
  }
  if (h.chunked && h.minor_version == 0) return refuse(400);
  if (request && expect_other) return refuse(417);
  const bool bodiless = !request && (h.code < 200 || h.code == 204 || h.code == 304);
  if (bodiless && (h.chunked || (h.content_length > 0 && h.code != 304))) return refuse(400);
  h.keep_alive = options.count("close") == 0 && (h.minor_version == 1 || options.count("keep-alive") == 1);
  h.expect = h.expect && h.minor_version == 1;
  h.upgrade = options.count("upgrade") == 1 && seen.count("upgrade") == 1 && h.minor_version == 1;
  h.state = Head::State::Complete;
}

inline Head request(Text rest) {
  Head h;
  h.bytes = rest.size();
  const auto refuse = [&h](int status, bool bare = false) {
    h.state = Head::State::Refused;
    h.status = status;
    h.bare_line_end = bare;
    return h;
  };
  Text line;
  bool bare = false;
  for (int empty = 0; line.empty(); ++empty) {
    if (!take_line(rest, line, bare)) return h;
    if (bare) return refuse(400, true);
    if (line.empty() && empty == 4) return refuse(400);
  }
  const std::vector<Text> words = split(line, ' ');
  // Which of a bad version and what stands behind it is the fault is a matter of taste.
  if (words.size() > 3 && words[2].compare(0, 5, "HTTP/") == 0) return refuse(0);
  if (words.size() != 3 || !is_token(words[0]) || !is_target_text(words[1])) return refuse(400);
  const Text& version = words[2];
  if (version.size() != 8 || version.compare(0, 5, "HTTP/") != 0 || version[6] != '.' ||
      !only(version.substr(5, 1) + version.substr(7), kDigits))
    return refuse(version.size() > 8 && version.compare(0, 5, "HTTP/") == 0 ? 0 : 400);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(505);
  h.minor_version = version[7] - '0';
  h.method = words[0];
  const std::set<Text> methods = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
  if (methods.count(h.method) == 0) return refuse(501);
  h.target = words[1];
  if (h.target[0] != '/' && !(h.target == "*" && h.method == "OPTIONS")) {
    const std::size_t scheme = h.target.find("://");
    if (scheme == Text::npos) return refuse(400);
    const Text name = lower(h.target.substr(0, scheme));
    if (name != "http" && name != "https") return refuse(400);
    h.scheme = name;
    const Text behind = h.target.substr(scheme + 3);
    const std::size_t path = behind.find_first_of("/?");
    h.authority = behind.substr(0, path);
    if (!is_valid_authority(h.authority)) return refuse(400);
    h.target = path == Text::npos ? "/" : behind.substr(path);
    if (h.target[0] == '?') return refuse(400);
  }
  read_lines(rest, true, h);
  return h;
}

inline Head response(Text rest) {
  Head h;
  h.bytes = rest.size();
  const auto refuse = [&h](bool bare = false) {
    h.state = Head::State::Refused;
    h.status = 502;
    h.bare_line_end = bare;
    return h;
  };
  Text line;
  bool bare = false;
  if (!take_line(rest, line, bare)) return h;
  if (bare) return refuse(true);
  if (line.size() < 12 || (line.compare(0, 9, "HTTP/1.1 ") != 0 && line.compare(0, 9, "HTTP/1.0 ") != 0))
    return refuse();
  h.minor_version = line[7] - '0';
  const Text code = line.substr(9, 3);
  if (!only(code, kDigits) || code < "100" || code > "599") return refuse();
  h.code = std::stoi(code);
  if (line.size() > 12 && line[12] != ' ') return refuse();
  h.reason = line.size() > 12 ? line.substr(13) : "";
  if (has_control(h.reason)) return refuse();
  read_lines(rest, false, h);
  if (h.state == Head::State::Refused) h.status = 502;
  return h;
}

}  // namespace gatehouse::http::naive
