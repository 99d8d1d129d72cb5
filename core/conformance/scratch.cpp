#include "conformance/scratch.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace gatehouse::conformance {
namespace fs = std::filesystem;

Result<Scratch> Scratch::make() {
  std::error_code error;
  fs::path parent = fs::temp_directory_path(error);
  if (error) parent = "/tmp";
  std::string path = (fs::absolute(parent, error) / "gatehouse-check-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr)  // mode 0700
    return fail(Code::Io, "no temporary directory `" + path + "`: " + std::strerror(errno) + ": set TMPDIR");
  return Scratch(std::move(path));
}

Scratch::~Scratch() {
  if (path_.empty()) return;
  std::error_code error;
  fs::remove_all(path_, error);
  if (!error) return;
  // A directory that was made unreadable hides what is in it.
  for (fs::recursive_directory_iterator at(path_, error), end; !error && at != end; at.increment(error))
    if (at->is_directory(error) && !at->is_symlink(error)) fs::permissions(at->path(), fs::perms::owner_all, error);
  fs::remove_all(path_, error);
}

}  // namespace gatehouse::conformance
