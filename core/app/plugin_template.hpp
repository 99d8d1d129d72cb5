#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::app {

/// What stands in a template besides its text: `@NAME@` is a word, and a line that begins with `@cpp|` is there,
/// without that, only when `cpp` was chosen.
struct TemplateWords {
  std::vector<std::pair<std::string, std::string>> words;  // `@NAME@` and what to write
  std::vector<std::string> chosen;
  std::string fill(std::string_view text) const;
};

}  // namespace gatehouse::app
