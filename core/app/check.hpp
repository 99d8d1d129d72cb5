#pragma once
#include <memory>
#include <string>

#include "app/identities.hpp"
#include "client/fetch_client.hpp"
#include "config/diagnostics.hpp"
#include "gateway/gateway.hpp"
#include "net/executor.hpp"
#include "net/loop.hpp"
#include "plugin/host.hpp"

namespace gatehouse::app {

/// A configuration taken through everything that `serve` does short of listening, for `validate` and `explain`: loaded,
/// its plugins made, compiled.
class Checked {
 public:
  Checked(const std::string& file, config::Diagnostics& diagnostics);
  ~Checked();
  /// Null when there are faults.
  const std::shared_ptr<const gateway::Gateway>& gateway() const noexcept { return gateway_; }
  net::Loop& loop() noexcept { return loop_; }
  /// Null when the configuration names no store of identities.
  const std::shared_ptr<Identities>& identities() const noexcept { return identities_; }

 private:
  net::Loop loop_;
  std::unique_ptr<net::Executor> executor_;
  std::unique_ptr<client::FetchClient> fetches_;
  std::unique_ptr<plugin::Host> plugins_;
  std::shared_ptr<Identities> identities_;
  std::shared_ptr<const gateway::Gateway> gateway_;
};

}  // namespace gatehouse::app
