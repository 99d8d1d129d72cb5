#include "base/slab.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(address, size) (static_cast<void>(address), static_cast<void>(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) (static_cast<void>(address), static_cast<void>(size))
#endif

// Linux 6.1; a kernel that does not know it says EINVAL, and small pages stay.
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

namespace gatehouse::base {
namespace {
constexpr std::size_t kLine = 64;
}

struct Slab::Chunk {
  struct Free {
    Free* next;
  };
  Free* free = nullptr;     // given back, last first
  std::uint32_t fresh = 0;  // objects never handed out begin here
  std::uint32_t used = 0;
  std::uint32_t index = 0;  // in chunks_
  bool huge = false;
  bool touched = true;  // had an object out at some time since the last trim()
};

Slab::Slab(std::size_t object_bytes)
    // An odd number of lines: objects whose distance is a power of two have their first lines, the ones that everybody
    // reads, in a few sets of the caches and drive each other out.
    : object_bytes_(((std::max<std::size_t>(object_bytes, sizeof(Chunk::Free)) + kLine - 1) / kLine | 1) * kLine),
      first_offset_((sizeof(Chunk) + kLine - 1) / kLine * kLine),
      per_chunk_((kChunkBytes - first_offset_) / object_bytes_) {
  assert(per_chunk_ > 0);
}

Slab::~Slab() {
  for (Chunk* chunk : chunks_) {
    if (chunk->used != 0) continue;
    ASAN_UNPOISON_MEMORY_REGION(chunk, kChunkBytes);
    ::munmap(chunk, kChunkBytes);
  }
}

Slab::Chunk* Slab::add_chunk() {
  chunks_.reserve(chunks_.size() + 1);
  // Twice the size, to cut an aligned piece out of it: the chunk of an object is found by its address.
  void* const wide = ::mmap(nullptr, 2 * kChunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (wide == MAP_FAILED) throw std::bad_alloc();
  char* const begin = static_cast<char*>(wide);
  const std::size_t skip = (kChunkBytes - reinterpret_cast<std::uintptr_t>(begin) % kChunkBytes) % kChunkBytes;
  if (skip > 0) ::munmap(begin, skip);
  ::munmap(begin + skip + kChunkBytes, kChunkBytes - skip);
  // Who needs a second chunk is busy: its huge page comes with the first touch. The first one is collapsed in take().
  const bool huge = !chunks_.empty();
  if (huge) ::madvise(begin + skip, kChunkBytes, MADV_HUGEPAGE);
  auto* const chunk = new (begin + skip) Chunk;
  chunk->index = static_cast<std::uint32_t>(chunks_.size());
  chunk->huge = huge;
  chunks_.push_back(chunk);
  return chunk;
}

void* Slab::take() {
  while (first_with_room_ < chunks_.size() && chunks_[first_with_room_]->used == per_chunk_) ++first_with_room_;
  Chunk* const chunk = first_with_room_ < chunks_.size() ? chunks_[first_with_room_] : add_chunk();
  void* object;
  if (chunk->free != nullptr) {
    object = chunk->free;
    chunk->free = chunk->free->next;
  } else {
    object = reinterpret_cast<char*>(chunk) + first_offset_ + chunk->fresh++ * object_bytes_;
    if (!chunk->huge && chunk->fresh * 4 > per_chunk_ && chunk->fresh * object_bytes_ > kChunkBytes / 4) {
      chunk->huge = true;  // both are advice: what fails changes nothing
      ::madvise(chunk, kChunkBytes, MADV_HUGEPAGE);
      ::madvise(chunk, kChunkBytes, MADV_COLLAPSE);
    }
  }
  ++chunk->used;
  chunk->touched = true;
  ++in_use_;
  ASAN_UNPOISON_MEMORY_REGION(object, object_bytes_);
  return object;
}

void Slab::give_back(void* object) noexcept {
  auto* const chunk = reinterpret_cast<Chunk*>(reinterpret_cast<std::uintptr_t>(object) / kChunkBytes * kChunkBytes);
  chunk->free = new (object) Chunk::Free{chunk->free};
  ASAN_POISON_MEMORY_REGION(static_cast<char*>(object) + sizeof(Chunk::Free), object_bytes_ - sizeof(Chunk::Free));
  first_with_room_ = std::min<std::size_t>(first_with_room_, chunk->index);
  --in_use_;
  --chunk->used;
}

void Slab::trim() noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    Chunk* const chunk = chunks_[i];
    if (chunk->used == 0 && !chunk->touched) {
      ASAN_UNPOISON_MEMORY_REGION(chunk, kChunkBytes);
      ::munmap(chunk, kChunkBytes);
      continue;
    }
    chunk->touched = chunk->used != 0;
    chunk->index = static_cast<std::uint32_t>(kept);
    chunks_[kept++] = chunk;
  }
  chunks_.resize(kept);
  first_with_room_ = 0;
}

}  // namespace gatehouse::base
