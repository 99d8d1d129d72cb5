#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::routing {

/// What a host and the start of a path select: an API's stage, and what is left of the path.
struct Selection {
  enum class Kind : std::uint8_t {
    Found,
    NoHost,     // no API or domain is there for that host
    NoMapping,  // a domain without a mapping for that path (AT-52)
    NoStage,    // first segment names no stage, no $default (AT-19, AT-21); or the endpoint is disabled
  } kind = Kind::NoHost;
  std::uint32_t target = 0;          // as given to the builder
  std::uint32_t refused_target = 0;  // NoStage/NoMapping: some target that the host belongs to, for the API type's body
  bool has_refused_target = false;
  /// Begins with '/'; a view of `path`, or the constant "/". Only where `splits_segment` its first '/' is missing.
  std::string_view api_path;
  std::string_view base_path;   // the base path or stage that matched, as configured; no slash at either end
  bool by_domain = false;       // a custom domain's mapping rather than the default endpoint
  bool splits_segment = false;  // prefix_compat only: the base path ended inside a segment (AT-53)
};

/// Hosts, custom domains with their base paths (AT-52, AT-53, AT-58) and default endpoints with their stages (AT-19,
/// AT-21, section 2.2 and 2.3: leading slashes before the stage, doubled ones behind it). Built once, immutable.
///
/// A host's own name wins over a wildcard, a wildcard over endpoints for any host; what no other claims is left to
/// the latter. `*.example.com` stands for exactly one label, as in a certificate. Hosts ignore case and one dot at
/// their end. Stages and base paths are case-sensitive.
///
/// REST: a run of slashes before and behind the stage or base path is one slash. HTTP: each slash counts, so `//dev/x`
/// begins with an empty segment, which no stage and no base path is.
///
/// Doubled slashes, and `;` with what follows in its segment, are ambiguous to what stands behind us, so a path that
/// has them must select the same stage or base path without them, or it selects none: `//orders/7` and `/orders;x/7`
/// never reach what is mapped at `(none)`, or an HTTP API's `$default`, around what is mapped at `orders`.
class HostTable {
 public:
  class Builder {  // [setup]
   public:
    Builder();
    ~Builder();
    /// A default endpoint: `hosts` empty = any host that nothing else claims. `stages`: name and target; `$default`
    /// (HTTP APIs only) serves what no other stage does. Several APIs may share a host; Code::Conflict when two of them
    /// have the same stage there, or a domain has that name. Code::Invalid for what is not a host or not a stage name.
    Result<void> add_endpoint(std::string_view api_name, bool rest, const std::vector<std::string>& hosts,
                              const std::vector<std::pair<std::string, std::uint32_t>>& stages);
    /// A disabled default endpoint (AT-19): its hosts answer NoStage with that refused_target, unless they have stages
    /// of another API. Without hosts it is as if it were not there.
    Result<void> add_disabled_endpoint(std::string_view api_name, const std::vector<std::string>& hosts,
                                       std::uint32_t target);
    struct Mapping {
      std::string base_path;  // without slashes at its ends; empty = (none)
      std::uint32_t target;
      bool rest = false;  // the target is a REST API: which slash rule holds
    };
    /// A custom domain, `api.example.com` or `*.example.com`. `prefix_compat`: with a base path of several segments on
    /// the domain, base paths are matched as prefixes of the text, as AWS does (AT-53), at a cost of their number.
    Result<void> add_domain(std::string_view name, const std::vector<Mapping>& mappings, bool prefix_compat);
    /// Leaves the builder empty.
    HostTable build();

   private:
    friend class HostTable;
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

  /// `host`: without a port, any case. `path`: normalised, begins with '/'. [any] No allocation.
  Selection select(std::string_view host, std::string_view path) const noexcept;
  HostTable(HostTable&&) noexcept;
  HostTable& operator=(HostTable&&) noexcept;
  ~HostTable();

 private:
  friend class Builder;
  HostTable();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::routing
