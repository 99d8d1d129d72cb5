#include "access/response_type.hpp"

#include <array>

namespace gatehouse::access {
namespace {

struct Row {
  std::string_view name;
  DefaultResponse response;
};

// In the order of ResponseType. Source: spec api-types section 6. INTEGRATION_FAILURE is 504 in AWS's table and seen as
// 500 until customised: `respond` knows.
constexpr std::array<Row, kResponseTypes> kRows{{
    {"ACCESS_DENIED", {403, "AccessDeniedException"}},
    {"API_CONFIGURATION_ERROR", {500, "InternalServerErrorException"}},
    {"AUTHORIZER_CONFIGURATION_ERROR", {500, "AuthorizerConfigurationException"}},
    {"AUTHORIZER_FAILURE", {500, "AuthorizerConfigurationException"}},
    {"BAD_REQUEST_PARAMETERS", {400, "BadRequestException"}},
    {"BAD_REQUEST_BODY", {400, "BadRequestException"}},
    {"EXPIRED_TOKEN", {403, "ExpiredTokenException"}},
    {"INTEGRATION_FAILURE", {504, "InternalServerErrorException"}},
    {"INTEGRATION_TIMEOUT", {504, "InternalServerErrorException"}},
    {"INVALID_API_KEY", {403, "ForbiddenException"}},
    {"INVALID_SIGNATURE", {403, "InvalidSignatureException"}},
    {"MISSING_AUTHENTICATION_TOKEN", {403, "MissingAuthenticationTokenException"}},
    {"QUOTA_EXCEEDED", {429, "LimitExceededException"}},
    {"REQUEST_TOO_LARGE", {413, "BadRequestException"}},
    {"RESOURCE_NOT_FOUND", {404, "NotFoundException"}},
    {"THROTTLED", {429, "TooManyRequestsException"}},
    {"UNAUTHORIZED", {401, "UnauthorizedException"}},
    {"UNSUPPORTED_MEDIA_TYPE", {415, "BadRequestException"}},
    {"WAF_FILTERED", {403, "ForbiddenException"}},
}};

}  // namespace

std::string_view name(ResponseType type) noexcept {
  return kRows[static_cast<std::size_t>(type)].name;
}

const DefaultResponse& default_response(ResponseType type) noexcept {
  return kRows[static_cast<std::size_t>(type)].response;
}

std::optional<ResponseType> parse_response_type(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].name == text) return static_cast<ResponseType>(i);
  return std::nullopt;
}

}  // namespace gatehouse::access
