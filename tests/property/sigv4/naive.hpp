#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Canonical requests as the specification tells them, a step a line, with no thought of speed.
namespace gatehouse::kit::sigv4::naive {

inline std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out(1);
  for (const char c : text)
    if (c == at)
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

inline std::string encode(const std::string& text, const std::string& keep = "") {
  const std::string plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~" + keep;
  std::string out;
  for (const char c : text) {
    if (plain.find(c) != std::string::npos) {
      out += c;
      continue;
    }
    const std::string digits = "0123456789ABCDEF";
    out += '%';
    out += digits[static_cast<unsigned char>(c) / 16];
    out += digits[static_cast<unsigned char>(c) % 16];
  }
  return out;
}

inline std::string decode(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

inline std::string query(const std::string& raw) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const std::string& part : split(raw, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string name = part.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
    all.emplace_back(encode(decode(name)), encode(decode(value)));
  }
  std::sort(all.begin(), all.end());
  std::string out;
  for (const auto& [name, value] : all) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

inline std::string trim(const std::string& value) {
  std::string out;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

inline std::string headers(const std::vector<std::pair<std::string, std::string>>& all) {
  std::map<std::string, std::vector<std::string>> by_name;
  for (const auto& [name, value] : all) by_name[name].push_back(trim(value));
  std::string out;
  for (const auto& [name, values] : by_name) {
    out += name + ":";
    for (std::size_t i = 0; i < values.size(); ++i) out += (i != 0 ? "," : "") + values[i];
    out += "\n";
  }
  return out;
}

inline std::string names(const std::vector<std::pair<std::string, std::string>>& all) {
  std::set<std::string> unique;
  for (const auto& [name, value] : all) unique.insert(name);
  std::string out;
  for (const std::string& name : unique) out += (out.empty() ? "" : ";") + name;
  return out;
}

/// What the signers of SDKs do (botocore's, word by word).
inline std::string normalised(const std::string& path) {
  std::vector<std::string> kept;
  for (const std::string& segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else {
      kept.push_back(segment);
    }
  }
  std::string out = "/";
  for (std::size_t i = 0; i < kept.size(); ++i) out += (i != 0 ? "/" : "") + kept[i];
  if (path.back() == '/' && !kept.empty()) out += "/";
  return out;
}

}  // namespace gatehouse::kit::sigv4::naive
