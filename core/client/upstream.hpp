#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::client {

/// TLS towards an upstream. Verified unless said otherwise.
struct TlsSettings {
  bool verify = true;
  std::string ca_file;
  std::string certificate_file, key_file;
  std::string server_name;
  bool operator==(const TlsSettings&) const = default;
};

enum class Balance : std::uint8_t { RoundRobin, LeastConnections };

struct UpstreamSettings {
  std::string name;
  std::vector<std::string> targets;  // `host:port`, `1.2.3.4:80`, `[::1]:80`
  Balance balance = Balance::RoundRobin;
  std::optional<TlsSettings> tls;
  std::int64_t connect_timeout_ms = 3'000;
  std::int64_t idle_timeout_ms = 60'000;
  std::int64_t dns_refresh_ms = 30'000;
  std::uint32_t max_connections = 0;
  std::uint32_t max_idle = 600;
  std::uint32_t retries = 1;
  std::uint32_t eject_after = 5;
  std::int64_t eject_ms = 10'000;
  bool operator==(const UpstreamSettings&) const = default;
};

class TlsContext;  // an SSL_CTX, made once

/// A named pool of targets: immutable settings, made at load, shared by all workers. What changes (connections, health,
/// resolved addresses) is per worker and lives in Client, keyed by id(): settings that are equal keep their pools over
/// a reload.
class Upstream {
 public:
  /// Checks the targets and loads TLS files; the error names the file or the target. [setup]
  static Result<std::shared_ptr<const Upstream>> make(UpstreamSettings settings);
  ~Upstream();
  const UpstreamSettings& settings() const noexcept { return settings_; }
  /// Equal for equal settings (name included).
  const std::string& id() const noexcept { return id_; }
  const std::shared_ptr<TlsContext>& tls() const noexcept { return tls_; }
  struct Target {
    std::string host;  // without brackets
    std::uint16_t port = 0;
    std::string authority;  // host:port as it goes into Host; the port is left out when it is the scheme's own
  };
  const std::vector<Target>& targets() const noexcept { return targets_; }

 private:
  explicit Upstream(UpstreamSettings settings);
  UpstreamSettings settings_;
  std::string id_;
  std::vector<Target> targets_;
  std::shared_ptr<TlsContext> tls_;
};

}  // namespace gatehouse::client
