#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/response_type.hpp"
#include "config/config.hpp"
#include "config/diagnostics.hpp"
#include "gateway/template.hpp"

namespace gatehouse::gateway {

using access::default_response;
using access::DefaultResponse;
using access::kResponseTypes;
using access::parse_response_type;
using access::ResponseType;

/// One customised response (AT-61).
struct CustomResponse {
  std::optional<std::uint16_t> status;
  std::vector<std::pair<std::string, Template>> headers;
  std::vector<std::pair<std::string, Template>> templates;  // content type -> body
};

/// The customised responses of one API, resolved per AT-60: specific, else DEFAULT_4XX/5XX, else built in. Immutable.
class GatewayResponses {
 public:
  /// Faults go to `diagnostics` at the response's place.
  static GatewayResponses compile(const std::vector<config::GatewayResponse>& responses,
                                  config::Diagnostics& diagnostics);
  /// The response that customises `type`; null: none.
  const CustomResponse* find(ResponseType type) const noexcept { return by_type_[static_cast<std::size_t>(type)]; }

 private:
  std::vector<std::unique_ptr<CustomResponse>> owned_;
  std::array<const CustomResponse*, kResponseTypes> by_type_{};
};

}  // namespace gatehouse::gateway
