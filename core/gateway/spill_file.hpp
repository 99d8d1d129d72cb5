#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace gatehouse::gateway {

/// A file without a name, of mode 0600: nobody else finds it, and it is gone with its descriptor, however the process
/// ends. Movable. [any, one thread at a time] Reading and writing block as the disk does.
class SpillFile {
 public:
  SpillFile() = default;
  SpillFile(SpillFile&& other) noexcept;
  SpillFile& operator=(SpillFile&& other) noexcept;
  ~SpillFile() { close(); }

  /// In `directory`, or without one in $TMPDIR, or in /var/tmp. The error names the directory.
  static Result<SpillFile> make(const std::string& directory);
  /// Whether make() is going to work there, and nobody else can put a name in its way: a directory, writable, and not
  /// by everybody unless it is sticky. The error says what to do. [setup]
  static Result<void> check(const std::string& directory);

  bool is_open() const noexcept { return fd_ >= 0; }
  /// All of it or an error (a full disk).
  Result<void> write(std::uint64_t at, std::string_view bytes);
  /// Fills `into`, which lies within what was written.
  Result<void> read(std::uint64_t at, std::span<char> into);
  void close() noexcept;

 private:
  explicit SpillFile(int fd) noexcept : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace gatehouse::gateway
