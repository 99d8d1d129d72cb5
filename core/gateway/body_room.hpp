#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace gatehouse::gateway {

/// What a worker has given away of its room for request bodies that authorizers asked for: bytes of memory, bytes on
/// disk. [any] The limits are the configuration's, so that a reload may change them while some is taken.
class BodyRoom {
 public:
  enum class Where : std::uint8_t { Memory, File };
  /// False when that would be more than `limit` in all; then nothing is taken.
  bool take(Where where, std::uint64_t bytes, std::uint64_t limit) noexcept {
    std::atomic<std::uint64_t>& used = used_[static_cast<int>(where)];
    if (used.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit) return true;
    give_back(where, bytes);
    return false;
  }
  void give_back(Where where, std::uint64_t bytes) noexcept {
    used_[static_cast<int>(where)].fetch_sub(bytes, std::memory_order_relaxed);
  }
  std::uint64_t used(Where where) const noexcept {
    return used_[static_cast<int>(where)].load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> used_[2]{};
};

/// A body in one piece of memory that counts in the room for as long as it lives, on whatever thread it is let go.
class BodyCopy {
 public:
  /// Null when there is no room. Throws bad_alloc.
  static std::shared_ptr<BodyCopy> make(const std::shared_ptr<BodyRoom>& room, std::uint64_t bytes,
                                        std::uint64_t limit) {
    if (!room->take(BodyRoom::Where::Memory, bytes, limit)) return nullptr;
    std::shared_ptr<BodyCopy> out;
    try {
      out.reset(new BodyCopy(room, bytes));
    } catch (...) {
      room->give_back(BodyRoom::Where::Memory, bytes);
      throw;
    }
    out->text.reserve(bytes);
    return out;
  }
  BodyCopy(const BodyCopy&) = delete;
  BodyCopy& operator=(const BodyCopy&) = delete;
  ~BodyCopy() { room_->give_back(BodyRoom::Where::Memory, bytes_); }

  std::string text;

 private:
  BodyCopy(std::shared_ptr<BodyRoom> room, std::uint64_t bytes) : room_(std::move(room)), bytes_(bytes) {}
  std::shared_ptr<BodyRoom> room_;
  std::uint64_t bytes_;
};

}  // namespace gatehouse::gateway
