#pragma once

namespace gatehouse::cognito {

/// JSON Schema of `settings:`.
inline constexpr const char* kSettingsSchema = R"({
  "type": "object", "required": ["user_pool_arns"], "additionalProperties": false, "properties": {
    "user_pool_arns": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 512},
                       "minItems": 1, "maxItems": 1000, "uniqueItems": true,
                       "description": "arn:aws:cognito-idp:REGION:ACCOUNT:userpool/POOL; POOL may be ${stageVariables.NAME}"},
    "allowed_client_ids": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": 1000,
                           "description": "app clients whose tokens are taken; those of every client of the pools without it"},
    "identity_validation_expression": {"type": "string", "minLength": 1, "maxLength": 1024,
                                       "description": "`aud` must match it as a whole; access tokens have none"},
    "result_ttl_seconds": {"type": "integer", "minimum": 0, "maximum": 3600, "default": 300,
                           "description": "how long a verified token is remembered; never beyond its expiry"},
    "token_cache_entries": {"type": "integer", "minimum": 4, "maximum": 1048576, "default": 8192,
                            "description": "of each worker"},
    "max_token_bytes": {"type": "integer", "minimum": 256, "maximum": 16384, "default": 8192},
    "max_stale_seconds": {"type": "integer", "minimum": 0, "maximum": 86400, "default": 3600,
                          "description": "how long old keys serve while Cognito cannot be reached"},
    "cognito_endpoints": {"type": "array", "maxItems": 1000, "description": "emulators, and pools without a way out",
      "items": {"type": "object", "required": ["user_pool_arn", "issuer"], "additionalProperties": false, "properties": {
        "user_pool_arn": {"type": "string", "minLength": 1, "maxLength": 512},
        "issuer": {"type": "string", "minLength": 1, "maxLength": 2048, "description": "what `iss` must be"},
        "jwks_uri": {"type": "string", "minLength": 9, "maxLength": 2048, "description": "where the keys are"},
        "jwks_file": {"type": "string", "minLength": 1, "format": "file", "description": "the keys, instead of jwks_uri"},
        "allow_insecure": {"type": "boolean", "default": false,
                           "description": "http://, private addresses, and the published key of cognito-local"}}}}}})";

}  // namespace gatehouse::cognito
