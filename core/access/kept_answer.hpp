#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "access/answer.hpp"

namespace gatehouse::access {

/// What an authorizer said, never a decision (LA-A2), with the key that it is kept under and for how long. Immutable
/// but for two marks; shared by all workers. Key and texts are wiped at the end: they hold tokens.
class KeptAnswer {
 public:
  /// Copies everything. `expires_ns`: monotonic. [any]
  KeptAnswer(std::uint64_t hash, std::string_view key, const Answer& answer, std::int64_t expires_ns);
  ~KeptAnswer();
  KeptAnswer(const KeptAnswer&) = delete;
  KeptAnswer& operator=(const KeptAnswer&) = delete;

  std::uint64_t hash() const noexcept { return hash_; }
  std::string_view key() const noexcept { return key_; }
  /// Its views live as long as this.
  const Answer& answer() const noexcept { return answer_; }
  /// Memory that it takes.
  std::size_t bytes() const noexcept { return bytes_; }

  bool is(std::uint64_t hash, std::string_view key) const noexcept { return hash_ == hash && key_ == key; }
  /// False once it is too old, by either clock, or was dropped. [any]
  bool good(std::int64_t now_ns, std::int64_t now_unix_ms) const noexcept {
    return now_ns < expires_ns_ && (answer_.valid_until_unix_ms == 0 || now_unix_ms < answer_.valid_until_unix_ms) &&
           !dropped_.load(std::memory_order_acquire);
  }
  /// No longer good for anybody, wherever a pointer to it may still be. [any]
  void drop() const noexcept { dropped_.store(true, std::memory_order_release); }
  /// Used where the shared cache does not see it. [any] Stores only the first time.
  void use() const noexcept {
    if (!used_.load(std::memory_order_relaxed)) used_.store(true, std::memory_order_relaxed);
  }
  /// Says whether use() was called since the last time. [any]
  bool take_used() const noexcept { return used_.exchange(false, std::memory_order_relaxed); }

 private:
  std::uint64_t hash_;
  std::int64_t expires_ns_;
  std::size_t bytes_ = 0;
  std::size_t text_bytes_ = 0;
  std::unique_ptr<char[]> text_;
  std::vector<TypedValue> values_;
  std::vector<std::string_view> scopes_;
  std::vector<AnswerPolicy> policies_;
  std::string_view key_;
  Answer answer_;
  mutable std::atomic<bool> dropped_{false};
  mutable std::atomic<bool> used_{false};
};

}  // namespace gatehouse::access
