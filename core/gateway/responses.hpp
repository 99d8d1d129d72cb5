#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "config/diagnostics.hpp"
#include "gateway/template.hpp"

namespace gatehouse::gateway {

/// The gateway response types of REST APIs (spec api-types section 6), in its order.
enum class ResponseType : std::uint8_t {
  AccessDenied,
  ApiConfigurationError,
  AuthorizerConfigurationError,
  AuthorizerFailure,
  BadRequestParameters,
  BadRequestBody,
  ExpiredToken,
  IntegrationFailure,
  IntegrationTimeout,
  InvalidApiKey,
  InvalidSignature,
  MissingAuthenticationToken,
  QuotaExceeded,
  RequestTooLarge,
  ResourceNotFound,
  Throttled,
  Unauthorized,
  UnsupportedMediaType,
  WafFiltered,
};
inline constexpr std::size_t kResponseTypes = 19;
/// `ACCESS_DENIED`
std::string_view name(ResponseType type) noexcept;
std::optional<ResponseType> parse_response_type(std::string_view name) noexcept;

/// What a type answers with unless it is customised.
struct DefaultResponse {
  std::uint16_t status;
  std::string_view error_type;  // x-amzn-ErrorType
};
const DefaultResponse& default_response(ResponseType type) noexcept;

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
