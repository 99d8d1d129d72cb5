#include <algorithm>
#include <utility>

#include "gatehouse/kit/jose/key.hpp"
#include "text.hpp"

namespace gatehouse::kit::jose {
namespace {

constexpr std::size_t kMostKeys = 500;
constexpr JsonLimits kLimits{std::size_t{1} << 20, 20'000, 16, 256};

bool same(const Key& a, const Key& b) {
  return a.kid() == b.kid() && a.thumbprint() == b.thumbprint() && a.algorithm() == b.algorithm();
}

}  // namespace

std::shared_ptr<const KeySet> KeySet::parse(std::string_view json, KeySetReport& report, std::size_t max_bytes) {
  report = {};
  const auto refuse = [&](std::string why) {
    report.fault = std::move(why);
    return nullptr;
  };
  JsonLimits limits = kLimits;
  limits.bytes = std::min(limits.bytes, max_bytes);
  JsonFault fault;
  const std::optional<Json> document = parse_json(json, fault, limits);
  if (!document)
    return refuse(fault.too_large ? "a key set of more than " + std::to_string(limits.bytes) + " bytes" : fault.text);
  const Json* const members = document->kind == Json::Kind::Object ? document->member("keys") : nullptr;
  if (members == nullptr || members->kind != Json::Kind::Array)
    return refuse("no JWK set: no JSON object with a list `keys`");
  if (members->children.size() > kMostKeys)
    return refuse("a key set of more than " + std::to_string(kMostKeys) + " keys");

  struct Read {
    Key key;
    std::size_t index;
  };
  std::vector<Read> read;
  const auto ignore = [&](std::size_t index, const std::string& why) {
    report.ignored.push_back("/keys/" + std::to_string(index) + ": " + why);
  };
  for (std::size_t i = 0; i < members->children.size(); ++i) {
    std::string why;
    std::optional<Key> key = Key::parse(members->children[i], why);
    if (key && key->kid().empty()) {
      key.reset();
      why = "has no `kid`, so that no token can name it";
    }
    if (key)
      read.push_back({std::move(*key), i});
    else
      ignore(i, why);
  }
  std::shared_ptr<KeySet> set(new KeySet);
  for (std::size_t i = 0; i < read.size(); ++i) {
    const Key& key = read[i].key;
    const auto is_other = [&](const Read& other) { return other.key.kid() == key.kid() && !same(other.key, key); };
    const auto is_same = [&](const Read& other) { return same(other.key, key); };
    if (std::any_of(read.begin(), read.end(), is_other))
      ignore(read[i].index, "another key has the same `kid` " + quoted(key.kid()));
    else if (std::none_of(read.begin(), read.begin() + static_cast<std::ptrdiff_t>(i), is_same))
      set->keys_.push_back(key);
  }
  if (set->keys_.empty()) return refuse("no key that tokens can be verified with");
  for (std::size_t i = 0; i < set->keys_.size(); ++i) set->by_kid_.emplace(set->keys_[i].kid(), i);
  return set;
}

const Key* KeySet::find(std::string_view kid) const noexcept {
  const auto found = by_kid_.find(kid);
  return found == by_kid_.end() ? nullptr : &keys_[found->second];
}

bool KeySet::same_as(const KeySet& other) const noexcept {
  return keys_.size() == other.keys_.size() && std::all_of(keys_.begin(), keys_.end(), [&](const Key& key) {
           const Key* const there = other.find(key.kid());
           return there != nullptr && same(*there, key);
         });
}

}  // namespace gatehouse::kit::jose
