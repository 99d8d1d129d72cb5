#pragma once
#include <atomic>
#include <cstddef>
#include <memory>

#include "client/host_grants.hpp"

namespace gatehouse::plugin {

/// What the operator grants to one authorizer of `gatehouse.http/1`, and what it has under way.
struct FetchRules {
  static constexpr std::size_t kMost = 256;
  std::shared_ptr<const client::HostGrants> hosts;
  bool allow_private = false;
  bool allow_http = false;
  std::atomic<std::size_t> under_way{0};
};

}  // namespace gatehouse::plugin
