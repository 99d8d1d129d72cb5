#include "routing/domain.hpp"

#include <algorithm>

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

/// Without the segments at its beginning that a bare reading takes for empty.
std::string_view without_empty_segments(std::string_view path) noexcept {
  while (!path.empty() && until_semicolon(first_segment(path)).empty())
    path.remove_prefix(1 + first_segment(path).size());
  return path;
}

/// Where a bare reading goes on that has come to `at`.
std::size_t bare_position(std::string_view path, std::size_t at) noexcept {
  for (;;) {
    const std::string_view rest = path.substr(at);
    if (!rest.empty() && rest.front() == '/') {
      const std::string_view behind = without_empty_segments(rest);
      return behind.empty() ? at : path.size() - behind.size();
    }
    if (rest.empty() || !until_semicolon(rest).empty()) return at;
    at += std::min(rest.find('/'), rest.size());
  }
}

/// How many bytes of `path` read as `name` when escapes are decoded; npos when it begins with something else.
std::size_t prefix_length(std::string_view path, std::string_view name, bool bare) noexcept {
  std::size_t at = 0;
  for (const char c : name) {
    if (bare) at = bare_position(path, at);
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
  out.splits_segment = !rest.empty() && rest.front() != '/';
  out.api_path = out.splits_segment ? rest : inner(rest, place.rest);
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

HostTable::Impl::Choice HostTable::Impl::by_stage(const Host& host, std::string_view path, bool bare) const noexcept {
  const std::string_view tight = bare ? without_empty_segments(path) : without_leading_run(path);
  if (tight.empty()) return {host.fallback, path};
  const std::string_view segment = first_segment(tight);
  const std::uint32_t node = segments.find_encoded(host.root, bare ? until_semicolon(segment) : segment);
  if (node != kNone) {
    const std::uint32_t place = node_place[node];
    if (bare || places[place].rest || tight.size() == path.size()) return {place, tight.substr(1 + segment.size())};
  }
  return {host.fallback, path};
}

HostTable::Impl::Choice HostTable::Impl::by_mapping(const Host& host, std::string_view path, bool bare) const noexcept {
  const std::string_view tight = without_leading_run(path);
  const bool shifted = !bare && tight.size() != path.size();
  Choice best{host.fallback, path};
  std::uint32_t node = host.root;
  for (std::string_view rest = tight; !rest.empty();) {
    if (bare) rest = without_empty_segments(rest);
    if (rest.empty()) break;
    const std::string_view segment = first_segment(rest);
    node = segments.find_encoded(node, bare ? until_semicolon(segment) : segment);
    if (node == kNone) break;
    rest.remove_prefix(1 + segment.size());
    const std::uint32_t place = node_place[node];
    if (place != kNone && (places[place].rest || !shifted)) best = {place, rest};
  }
  return best;
}

HostTable::Impl::Choice HostTable::Impl::by_prefix(const Host& host, std::string_view path, bool bare) const noexcept {
  const std::string_view tight = bare ? without_empty_segments(path) : without_leading_run(path);
  if (tight.empty()) return {host.fallback, path};
  const bool shifted = !bare && tight.size() != path.size();
  for (const std::uint32_t place : host.by_length) {
    const std::size_t size = prefix_length(tight.substr(1), places[place].name, bare);
    if (size != std::string_view::npos && (places[place].rest || !shifted)) return {place, tight.substr(1 + size)};
  }
  return {host.fallback, path};
}

HostTable::Impl::Choice HostTable::Impl::choose(const Host& host, std::string_view path, bool bare) const noexcept {
  if (!host.domain) return by_stage(host, path, bare);
  return host.prefix_compat ? by_prefix(host, path, bare) : by_mapping(host, path, bare);
}

Selection HostTable::select(std::string_view host_name, std::string_view path) const noexcept {
  if (path.empty() || path.front() != '/') return {};
  const std::uint32_t at = impl_->find_host(host_name);
  if (at == kNone) return {};
  const Host& host = impl_->hosts[at];
  const Impl::Choice choice = impl_->choose(host, path, false);
  if (choice.place == kNone || (is_ambiguous(path) && impl_->choose(host, path, true).place != choice.place))
    return refused(host, host.domain ? Selection::Kind::NoMapping : Selection::Kind::NoStage);
  return found(host, impl_->places[choice.place], choice.rest);
}

}  // namespace gatehouse::routing
