#pragma once
#include <optional>
#include <string>
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
  std::string run_path;
  bool executable_stack = false;
  bool text_relocations = false;
  bool static_tls = false;
  std::vector<Error> problems;  // why this gateway would not load it; the first is what it would say
};

/// Errors: the file cannot be read at all. [setup]
Result<Facts> look_at(const std::string& file);

/// The one rule that runs no code: exactly one exported symbol.
std::optional<std::string> surplus_exports(const Facts& facts);

}  // namespace gatehouse::conformance
