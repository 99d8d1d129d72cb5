#include "app/plugin_template.hpp"

#include <algorithm>

namespace gatehouse::app {
namespace {

/// `cpp` of a line `@cpp|...`; nothing for others.
std::string_view choice_of(std::string_view line) {
  if (line.empty() || line.front() != '@') return {};
  const std::size_t end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz", 1);
  return end != std::string_view::npos && end > 1 && line[end] == '|' ? line.substr(1, end - 1) : std::string_view();
}

}  // namespace

std::string TemplateWords::fill(std::string_view text) const {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(line.size());
    if (const std::string_view choice = choice_of(line); !choice.empty()) {
      if (std::find(chosen.begin(), chosen.end(), choice) == chosen.end()) continue;
      line.remove_prefix(choice.size() + 2);
    }
    while (!line.empty()) {
      const auto known =
          std::find_if(words.begin(), words.end(), [&](const auto& w) { return line.starts_with(w.first); });
      out += known != words.end() ? known->second : std::string(line.substr(0, 1));
      line.remove_prefix(known != words.end() ? known->first.size() : 1);
    }
  }
  return out;
}

}  // namespace gatehouse::app
