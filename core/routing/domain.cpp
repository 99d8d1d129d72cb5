#include "routing/domain.hpp"

#include "routing/domain_data.hpp"
#include "routing/pattern.hpp"

namespace gatehouse::routing {
namespace {

std::string_view first_segment(std::string_view path) noexcept {
  return path.substr(1, path.find('/', 1) - 1);
}

std::string_view without_leading_run(std::string_view path) noexcept {
  while (path.size() > 1 && path[1] == '/') path.remove_prefix(1);
  return path;
}

std::string_view inner(std::string_view rest, bool is_rest) noexcept {
  if (rest.empty()) return "/";
  return is_rest ? without_leading_run(rest) : rest;
}

/// How many bytes of `path` read as `name` when escapes are decoded; npos when it begins with something else.
std::size_t prefix_length(std::string_view path, std::string_view name) noexcept {
  std::size_t at = 0;
  for (const char c : name) {
    if (at == path.size()) return std::string_view::npos;
    const std::size_t size = path[at] == '%' && at + 2 < path.size() ? 3 : 1;
    char decoded = 0;
    if (decode_segment(path.substr(at, size), &decoded, 1) != 1 || decoded != c) return std::string_view::npos;
    at += size;
  }
  return at;
}

Selection refused(const Host& host, Selection::Kind kind) noexcept {
  Selection out;
  out.kind = kind;
  out.refused_target = host.refused_target;
  out.has_refused_target = host.has_refused_target;
  out.by_domain = host.domain;
  return out;
}

Selection found(const Host& host, const Place& place, std::string_view rest) noexcept {
  Selection out;
  out.kind = Selection::Kind::Found;
  out.target = place.target;
  out.base_path = place.name;
  out.by_domain = host.domain;
  out.api_path = inner(rest, place.rest);
  return out;
}

}  // namespace

HostTable::HostTable() : impl_(std::make_unique<Impl>()) {}
HostTable::HostTable(HostTable&&) noexcept = default;
HostTable& HostTable::operator=(HostTable&&) noexcept = default;
HostTable::~HostTable() = default;

std::uint32_t HostTable::Impl::find_host(std::string_view host) const noexcept {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  if (const auto it = exact.find(host); it != exact.end()) return it->second;
  const std::size_t dot = host.find('.');
  if (dot != std::string_view::npos && dot != 0)
    if (const auto it = wildcard.find(host.substr(dot)); it != wildcard.end()) return it->second;
  return any;
}

Selection HostTable::Impl::by_stage(const Host& host, std::string_view path) const noexcept {
  const std::string_view tight = without_leading_run(path);
  const std::string_view segment = first_segment(tight);
  const std::uint32_t node = segments.find_encoded(host.root, segment);
  if (node != kNone) {
    const Place& place = places[node_place[node]];
    if (place.rest || tight.size() == path.size()) return found(host, place, tight.substr(1 + segment.size()));
  }
  if (host.fallback != kNone) return found(host, places[host.fallback], path);
  return refused(host, Selection::Kind::NoStage);
}

Selection HostTable::Impl::by_mapping(const Host& host, std::string_view path) const noexcept {
  const std::string_view tight = without_leading_run(path);
  const bool shifted = tight.size() != path.size();
  std::uint32_t best = host.fallback;
  std::string_view best_rest = path;
  std::uint32_t node = host.root;
  for (std::string_view rest = tight; !rest.empty();) {
    const std::string_view segment = first_segment(rest);
    node = segments.find_encoded(node, segment);
    if (node == kNone) break;
    rest.remove_prefix(1 + segment.size());
    const std::uint32_t place = node_place[node];
    if (place != kNone && (places[place].rest || !shifted)) {
      best = place;
      best_rest = rest;
    }
  }
  if (best == kNone) return refused(host, Selection::Kind::NoMapping);
  return found(host, places[best], best_rest);
}

Selection HostTable::Impl::by_prefix(const Host& host, std::string_view path) const noexcept {
  const std::string_view tight = without_leading_run(path);
  const bool shifted = tight.size() != path.size();
  for (const std::uint32_t at : host.by_length) {
    const Place& place = places[at];
    const std::size_t size = prefix_length(tight.substr(1), place.name);
    if (size == std::string_view::npos || (shifted && !place.rest)) continue;
    const std::string_view rest = tight.substr(1 + size);
    Selection out = found(host, place, rest);
    if (!rest.empty() && rest.front() != '/') {
      out.splits_segment = true;
      out.api_path = rest;
    }
    return out;
  }
  if (host.fallback != kNone) return found(host, places[host.fallback], path);
  return refused(host, Selection::Kind::NoMapping);
}

Selection HostTable::select(std::string_view host_name, std::string_view path) const noexcept {
  if (path.empty() || path.front() != '/') return {};
  const std::uint32_t at = impl_->find_host(host_name);
  if (at == kNone) return {};
  const Host& host = impl_->hosts[at];
  if (!host.domain) return impl_->by_stage(host, path);
  return host.prefix_compat ? impl_->by_prefix(host, path) : impl_->by_mapping(host, path);
}

}  // namespace gatehouse::routing
