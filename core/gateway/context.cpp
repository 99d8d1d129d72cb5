#include "gateway/context.hpp"

namespace gatehouse::gateway {

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

void RequestContext::clear() noexcept {
  exchange = nullptr;
  gateway = nullptr;
  stage = nullptr;
  api = nullptr;
  route = nullptr;
  target = {};
  selection = {};
  match.capture_count = 0;
  request_id = extended_id = domain = source_ip_text = {};
  peer_trusted = false;
  facts = {};
  decision = {};
  has_decision = false;
  refusal = {};
  trace.clear();
  integration_status = 0;
  integration_target = integration_error = {};
  authorizer_start_ns = authorizer_end_ns = integration_start_ns = integration_end_ns = end_ns = 0;
  ending = http::Ending::Complete;
}

}  // namespace gatehouse::gateway
