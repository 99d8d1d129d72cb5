#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "config/diagnostics.hpp"
#include "server/server.hpp"

namespace gatehouse::app {

/// The sockets of the configured listeners.
class Listeners {
 public:
  /// Opens those of the configuration; what `before` has under the same name and address is taken over. False after a
  /// fault, which is told.
  bool open(const config::Config& config, const Listeners& before, std::uint32_t workers,
            config::Diagnostics& diagnostics);
  /// Names with the addresses that they are bound to.
  std::vector<std::pair<std::string, std::string>> addresses() const;
  std::vector<std::shared_ptr<server::ListenSocket>> of_worker(std::size_t index) const;

 private:
  struct Bound {
    std::string address;                                         // as configured
    std::vector<std::shared_ptr<server::ListenSocket>> sockets;  // one a worker; a Unix socket is shared
  };
  Result<void> is_free(const server::ListenerSettings& settings) const;
  std::map<std::string, Bound> bound_;  // by name
};

}  // namespace gatehouse::app
