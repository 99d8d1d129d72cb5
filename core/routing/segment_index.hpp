#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::routing {

inline constexpr std::uint32_t kNone = 0xFFFFFFFF;

/// The literal children of all nodes of a tree: (node, segment) -> child, in one open-addressed table that is at most
/// half full. A lookup costs the segment's length, whatever the number of children. Filled at load, then only read.
class SegmentIndex {
 public:
  /// [setup] `literal` is decoded, at most kMaxLiteralBytes long, and not there yet.
  void insert(std::uint32_t parent, std::string_view literal, std::uint32_t child);
  /// The child of that literal, or kNone. [any] No allocation.
  std::uint32_t find(std::uint32_t parent, std::string_view literal) const noexcept;
  /// The same for a segment of a normalised path, read with its escapes decoded. [any] No allocation.
  std::uint32_t find_encoded(std::uint32_t parent, std::string_view segment) const noexcept;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t parent = 0;
    std::uint32_t child = kNone;  // kNone: free
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };
  void grow();
  std::string text_;
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace gatehouse::routing
