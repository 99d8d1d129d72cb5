#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "access/answer.hpp"
#include "access/caller.hpp"
#include "identity/lookups.hpp"

namespace gatehouse::plugin {

/// Whom the last look-up of one call found, until the call is over: an answer names him by the handle. Written on the
/// loop, read by whatever thread answers.
class LookedUp {
 public:
  /// A handle for him. [any]
  std::uint64_t set(std::uint64_t call_id, const identity::Lookups::Found& found, std::string_view service,
                    std::string_view region) {
    const Guard guard(busy_);
    caller_ = found.caller;
    key_ = found.signing_key;
    service_ = service;
    region_ = region;
    // Not the call's id alone: of two look-ups for one call only the last one's handle is good.
    handle_ = caller_ != nullptr ? call_id + ++count_ : 0;
    return handle_;
  }
  /// Null when no look-up of this call gave the handle. [any]
  std::shared_ptr<const access::KnownCaller> get(std::uint64_t handle, std::string& service, std::string& region) {
    const Guard guard(busy_);
    if (handle == 0 || handle != handle_) return nullptr;
    service = service_;
    region = region_;
    return caller_;
  }
  /// The signing key, good until the next set() or clear(). [loop]
  std::string_view key() const noexcept { return {reinterpret_cast<const char*>(key_.data()), key_.size()}; }
  const access::KnownCaller* caller() const noexcept { return caller_.get(); }
  void clear() noexcept {
    const Guard guard(busy_);
    if (handle_ == 0 && count_ == 0) return;
    caller_.reset();
    key_.fill(0);
    handle_ = count_ = 0;
  }

 private:
  /// Held for the copy of two pointers, by a call's own threads.
  struct Guard {
    explicit Guard(std::atomic_flag& busy) noexcept : flag(busy) {
      while (flag.test_and_set(std::memory_order_acquire)) {
      }
    }
    ~Guard() { flag.clear(std::memory_order_release); }
    std::atomic_flag& flag;
  };
  std::atomic_flag busy_;
  std::uint64_t handle_ = 0, count_ = 0;
  std::shared_ptr<const access::KnownCaller> caller_;
  identity::SigningKey key_{};
  std::string service_, region_;
};

}  // namespace gatehouse::plugin
