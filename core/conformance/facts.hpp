#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "plugin/manifest.hpp"

namespace gatehouse::conformance {

/// What can be known of a file without running any of its code.
struct Facts {
  std::string file;
  std::size_t bytes = 0;
  std::string sha256;
  std::optional<plugin::Manifest> manifest;
  bool is_library = false;
  std::string machine;
  std::vector<std::string> exported;
  std::vector<std::string> needed;
  std::string glibc, glibcxx;  // newest versions of the C and C++ library that it needs: `2.34`; empty: none
  std::string run_path;
  bool executable_stack = false;
  bool text_relocations = false;
  bool static_tls = false;
  std::vector<Error> problems;  // why this gateway would not load it; the first is what it would say
};

/// Errors: the file cannot be read at all. [setup]
Result<Facts> look_at(const std::string& file);

/// The newest of the versions of that library in `versions`, as `GLIBC_2.34` is of `GLIBC_`: `2.34`. Empty: none.
std::string newest_version(const std::vector<std::string_view>& versions, std::string_view library);

/// The one rule that runs no code: exactly one exported symbol.
std::optional<std::string> surplus_exports(const Facts& facts);

}  // namespace gatehouse::conformance
