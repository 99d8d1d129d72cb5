#pragma once
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/sigv4/verifier.hpp>

namespace gatehouse::iam {

struct Settings {
  kit::sigv4::Rules rules;
  bool anonymous = false;    // unsigned requests pass without a caller: for STS, which asks for one where it needs it
  bool full_errors = false;  // tell clients our canonical request and string to sign
};

Settings read_settings(const Config& config);

/// JSON Schema of `settings:`.
inline constexpr const char* kSettingsSchema = R"({
  "type": "object", "additionalProperties": false, "properties": {
    "services": {"type": "array", "minItems": 1, "maxItems": 10, "uniqueItems": true, "default": ["execute-api"],
                 "items": {"type": "string", "minLength": 1, "maxLength": 64},
                 "description": "services that a signature may be for; messages name the first"},
    "regions": {"type": "array", "minItems": 1, "maxItems": 50, "uniqueItems": true,
                "items": {"type": "string", "minLength": 1, "maxLength": 64},
                "description": "regions that a signature may be for; the gateway's own unless said otherwise"},
    "skew_seconds": {"type": "integer", "minimum": 1, "maximum": 900, "default": 300,
                     "description": "how far a signature's time may be from the gateway's"},
    "presign_cap_seconds": {"type": "integer", "minimum": 1, "maximum": 604800, "default": 300,
                            "description": "how long presigned requests live at most, whatever X-Amz-Expires says"},
    "unsigned": {"type": "string", "enum": ["refuse", "anonymous"], "default": "refuse",
                 "description": "anonymous: unsigned requests pass; only for routes of STS, which asks for callers itself"},
    "error_detail": {"type": "string", "enum": ["full", "short"], "default": "short",
                     "description": "full: a mismatch shows clients of REST APIs our canonical request, as AWS does"},
    "require_signed_api_id": {"type": "boolean", "default": false,
                              "description": "x-apigw-api-id must be signed where it is sent"}}})";

}  // namespace gatehouse::iam
