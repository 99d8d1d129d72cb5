#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text.hpp"
#include "routing/domain.hpp"
#include "routing/segment_index.hpp"

namespace gatehouse::routing {

struct IgnoringCase {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    std::uint64_t h = 14695981039346656037u;  // FNV-1a
    for (const char c : text) h = (h ^ static_cast<unsigned char>(base::to_lower(c))) * 1099511628211u;
    return h;
  }
  bool operator()(std::string_view a, std::string_view b) const noexcept { return base::equal_ignoring_case(a, b); }
};
template <class T>
using ByHost = std::unordered_map<std::string, T, IgnoringCase, IgnoringCase>;

/// A stage or a mapping: where it leads.
struct Place {
  std::string name;
  std::uint32_t target = 0;
  bool rest = false;
};

/// What one host name, wildcard, or the rest of the hosts has: an endpoint's stages or a domain's mappings.
struct Host {
  std::string claimed_by;  // for messages
  bool domain = false;
  bool prefix_compat = false;      // with a base path of several segments
  std::uint32_t root = kNone;      // node in HostTable::Impl::segments
  std::uint32_t fallback = kNone;  // place of `$default` or `(none)`
  std::uint32_t refused_target = 0;
  bool has_refused_target = false;
  std::vector<std::uint32_t> by_length;  // prefix_compat: places, longest name first
};

struct HostTable::Impl {
  ByHost<std::uint32_t> exact;     // host
  ByHost<std::uint32_t> wildcard;  // `.example.com`
  std::uint32_t any = kNone;
  std::vector<Host> hosts;
  std::vector<Place> places;
  std::vector<std::uint32_t> node_place;  // by node: place that ends there, or kNone
  SegmentIndex segments;

  std::uint32_t find_host(std::string_view host) const noexcept;
  /// Where a path leads inside a host, and what is left of it. `bare`: as in Tree::Reading.
  struct Choice {
    std::uint32_t place = kNone;
    std::string_view rest;
  };
  Choice choose(const Host& host, std::string_view path, bool bare) const noexcept;
  Choice by_stage(const Host& host, std::string_view path, bool bare) const noexcept;
  Choice by_mapping(const Host& host, std::string_view path, bool bare) const noexcept;
  Choice by_prefix(const Host& host, std::string_view path, bool bare) const noexcept;
};

}  // namespace gatehouse::routing
