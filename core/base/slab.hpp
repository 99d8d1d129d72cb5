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
/// first, so that later ones empty and go back to the system after a flood (one empty chunk is kept). One thread.
class Slab {
 public:
  static constexpr std::size_t kChunkBytes = 2u << 20;
  /// `object_bytes`: at most 1 MiB; rounded up to whole cache lines.
  explicit Slab(std::size_t object_bytes);
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  /// Room for one object, aligned to a cache line. Throws std::bad_alloc when the system has no memory.
  void* take();
  void give_back(void* object) noexcept;
  std::size_t in_use() const noexcept { return in_use_; }
  std::size_t bytes_held() const noexcept { return chunks_.size() * kChunkBytes; }

 private:
  struct Chunk;
  Chunk* add_chunk();
  void release(Chunk* chunk) noexcept;

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
  std::size_t in_use() const noexcept { return slab_.in_use(); }

 private:
  Slab slab_;
};

}  // namespace gatehouse::base
