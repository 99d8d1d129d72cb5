#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ip.hpp"
#include "client/address_rule.hpp"

namespace gatehouse::net {
class TlsClientContext;
}

namespace gatehouse::client {

/// TLS towards an upstream. Verified unless said otherwise.
struct TlsSettings {
  bool verify = true;
  std::string ca_file;                     // empty: the system's authorities
  std::string certificate_file, key_file;  // ours, shown when the upstream asks; both or none
  std::string server_name;                 // SNI and the name verified; empty: the target's host
  bool operator==(const TlsSettings&) const = default;
};

enum class Balance : std::uint8_t { RoundRobin, LeastConnections };

/// Names and defaults as in the configuration (config::Upstream says what each means).
struct UpstreamSettings {
  std::string name;
  std::vector<std::string> targets;  // `host:port`, `1.2.3.4:80`, `[::1]:80`, `unix:/run/app.sock`
  Balance balance = Balance::RoundRobin;
  std::optional<TlsSettings> tls;
  std::int64_t connect_timeout_ms = 3'000;  // TCP and TLS together, over all addresses of a name
  std::int64_t idle_timeout_ms = 60'000;
  std::int64_t dns_refresh_ms = 30'000;  // 0: a name is looked up once
  AddressRule addresses = AddressRule::Any;
  std::uint32_t max_connections = 0;  // per worker and target; 0: no limit
  std::uint32_t max_idle = 600;       // per worker and target
  std::uint32_t retries = 1;
  std::uint32_t eject_after = 5;  // 0: never
  std::int64_t eject_ms = 10'000;
  bool operator==(const UpstreamSettings&) const = default;
};

/// A named pool of targets: immutable settings, made at load, shared by all workers. What changes (connections, health,
/// resolved addresses) is per worker and lives in Client, keyed by id(): settings that are equal keep their pools over
/// a reload.
class Upstream {
 public:
  struct Target {
    std::string host;  // without brackets; empty for a Unix socket
    std::uint16_t port = 0;
    std::string authority;                   // as it goes into Host; the port is left out when it is the scheme's own
    std::string text;                        // as it is written in the configuration, for the log
    std::string unix_path;                   // empty: TCP
    std::optional<base::IpAddress> address;  // when `host` is one: no look-up
  };

  /// Checks the targets and numbers and loads TLS files; the error names the target, the setting or the file. [setup]
  static Result<std::shared_ptr<const Upstream>> make(UpstreamSettings settings);
  /// With a TLS context that is there already; `settings.tls` names no files. Reads none. [any]
  static Result<std::shared_ptr<const Upstream>> make(UpstreamSettings settings,
                                                      std::shared_ptr<const net::TlsClientContext> tls);
  ~Upstream();
  const UpstreamSettings& settings() const noexcept { return settings_; }
  /// Equal for equal settings (name included).
  const std::string& id() const noexcept { return id_; }
  /// Null: plain.
  const std::shared_ptr<const net::TlsClientContext>& tls() const noexcept { return tls_; }
  const std::vector<Target>& targets() const noexcept { return targets_; }
  /// The name that TLS sends and verifies for a target.
  std::string_view server_name(const Target& target) const noexcept {
    return settings_.tls && !settings_.tls->server_name.empty() ? std::string_view(settings_.tls->server_name)
                                                                : std::string_view(target.host);
  }

 private:
  explicit Upstream(UpstreamSettings settings);
  UpstreamSettings settings_;
  std::string id_;
  std::vector<Target> targets_;
  std::shared_ptr<const net::TlsClientContext> tls_;
};

/// Takes one target apart. The error says what is wrong with it. [any]
Result<Upstream::Target> parse_target(std::string_view text, bool tls);

/// RFC 1123, 2.1, and underscores, which service names have. What resolvers read as a short, octal or hexadecimal IPv4
/// address is none, nor is a name whose last label is all digits. [any]
bool is_host_name(std::string_view host) noexcept;

}  // namespace gatehouse::client
