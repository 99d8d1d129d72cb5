#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::access {

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

/// What a type answers with unless an API customises it.
struct DefaultResponse {
  std::uint16_t status;
  std::string_view error_type;  // x-amzn-ErrorType
};
const DefaultResponse& default_response(ResponseType type) noexcept;

}  // namespace gatehouse::access
