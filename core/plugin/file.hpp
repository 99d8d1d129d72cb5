#pragma once
#include <cstddef>
#include <string>

#include "base/error.hpp"

namespace gatehouse::plugin {

inline constexpr std::size_t kMaxLibraryBytes = std::size_t{256} << 20;

/// A file's content with what decides whether it may be trusted.
struct TrustedFile {
  std::string bytes;
  std::string sha256;  // hex
  unsigned owner = 0;
};

/// The directory's real path, if nobody but root and this process's user could have put anything there: every directory
/// from the root down is theirs, and writable by others only with the sticky bit. [setup]
Result<std::string> trusted_directory(const std::string& path);

/// Reads `name` in a directory that trusted_directory() returned, through one descriptor. Refuses anything but a
/// regular file of root's or this user's that no other may write (no symbolic link), and more than `max_bytes`. [setup]
Result<TrustedFile> read_trusted(const std::string& directory, const std::string& name,
                                 std::size_t max_bytes = kMaxLibraryBytes);

}  // namespace gatehouse::plugin
