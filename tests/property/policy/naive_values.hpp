#pragma once
#include <arpa/inet.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "property/policy/model.hpp"

/// Values as spec/iam-policy sections 2 to 4 have them, said slowly.
namespace gatehouse::policy::naive {

/// Lower case: ASCII and the Latin-1 letters in UTF-8.
inline std::string folded(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 'A' && c <= 'Z') text[i] = static_cast<char>(c + 32);
    const auto before = i == 0 ? 0u : static_cast<unsigned char>(text[i - 1]);
    if (before == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97) text[i] = static_cast<char>(c + 32);
  }
  return text;
}

/// A byte to be matched, or -1 for any characters, -2 for one.
using Tokens = std::vector<int>;
constexpr int kStar = -1;
constexpr int kOne = -2;

inline std::size_t character(const std::string& text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
  return end - at;
}

inline bool glob(const Tokens& pattern, std::size_t p, const std::string& text, std::size_t t) {
  if (p == pattern.size()) return t == text.size();
  if (pattern[p] == kStar) return glob(pattern, p + 1, text, t) || (t < text.size() && glob(pattern, p, text, t + 1));
  if (t == text.size()) return false;
  if (pattern[p] == kOne) return glob(pattern, p + 1, text, t + character(text, t));
  return pattern[p] == static_cast<unsigned char>(text[t]) && glob(pattern, p + 1, text, t + 1);
}

struct Rules {
  bool wildcards = true, variables = false;
};

using Context = std::map<std::string, Key>;

inline std::optional<std::string> single(const Context& context, const std::string& name) {
  const auto found = context.find(folded(name));
  if (found == context.end() || found->second.multi || found->second.values.size() != 1) return std::nullopt;
  if (found->second.values[0].empty()) return std::nullopt;
  return found->second.values[0];
}

/// A default stands for what is not there; a multi-valued key may not be used at all (section 3, rule 1).
inline bool may_default(const Context& context, const std::string& name) {
  const auto found = context.find(folded(name));
  return found == context.end() || found->second.values.empty() || !found->second.multi;
}

/// Nothing: a variable is unresolved (section 3, rule 3).
inline std::optional<Tokens> tokens(const std::string& text, const Rules& rules, const Context& context) {
  Tokens out;
  const auto literal = [&](const std::string& t) {
    for (const char c : t) out.push_back(static_cast<unsigned char>(c));
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t close = text.find('}', i);
    if (rules.variables && text.compare(i, 2, "${") == 0 && close != std::string::npos) {
      const std::string inside = text.substr(i + 2, close - i - 2);
      i = close;
      if (inside == "*" || inside == "?" || inside == "$") {
        literal(inside);
        continue;
      }
      const std::size_t comma = inside.find(", '");
      const bool has_default = comma != std::string::npos && inside.size() >= comma + 4 && inside.back() == '\'';
      const std::string name = has_default ? inside.substr(0, comma) : inside;
      if (const auto value = single(context, name))
        literal(*value);
      else if (has_default && may_default(context, name))
        literal(inside.substr(comma + 3, inside.size() - comma - 4));
      else
        return std::nullopt;
    } else if (rules.wildcards && (text[i] == '*' || text[i] == '?')) {
      out.push_back(text[i] == '*' ? kStar : kOne);
    } else {
      out.push_back(static_cast<unsigned char>(text[i]));
    }
  }
  return out;
}

inline bool plain_glob(const std::string& pattern, const std::string& text) {
  return glob(*tokens(pattern, {}, {}), 0, text, 0);
}

/// At the first five colons. `whole_variables`: colons in `${...}` are none.
inline std::vector<std::string> split_arn(const std::string& text, bool whole_variables = false) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t close = text.find('}', i);
    if (whole_variables && text.compare(i, 2, "${") == 0 && close != std::string::npos) {
      out.back() += text.substr(i, close - i + 1);
      i = close;
    } else if (text[i] == ':' && out.size() < 6) {
      out.emplace_back();
    } else {
      out.back() += text[i];
    }
  }
  return out;
}

// ---- addresses

struct Address {
  std::vector<std::uint8_t> bytes;  // 4 or 16
};

inline std::optional<Address> address(std::string text) {
  text = text.substr(0, text.find('%'));
  Address out;
  out.bytes.resize(4);
  if (inet_pton(AF_INET, text.c_str(), out.bytes.data()) == 1) return out;
  out.bytes.resize(16);
  if (inet_pton(AF_INET6, text.c_str(), out.bytes.data()) != 1) return std::nullopt;
  bool mapped = true;
  for (std::size_t i = 0; i < 12; ++i) mapped = mapped && out.bytes[i] == (i < 10 ? 0 : 0xff);
  if (mapped) out.bytes.erase(out.bytes.begin(), out.bytes.begin() + 12);
  return out;
}

inline bool bit(const Address& a, std::size_t i) {
  return (a.bytes[i / 8] >> (7 - i % 8) & 1) != 0;
}

inline bool in_block(const std::string& block, const std::string& text) {
  const std::size_t slash = block.find('/');
  const auto base = address(block.substr(0, slash));
  const auto have = address(text);
  if (!base || !have || base->bytes.size() != have->bytes.size()) return false;
  const std::size_t bits = slash == std::string::npos ? base->bytes.size() * 8 : std::stoul(block.substr(slash + 1));
  for (std::size_t i = 0; i < bits; ++i)
    if (bit(*base, i) != bit(*have, i)) return false;
  return true;
}

// ---- numbers and dates

inline bool all_digits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

inline std::optional<long double> number(const std::string& text) {
  const std::string body = text.substr(!text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0);
  const std::size_t dot = body.find('.');
  const std::string whole = body.substr(0, dot);
  const std::string fraction = dot == std::string::npos ? "" : body.substr(dot + 1);
  if ((!whole.empty() && !all_digits(whole)) || (!fraction.empty() && !all_digits(fraction))) return std::nullopt;
  if (whole.empty() && fraction.empty()) return std::nullopt;
  return std::stold(text);
}

inline int days_of(int year, int month) {
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 ? (leap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Seconds since 1970 and nanoseconds.
using Moment = std::pair<long long, long long>;

inline std::optional<Moment> date(const std::string& text) {
  if (all_digits(text) && text.size() != 4)
    return text.size() > 15 ? std::nullopt : std::optional(Moment{std::stoll(text), 0});
  // What stands where: every form is the beginning of the longest.
  std::string shape;
  for (const char c : text) shape += c >= '0' && c <= '9' ? '9' : c;
  const auto two = [&](std::size_t at) { return std::stoi(text.substr(at, 2)); };
  int month = 1, day = 1, hour = 0, minute = 0, second = 0, offset = 0;
  long long nanoseconds = 0;
  if (shape != "9999" && shape != "9999-99" && shape != "9999-99-99") {
    if (shape.compare(0, 16, "9999-99-99T99:99") != 0) return std::nullopt;
    std::size_t at = 16;
    if (shape.compare(at, 3, ":99") == 0) {
      second = two(at + 1);
      at += 3;
      if (shape.compare(at, 2, ".9") == 0) {
        long long unit = 100'000'000;
        for (++at; at < shape.size() && shape[at] == '9'; ++at, unit /= 10) nanoseconds += (text[at] - '0') * unit;
      }
    }
    const std::string zone = shape.substr(at);
    if (zone == "+99:99" || zone == "-99:99") {
      if (two(at + 1) > 23 || two(at + 4) > 59) return std::nullopt;
      offset = (two(at + 1) * 60 + two(at + 4)) * (zone[0] == '-' ? -60 : 60);
    } else if (zone != "Z") {
      return std::nullopt;
    }
    hour = two(11);
    minute = two(14);
  }
  const int year = std::stoi(text.substr(0, 4));
  if (shape.size() >= 7) month = two(5);
  if (shape.size() >= 10) day = two(8);
  if (month < 1 || month > 12 || day < 1 || day > days_of(year, month)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  long long days = 0;
  for (int y = year; y < 1970; ++y) days -= days_of(y, 2) == 29 ? 366 : 365;
  for (int y = 1970; y < year; ++y) days += days_of(y, 2) == 29 ? 366 : 365;
  for (int m = 1; m < month; ++m) days += days_of(year, m);
  return Moment{(days + day - 1) * 86'400 + hour * 3'600 + minute * 60 + second - offset, nanoseconds};
}

inline std::optional<bool> flag(const std::string& text) {
  if (folded(text) == "true") return true;
  if (folded(text) == "false") return false;
  return std::nullopt;
}

/// As bits, so that padding does not count.
inline std::optional<std::string> base64(std::string text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (!text.empty() && text.back() == '=') text.pop_back();
  std::string bits;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string::npos) return std::nullopt;
    for (int i = 5; i >= 0; --i) bits += (value >> i & 1) != 0 ? '1' : '0';
  }
  bits.resize(bits.size() / 8 * 8);
  return bits;
}

}  // namespace gatehouse::policy::naive
