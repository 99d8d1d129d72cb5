#include "conformance/memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>

namespace gatehouse::conformance {

Memory::~Memory() {
  for (const Span& s : spans_) ::munmap(s.start, s.size);
}

char* Memory::guarded(std::size_t size, std::size_t align) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t whole = (size + page - 1) / page * page;
  void* const at = ::mmap(nullptr, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  spans_.push_back({at, whole + page});
  char* const end = static_cast<char*>(at) + whole;
  if (::mprotect(end, page, PROT_NONE) != 0) throw std::bad_alloc();
  // Sizes of the ABI's structs are multiples of eight: aligned, they end at the page nevertheless.
  return end - (size + align - 1) / align * align;
}

gh_str Memory::text(std::string_view from) {
  if (from.data() == nullptr) return {nullptr, 0};
  if (!guards(Kind::GuardedTexts)) {
    const std::string& kept = texts_.emplace_back(from);
    return {kept.data(), kept.size()};
  }
  char* const to = guarded(from.size(), 1);
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
  return {to, from.size()};
}

void* Memory::room(std::size_t size) {
  if (guards(Kind::GuardedStructs)) return guarded(size, 8);
  rooms_.push_back(std::make_unique<std::max_align_t[]>(size / sizeof(std::max_align_t) + 1));
  return rooms_.back().get();
}

void Memory::close() noexcept {
  for (const Span& s : spans_) ::mprotect(s.start, s.size, PROT_NONE);
}

}  // namespace gatehouse::conformance
