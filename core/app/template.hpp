#pragma once
#include <span>
#include <string_view>

namespace gatehouse::app {

/// A file of plugin-sdk/template, as it was when this program was built.
struct TemplateFile {
  std::string_view name;  // `plugin.cpp.in`
  std::string_view text;
};
std::span<const TemplateFile> template_files() noexcept;

}  // namespace gatehouse::app
