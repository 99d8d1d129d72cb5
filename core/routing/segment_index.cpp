#include "routing/segment_index.hpp"

#include <array>
#include <cassert>
#include <cstring>

#include "routing/pattern.hpp"

namespace gatehouse::routing {
namespace {

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;

// The keys are the operator's, only the probes are strangers': a slow probe needs a slow table, so no seed is needed.
std::uint64_t hash_of(std::uint32_t parent, std::string_view text) noexcept {
  std::uint64_t h = (parent + 1) * kMultiplier ^ text.size();
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    h = (h ^ word) * kMultiplier;
    h ^= h >> 29;
  }
  std::uint64_t word = 0;
  if (left != 0) std::memcpy(&word, at, left);
  h = (h ^ word) * kMultiplier;
  h ^= h >> 32;
  return h * kMultiplier;
}

}  // namespace

void SegmentIndex::grow() {
  std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& s : old) {
    if (s.child == kNone) continue;
    std::size_t i = (s.hash >> 32) & mask;
    while (slots_[i].child != kNone) i = (i + 1) & mask;
    slots_[i] = s;
  }
}

void SegmentIndex::insert(std::uint32_t parent, std::string_view literal, std::uint32_t child) {
  assert(literal.size() <= kMaxLiteralBytes && child != kNone && find(parent, literal) == kNone);
  if ((used_ + 1) * 2 > slots_.size()) grow();
  const std::uint64_t hash = hash_of(parent, literal);
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = (hash >> 32) & mask;
  while (slots_[i].child != kNone) i = (i + 1) & mask;
  slots_[i] = {hash, parent, child, static_cast<std::uint32_t>(text_.size()),
               static_cast<std::uint32_t>(literal.size())};
  text_.append(literal);
  ++used_;
}

std::uint32_t SegmentIndex::find(std::uint32_t parent, std::string_view literal) const noexcept {
  if (slots_.empty()) return kNone;
  const std::uint64_t hash = hash_of(parent, literal);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = (hash >> 32) & mask; slots_[i].child != kNone; i = (i + 1) & mask) {
    const Slot& s = slots_[i];
    if (s.hash == hash && s.parent == parent && s.size == literal.size() &&
        std::memcmp(text_.data() + s.offset, literal.data(), literal.size()) == 0)
      return s.child;
  }
  return kNone;
}

std::uint32_t SegmentIndex::find_encoded(std::uint32_t parent, std::string_view segment) const noexcept {
  if (segment.find('%') == std::string_view::npos) return find(parent, segment);
  std::array<char, kMaxLiteralBytes> decoded;
  const std::size_t size = decode_segment(segment, decoded.data(), decoded.size());
  return size > decoded.size() ? kNone : find(parent, {decoded.data(), size});
}

}  // namespace gatehouse::routing
