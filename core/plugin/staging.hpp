#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace gatehouse::plugin {

/// The private directory that libraries are loaded from: what was checked is what is mapped, however the original file
/// changes, and no name is used twice (glibc answers a known name with the library that it has already). Mode 0700,
/// removed with all that is in it on destruction. What a process that died could not remove, the next one does: a
/// directory is locked as long as its owner lives.
class Staging {
 public:
  /// [setup] Makes a new directory in `parent`, and removes those of dead processes of the same user. Empty:
  /// $RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR or the temporary directory.
  static Result<std::shared_ptr<Staging>> open(const std::string& parent);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// [setup] Writes a copy and returns its path, SHA256-N.so.
  Result<std::string> put(std::string_view bytes, const std::string& sha256);
  /// [any] Removes a copy that is not mapped any more.
  static void remove(const std::string& path) noexcept;
  /// [any] Removes everything now, also what is mapped.
  void clear() noexcept;
  bool is_in(const std::string& parent) const;
  const std::string& path() const noexcept { return path_; }

 private:
  Staging(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;  // the directory, open; -1: it could not be
};

}  // namespace gatehouse::plugin
