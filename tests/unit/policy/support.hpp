#pragma once
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "policy/parse.hpp"

namespace gatehouse::policy::test {

/// Condition keys of a request, as a test writes them down.
class Keys final : public Context {
 public:
  Keys() = default;
  Keys(std::initializer_list<std::pair<const char*, std::vector<std::string>>> all) {
    for (const auto& [name, values] : all) set(name, values);
  }
  Keys& set(std::string_view name, std::vector<std::string> values, bool multi = false) {
    auto entry = std::make_shared<Entry>();
    entry->texts = std::move(values);
    entry->multi = multi;
    entry->views.assign(entry->texts.begin(), entry->texts.end());
    entries_[base::lower(name)] = std::move(entry);
    return *this;
  }
  Keys& multi(std::string_view name, std::vector<std::string> values) { return set(name, std::move(values), true); }

  Values find(const KeyName& key) const override {
    const auto found = entries_.find(key.lower);
    if (found == entries_.end()) return {};
    return {found->second->views, found->second->multi};
  }

 private:
  struct Entry {
    std::vector<std::string> texts;
    std::vector<std::string_view> views;
    bool multi = false;
  };
  std::map<std::string, std::shared_ptr<const Entry>, std::less<>> entries_;
};

/// A document that must be sound; ' stands for ".
inline std::string json(std::string text) {
  for (char& c : text)
    if (c == '\'') c = '"';
  return text;
}

inline ParseOptions of_api() {
  ParseOptions out;
  out.api_arn = "arn:aws:execute-api:us-east-1:111122223333:abcde12345";
  return out;
}

inline Policy policy(const std::string& text, Kind kind = Kind::Resource) {
  auto out = parse(json(text), kind, of_api());
  if (!out) throw std::runtime_error(policy::text(out.error()) + "\n" + text);
  return std::move(*out);
}

}  // namespace gatehouse::policy::test
