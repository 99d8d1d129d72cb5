#include "gateway/context.hpp"

namespace gatehouse::gateway {

std::string_view RequestContext::shown_path() const noexcept {
  if (!target.path.empty()) return target.path;
  const std::string_view raw = exchange->request.target;
  return raw.substr(0, raw.find('?'));
}

std::string_view RequestContext::path_parameter(std::string_view name) const noexcept {
  for (std::uint32_t i = 0; i < match.capture_count; ++i)
    if (match.captures[i].name == name) return match.captures[i].value;
  return {};
}

std::string_view RequestContext::stage_variable(std::string_view name) const noexcept {
  if (stage == nullptr) return {};
  for (const access::NamedValue& variable : stage->variable_views)
    if (variable.name == name) return variable.value;
  return {};
}

}  // namespace gatehouse::gateway
