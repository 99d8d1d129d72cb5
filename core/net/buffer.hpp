#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/slab.hpp"

namespace gatehouse::net {

class BufferPool;

/// A block of bytes on loan from a worker's pool: filled at the end, consumed at the front. Empty of memory until
/// acquire(); gives it back on release() or destruction. Movable. [loop]
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer() { release(); }

  bool has_memory() const noexcept { return bytes_ != nullptr; }
  std::string_view data() const noexcept { return {bytes_ + begin_, end_ - begin_}; }
  char* bytes() noexcept { return bytes_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  std::span<char> room() noexcept { return {bytes_ + end_, capacity_ - end_}; }
  std::size_t capacity() const noexcept { return capacity_; }
  void filled(std::size_t n) noexcept { end_ += static_cast<std::uint32_t>(n); }
  /// Drops bytes at the front; when none are left the whole room is free again.
  void consume(std::size_t n) noexcept {
    begin_ += static_cast<std::uint32_t>(n);
    if (begin_ == end_) begin_ = end_ = 0;
  }
  /// Drops bytes at the front without ever moving what is behind them (views stay good).
  void skip(std::size_t n) noexcept { begin_ += static_cast<std::uint32_t>(n); }
  /// Appends as much as fits; returns how much.
  std::size_t append(std::string_view text) noexcept;
  /// Moves the content to the front. Views into the buffer are void afterwards.
  void compact() noexcept;
  void release() noexcept;
  /// Forgets the block without giving it back: its pool is gone, and somebody may read it to the end.
  void abandon() noexcept;

 private:
  friend class BufferPool;
  char* bytes_ = nullptr;
  BufferPool* pool_ = nullptr;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t capacity_ = 0;
};

/// A worker's blocks, in two sizes: kSmall for heads, kLarge for bodies, each in a slab: hot blocks are used again, and
/// after a flood the memory goes back to the system. One thread.
class BufferPool {
 public:
  static constexpr std::size_t kSmall = 16 * 1024;
  static constexpr std::size_t kLarge = 64 * 1024;
  BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  Buffer acquire(std::size_t size);  // kSmall, kLarge, or more (then from the heap)
  /// About once a second: gives back what a flood has left (base/slab.hpp).
  void trim() noexcept {
    small_.trim();
    large_.trim();
  }
  std::size_t bytes_in_use() const noexcept { return in_use_; }
  std::size_t bytes_held() const noexcept { return small_.bytes_held() + large_.bytes_held(); }

 private:
  friend class Buffer;
  void give_back(char* bytes, std::size_t capacity) noexcept;
  base::Slab small_;
  base::Slab large_;
  std::size_t in_use_ = 0;
};

}  // namespace gatehouse::net
