#pragma once
#include <gatehouse/abi.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>

#include "client/fetch.hpp"
#include "client/host_grants.hpp"

namespace gatehouse::plugin {

/// What the operator grants to one authorizer of `gatehouse.http/1`, and what it has under way.
struct FetchRules {
  static constexpr std::size_t kMost = 256;
  std::shared_ptr<const client::HostGrants> hosts;
  bool allow_private = false;
  bool allow_http = false;
  bool read_only = false;  // GET and HEAD
  std::atomic<std::size_t> under_way{0};
};

/// What a plugin asks for, without what the operator grants; nothing when it breaks the contract (GH_E_INVALID). [any]
std::optional<client::FetchRequest> read_fetch(const gh_http_request* given);

}  // namespace gatehouse::plugin
