#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gatehouse::base {

/// Memory of one request: taken piece by piece, given back all at once by reset(). The first kInline bytes are part of
/// the arena itself, so a common request allocates nothing; more comes in blocks of kBlock from the heap,
/// which reset() gives back.
/// Not thread-safe: one loop's. Objects put here are never destroyed, so they must not need it.
class Arena {
 public:
  static constexpr std::size_t kInline = 4096;
  static constexpr std::size_t kBlock = 16384;

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// `size` bytes, aligned; never null (throws std::bad_alloc when the machine is out of memory).
  void* allocate(std::size_t size, std::size_t align = alignof(std::max_align_t)) {
    const std::size_t at = (used_ + align - 1) & ~(align - 1);
    if (at + size <= room_) {
      used_ = at + size;
      return base_ + at;
    }
    return allocate_slow(size, align);
  }
  /// A copy that lives as long as the arena's content. An empty text yields an empty, non-null view.
  std::string_view copy(std::string_view text) {
    if (text.empty()) return std::string_view("", 0);
    char* to = static_cast<char*>(allocate(text.size(), 1));
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }
  /// The parts, one behind the other.
  std::string_view join(std::initializer_list<std::string_view> parts);
  /// `count` value-initialised objects.
  template <class T>
  std::span<T> array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* first = static_cast<T*>(allocate(sizeof(T) * count, alignof(T)));
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }
  template <class T, class... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
  }
  /// Forgets everything that was taken.
  void reset() noexcept;
  /// Bytes held on the heap now.
  std::size_t heap_bytes() const noexcept { return heap_bytes_; }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  void* allocate_slow(std::size_t size, std::size_t align);

  alignas(std::max_align_t) std::array<char, kInline> inline_;
  char* base_ = inline_.data();
  std::size_t room_ = kInline;
  std::size_t used_ = 0;
  std::size_t heap_bytes_ = 0;
  std::vector<Block> blocks_;
};

}  // namespace gatehouse::base
