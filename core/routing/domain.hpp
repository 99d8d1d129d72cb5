#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::routing {

/// What a host and the start of a path select: an API's stage, and what is left of the path.
struct Selection {
  enum class Kind : std::uint8_t {
    Found,
    NoHost,      // no API or domain is there for that host
    NoMapping,   // a domain without a mapping for that path (AT-52)
    NoStage,     // first segment names no stage, no $default (AT-19, AT-21)
  } kind = Kind::NoHost;
  std::uint32_t target = 0;        // as given to the builder
  std::uint32_t refused_target = 0;  // NoStage/NoMapping: some target that the host belongs to, for the API type's body
  bool has_refused_target = false;
  std::string_view api_path;       // begins with '/'; a view of `path`
  std::string_view base_path;      // the base path or stage that matched; without slashes
  bool by_domain = false;          // a custom domain's mapping rather than the default endpoint
};

/// Hosts, custom domains with their base paths (AT-52, AT-53, AT-58) and default endpoints with their stages (AT-19,
/// AT-21, section 2.2 and 2.3: leading slashes before the stage, doubled ones behind it). Built once, immutable.
class HostTable {
 public:
  class Builder {
   public:
    Builder();
    ~Builder();
    /// A default endpoint: `hosts` empty = any host that nothing else claims. `stages`: name and target; `$default`
    /// serves what no other stage does. `rest`: leading and doubled slashes around the stage as section 2.3.
    /// Two APIs whose endpoints answer the same host and stage are a conflict.
    Result<void> add_endpoint(std::string_view api_name, bool rest, const std::vector<std::string>& hosts,
                              const std::vector<std::pair<std::string, std::uint32_t>>& stages);
    struct Mapping {
      std::string base_path;
      std::uint32_t target;
    };
    Result<void> add_domain(std::string_view name, const std::vector<Mapping>& mappings, bool prefix_compat);
    HostTable build();

   private:
    friend class HostTable;
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

  /// `host`: without a port, any case. `path`: normalised, begins with '/'. No allocation.
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
