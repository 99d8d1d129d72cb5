#pragma once

namespace gatehouse::jwt {

/// JSON Schema of `settings:`.
inline constexpr const char* kSettingsSchema = R"({
  "type": "object", "required": ["issuer"], "additionalProperties": false, "properties": {
    "issuer": {"type": "string", "minLength": 1, "maxLength": 2048,
               "description": "what `iss` must be, letter by letter; also where the OpenID configuration is found"},
    "audience": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": 50,
                 "description": "one of these must be in `aud`, or be `client_id` of a token without `aud`"},
    "allow_any_audience": {"type": "boolean", "default": false, "description": "instead of `audience`"},
    "jwks_uri": {"type": "string", "minLength": 9, "maxLength": 2048,
                 "description": "where the keys are, instead of what the issuer's OpenID configuration says"},
    "jwks_file": {"type": "string", "minLength": 1, "format": "file",
                  "description": "a file with the JWK set: nothing is fetched; read anew at each reload"},
    "algorithms": {"type": "array", "minItems": 1, "uniqueItems": true,
                   "items": {"type": "string", "enum": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
                                                        "ES384", "ES512", "EdDSA", "Ed25519"]},
                   "description": "RS256, RS384 and RS512, as on AWS, unless said otherwise"},
    "clock_skew_seconds": {"type": "integer", "minimum": 0, "maximum": 300, "default": 0},
    "required_typ": {"type": "string", "minLength": 1, "description": "`at+jwt`; JWT, at+jwt or none unless said otherwise"},
    "required_claims": {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 20,
                        "description": "claims that must be there with that value: {token_use: access}"},
    "max_token_bytes": {"type": "integer", "minimum": 256, "maximum": 16384, "default": 8192},
    "max_stale_seconds": {"type": "integer", "minimum": 0, "maximum": 86400, "default": 3600,
                          "description": "how long old keys serve while the issuer cannot be reached"},
    "token_cache": {"type": "boolean", "default": true, "description": "remember verified tokens"},
    "token_cache_entries": {"type": "integer", "minimum": 4, "maximum": 1048576, "default": 8192,
                            "description": "of each worker"},
    "www_authenticate_style": {"type": "string", "enum": ["aws", "rfc6750"], "default": "aws",
                               "description": "parameters separated by blanks, or by commas"},
    "ca_file": {"type": "string", "minLength": 1, "format": "file",
                "description": "PEM certificates to trust for the issuer instead of the system's"},
    "allow_private_issuer": {"type": "boolean", "default": false,
                             "description": "the issuer may be at a private, loopback or link-local address"},
    "allow_insecure_issuer": {"type": "boolean", "default": false, "description": "the issuer may be at http://"}}})";

}  // namespace gatehouse::jwt
