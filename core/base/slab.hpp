#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace gatehouse::base {

/// Room for objects of one size, in chunks of 2 MiB that become huge pages once they are in real use: a worker with
/// hundreds of requests under way touches a few pages of each, and what that costs is looking up pages. Oldest chunk
/// first, so that later ones empty after a flood; trim() gives those back. One thread.
class Slab {
 public:
  static constexpr std::size_t kChunkBytes = 2u << 20;
  /// `object_bytes`: at most 1 MiB; rounded up to an odd number of cache lines.
  explicit Slab(std::size_t object_bytes);
  /// A chunk with an object that is still out is left where it is: better lost than taken from under a reader.
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  /// Room for one object, aligned to a cache line. Throws std::bad_alloc when the system has no memory.
  void* take();
  void give_back(void* object) noexcept;
  /// Returns to the system the chunks that were empty all the time since the last trim(), but for the first. To be
  /// called about once a second: sooner and a load that comes in waves pays for its memory with each.
  void trim() noexcept;
  std::size_t in_use() const noexcept { return in_use_; }
  std::size_t bytes_held() const noexcept { return chunks_.size() * kChunkBytes; }

 private:
  struct Chunk;
  Chunk* add_chunk();

  std::size_t object_bytes_;
  std::size_t first_offset_;
  std::size_t per_chunk_;
  std::size_t in_use_ = 0;
  std::size_t first_with_room_ = 0;  // no chunk before it has room
  std::vector<Chunk*> chunks_;
};

/// Objects of one type in a Slab.
template <class T>
class SlabOf {
 public:
  SlabOf() : slab_(sizeof(T)) { static_assert(alignof(T) <= 64); }
  template <class... Args>
  T* make(Args&&... args) {
    void* const room = slab_.take();
    try {
      return new (room) T(std::forward<Args>(args)...);
    } catch (...) {
      slab_.give_back(room);
      throw;
    }
  }
  void destroy(T* object) noexcept {
    object->~T();
    slab_.give_back(object);
  }
  void trim() noexcept { slab_.trim(); }
  std::size_t in_use() const noexcept { return slab_.in_use(); }

 private:
  Slab slab_;
};

}  // namespace gatehouse::base
