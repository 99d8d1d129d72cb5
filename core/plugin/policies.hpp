#pragma once
#include <gatehouse/abi.h>

#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/authorizer.hpp"

namespace gatehouse::plugin {

/// The policies that one instance declares before its first request, each for one role. What a route weighs is compiled
/// anew for its API (`execute-api:/` in a resource policy differs); here a document is compiled to know that it can be.
class Policies {
 public:
  static constexpr std::size_t kMost = 64;
  Policies();

  /// [any] Results as in abi.h. `why`: of GH_E_CONFIG every fault with its place.
  std::int32_t declare(std::uint32_t role, std::string_view json, std::uint64_t& handle, std::string& why);
  /// No more declarations.
  void close() noexcept {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  /// Once closed.
  std::span<const access::DeclaredPolicy> all() const noexcept { return declared_; }
  /// What was wrong with the last document that was refused.
  const std::string& faults() const noexcept { return faults_; }

 private:
  std::mutex mutex_;  // a plugin may compile on a thread of its own while start() returns
  bool closed_ = false;
  std::uint64_t first_;  // handles of another instance must name nothing here
  std::deque<std::string> texts_;
  std::vector<access::DeclaredPolicy> declared_;
  std::string faults_;
};

}  // namespace gatehouse::plugin
