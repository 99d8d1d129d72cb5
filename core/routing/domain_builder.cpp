#include <algorithm>

#include "routing/domain.hpp"
#include "routing/domain_data.hpp"

namespace gatehouse::routing {
namespace {

constexpr std::size_t kMaxHostBytes = 253;
constexpr std::size_t kMaxStageBytes = 128;
constexpr std::size_t kMaxBasePathBytes = 300;

std::string quoted(std::string_view text) {
  return std::string("`").append(text).append("`");
}

bool is_word(char c) noexcept {
  const char l = base::to_lower(c);
  return base::is_digit(c) || (l >= 'a' && l <= 'z');
}

bool is_host(std::string_view text) noexcept {
  if (text.empty() || text.size() > kMaxHostBytes) return false;
  if (text.front() == '[')
    return text.size() > 2 && text.back() == ']' &&
           text.substr(1, text.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  if (text.substr(0, 2) == "*.") text.remove_prefix(2);
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos)
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_stage(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxStageBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '-' || c == '_'; });
}

Result<void> check_base_path(std::string_view text, std::string_view domain) {
  const std::string where = "base path " + quoted(text) + " of domain " + quoted(domain);
  if (text.size() > kMaxBasePathBytes)
    return fail(Code::Limit, where + " is longer than " + std::to_string(kMaxBasePathBytes) + " bytes (AT-52)");
  if (text.empty()) return {};
  for (const char c : text)
    if (!is_word(c) && std::string_view("$-_.+!*'()/").find(c) == std::string_view::npos)
      return fail(Code::Invalid, where + " has a character other than letters, digits and `$-_.+!*'()/` (AT-52)");
  for (std::string_view rest = text;;) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, end);
    if (segment.empty() || segment == "." || segment == "..")
      return fail(Code::Invalid, where + " has an empty or dot segment: write it without slashes at its ends");
    if (end == rest.size()) return {};
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

struct HostTable::Builder::Impl {
  HostTable table;
  HostTable::Impl& data() { return *table.impl_; }

  std::uint32_t new_node() {
    data().node_place.push_back(kNone);
    return static_cast<std::uint32_t>(data().node_place.size() - 1);
  }
  std::uint32_t new_place(Place place) {
    data().places.push_back(std::move(place));
    return static_cast<std::uint32_t>(data().places.size() - 1);
  }
  /// The entry of that name; null when it is there already for a domain, or for anything while `domain`.
  Result<Host*> claim(std::string_view name, std::string_view who, bool domain) {
    if (!name.empty() && !is_host(name))
      return fail(Code::Invalid, quoted(name) + " of " + std::string(who) +
                                     " is not a host name: no port, no scheme; `*.` only in front");
    const bool wild = name.substr(0, 2) == "*.";
    ByHost<std::uint32_t>& map = wild ? data().wildcard : data().exact;
    const std::string key(wild ? name.substr(1) : name);
    std::uint32_t at = data().any;
    if (!name.empty()) {
      const auto it = map.find(key);
      at = it == map.end() ? kNone : it->second;
    }
    if (at != kNone) {
      Host& there = data().hosts[at];
      if (domain || there.domain)
        return fail(Code::Conflict, "host " + quoted(name) + " of " + std::string(who) + " is claimed by " +
                                        there.claimed_by + " already");
      return &there;
    }
    at = static_cast<std::uint32_t>(data().hosts.size());
    data().hosts.emplace_back();
    data().hosts[at].claimed_by = who;
    data().hosts[at].domain = domain;
    data().hosts[at].root = new_node();
    if (name.empty())
      data().any = at;
    else
      map.emplace(key, at);
    return &data().hosts[at];
  }
};

HostTable::Builder::Builder() : impl_(std::make_unique<Impl>()) {}
HostTable::Builder::~Builder() = default;

HostTable HostTable::Builder::build() {
  HostTable out = std::move(impl_->table);
  impl_ = std::make_unique<Impl>();
  return out;
}

Result<void> HostTable::Builder::add_endpoint(std::string_view api_name, bool rest,
                                              const std::vector<std::string>& hosts,
                                              const std::vector<std::pair<std::string, std::uint32_t>>& stages) {
  const std::string who = "api " + quoted(api_name);
  for (const auto& [stage, target] : stages) {
    if (stage == "$default" && rest)
      return fail(Code::Invalid, "stage `$default` of " + who + ": only HTTP APIs have one, name the stage");
    if (stage != "$default" && !is_stage(stage))
      return fail(Code::Invalid,
                  "stage " + quoted(stage) + " of " + who + " is not 1 to 128 letters, digits, `-` and `_`");
  }
  HostTable::Impl& data = impl_->data();
  for (std::size_t i = 0; i < std::max<std::size_t>(hosts.size(), 1); ++i) {
    if (!hosts.empty() && hosts[i].empty()) return fail(Code::Invalid, "a host of " + who + " is empty");
    const std::string_view name = hosts.empty() ? std::string_view() : std::string_view(hosts[i]);
    auto host = impl_->claim(name, who, false);
    if (!host) return tl::unexpected<Error>(std::move(host.error()));
    for (const auto& [stage, target] : stages) {
      const bool is_default = stage == "$default";
      const std::uint32_t node = is_default ? kNone : data.segments.find((*host)->root, stage);
      if (is_default ? (*host)->fallback != kNone : node != kNone)
        return fail(Code::Conflict, "stage " + quoted(stage) + " of " + who + " is taken on " +
                                        (name.empty() ? std::string("all hosts") : "host " + quoted(name)) +
                                        " by another api: give the apis different `hosts` or stages");
      const std::uint32_t place = impl_->new_place({stage, target, rest});
      if (is_default) {
        (*host)->fallback = place;
      } else {
        const std::uint32_t fresh = impl_->new_node();
        data.segments.insert((*host)->root, stage, fresh);
        data.node_place[fresh] = place;
      }
      if (!(*host)->has_refused_target) {
        (*host)->has_refused_target = true;
        (*host)->refused_target = target;
      }
    }
  }
  return {};
}

Result<void> HostTable::Builder::add_disabled_endpoint(std::string_view api_name, const std::vector<std::string>& hosts,
                                                       std::uint32_t target) {
  for (const std::string& name : hosts) {
    if (name.empty()) return fail(Code::Invalid, "a host of api " + quoted(api_name) + " is empty");
    auto host = impl_->claim(name, "api " + quoted(api_name), false);
    if (!host) return tl::unexpected<Error>(std::move(host.error()));
    if ((*host)->has_refused_target) continue;
    (*host)->has_refused_target = true;
    (*host)->refused_target = target;
  }
  return {};
}

Result<void> HostTable::Builder::add_domain(std::string_view name, const std::vector<Mapping>& mappings,
                                            bool prefix_compat) {
  if (name.empty()) return fail(Code::Invalid, "a domain has no name");
  auto claimed = impl_->claim(name, "domain " + quoted(name), true);
  if (!claimed) return tl::unexpected<Error>(std::move(claimed.error()));
  Host& host = **claimed;
  HostTable::Impl& data = impl_->data();
  for (const Mapping& mapping : mappings) {
    if (auto ok = check_base_path(mapping.base_path, name); !ok) return ok;
    const auto taken = [&] {
      return fail(Code::Conflict, "base path " + quoted(mapping.base_path.empty() ? "(none)" : mapping.base_path) +
                                      " of domain " + quoted(name) + " is mapped twice");
    };
    if (!host.has_refused_target) {
      host.has_refused_target = true;
      host.refused_target = mapping.target;
    }
    if (mapping.base_path.empty()) {
      if (host.fallback != kNone) return taken();
      host.fallback = impl_->new_place({"", mapping.target, mapping.rest});
      continue;
    }
    std::uint32_t node = host.root;
    for (std::string_view rest = mapping.base_path; !rest.empty();) {
      const std::size_t end = std::min(rest.find('/'), rest.size());
      const std::string_view segment = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      std::uint32_t next = data.segments.find(node, segment);
      if (next == kNone) {
        next = impl_->new_node();
        data.segments.insert(node, segment, next);
      }
      node = next;
    }
    if (data.node_place[node] != kNone) return taken();
    data.node_place[node] = impl_->new_place({mapping.base_path, mapping.target, mapping.rest});
    host.by_length.push_back(data.node_place[node]);
    if (prefix_compat && mapping.base_path.find('/') != std::string::npos) host.prefix_compat = true;
  }
  std::sort(host.by_length.begin(), host.by_length.end(),
            [&](std::uint32_t a, std::uint32_t b) { return data.places[a].name.size() > data.places[b].name.size(); });
  return {};
}

}  // namespace gatehouse::routing
