#include "integration/query_refusal.hpp"

namespace gatehouse::integration {
namespace {

struct Row {
  std::string_view error_type;  // as execute-api says it
  std::string_view code;
  std::string_view message;  // empty: that of the refusal
};
constexpr Row kRows[] = {
    {"MissingAuthenticationTokenException", "MissingAuthenticationToken", "Request is missing Authentication Token"},
    {"IncompleteSignatureException", "IncompleteSignature", ""},
    {"InvalidSignatureException", "SignatureDoesNotMatch", ""},
    {"UnrecognizedClientException", "InvalidClientTokenId", "The security token included in the request is invalid."},
    {"ExpiredTokenException", "ExpiredToken", "The security token included in the request is expired"},
    {"AccessDeniedException", "AccessDenied", ""},
    {"MalformedQueryStringException", "MalformedQueryString", ""},
    {"TooManyRequestsException", "Throttling", "Rate exceeded"},
    {"LimitExceededException", "Throttling", "Rate exceeded"},
};

}  // namespace

QueryRefusal query_refusal(const ServiceRefusal& refusal) {
  const auto make = [](std::string_view code, std::string_view message) {
    return QueryRefusal{{std::string(code), std::string(message)}, query_status(code)};
  };
  for (const Row& row : kRows)
    if (row.error_type == refusal.error_type)
      return make(row.code, row.message.empty() ? refusal.message : row.message);
  // An API type that names no error: what is left is the status.
  if (refusal.status == 429) return make("Throttling", "Rate exceeded");
  if (refusal.status == 503 || refusal.status == 504)
    return make("ServiceUnavailable", "The service is unavailable; try again.");
  if (refusal.status >= 500) return make("InternalFailure", "The request could not be processed.");
  if (refusal.message == "Missing Authentication Token")
    return make("MissingAuthenticationToken", "Request is missing Authentication Token");
  if (refusal.status == 401 || refusal.status == 403) return make("AccessDenied", refusal.message);
  QueryRefusal out = make("InvalidParameterValue", refusal.message);
  out.status = refusal.status >= 400 ? refusal.status : 400;  // 413, 414, 415: of the request itself
  return out;
}

ServiceResponse query_refused(const QueryApi& api, const ServiceRefusal& refusal) {
  const QueryRefusal said = query_refusal(refusal);
  ServiceResponse out = query_error(api, said.fault, refusal.request_id, said.status);
  out.log_note = said.fault.code;
  return out;
}

}  // namespace gatehouse::integration
