#include "base/arena.hpp"

#include <algorithm>

namespace gatehouse::base {

void* Arena::allocate_slow(std::size_t size, std::size_t align) {
  // A new[] block is aligned for every fundamental type, which bounds what may be asked for.
  const std::size_t room = std::max(kBlock, size + align);
  blocks_.push_back(Block{std::make_unique<char[]>(room), room});
  heap_bytes_ += room;
  base_ = blocks_.back().bytes.get();
  room_ = room;
  used_ = 0;
  return allocate(size, align);
}

std::string_view Arena::join(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  if (size == 0) return std::string_view("", 0);
  char* to = static_cast<char*>(allocate(size, 1));
  char* at = to;
  for (std::string_view part : parts) {
    if (part.empty()) continue;
    std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  return {to, size};
}

void Arena::reset() noexcept {
  if (!blocks_.empty()) {
    blocks_.clear();
    heap_bytes_ = 0;
  }
  base_ = inline_.data();
  room_ = kInline;
  used_ = 0;
}

}  // namespace gatehouse::base
