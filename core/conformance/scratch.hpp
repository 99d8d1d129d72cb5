#pragma once
#include <string>

#include "base/error.hpp"

namespace gatehouse::conformance {

/// A directory of its own below the system's for temporary files: empty at first, gone with everything in it
/// afterwards.
class Scratch {
 public:
  static Result<Scratch> make();
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch();
  const std::string& path() const noexcept { return path_; }

 private:
  explicit Scratch(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace gatehouse::conformance
