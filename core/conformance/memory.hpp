#pragma once
#include <gatehouse/abi.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::conformance {

/// Where the bytes of one call lie. Plain: texts are followed by a NUL, as they happen to be in many a host. Guarded:
/// each text and struct ends where an unreadable page begins, so that whoever reads one byte too many is caught.
class Memory {
 public:
  enum class Kind : std::uint8_t { Plain, Guarded, GuardedTexts, GuardedStructs };
  explicit Memory(Kind kind) : kind_(kind) {}
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  gh_str text(std::string_view from);
  /// `size` bytes of zero, aligned for any struct of the ABI.
  void* room(std::size_t size);
  template <class T>
  T* array(std::size_t count) {
    return static_cast<T*>(room(sizeof(T) * (count == 0 ? 1 : count)));
  }
  /// Nobody may read it any more. Of guarded memory only. [any]
  void close() noexcept;

 private:
  struct Span {
    void* start;
    std::size_t size;
  };
  char* guarded(std::size_t size, std::size_t align);
  bool guards(Kind kind) const noexcept { return kind_ == Kind::Guarded || kind_ == kind; }

  Kind kind_;
  std::deque<std::string> texts_;
  std::vector<std::unique_ptr<std::max_align_t[]>> rooms_;
  std::vector<Span> spans_;
};

}  // namespace gatehouse::conformance
