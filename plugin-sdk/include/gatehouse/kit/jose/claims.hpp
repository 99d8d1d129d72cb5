#pragma once
#include <gatehouse/kit/jose/token.hpp>
#include <gatehouse/kit/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The claims of a JWT (RFC 7519), one check each; every one fails closed: a claim of another type than it must have is
// refused. `claims` is the object that Token::claims gave. [any]
namespace gatehouse::kit::jose {

/// `iss`, byte for byte (JW-14).
Outcome check_issuer(const Json& claims, std::string_view issuer);
/// `aud`, a text or a list of which any member counts; `client_id` only where there is no `aud` (JW-15, JW-26..28).
Outcome check_audience(const Json& claims, const std::vector<std::string>& audiences);
/// `exp` must be there and later than now; `nbf` and `iat`, where they are, must not be later than now (JW-16, JW-17,
/// JW-20..25). `skew_s` widens all. `now_ms`: since 1970. A time has no sign and is at most 2^53 - 1 seconds; fractions
/// are compared exactly.
Outcome check_times(const Json& claims, std::int64_t now_ms, int skew_s);
/// A claim that has to be there and have this text (JW-6F): strings, numbers and booleans as they are spelt; of a list
/// any member.
Outcome check_claim(const Json& claims, std::string_view name, std::string_view value);

/// The moment from which check_times() says Expired, in milliseconds since 1970; 0 when `exp` is not a time.
std::int64_t expiry_ms(const Json& claims, int skew_s) noexcept;
/// `scp`, or where that is not there `scope`: a text with blanks between or a list (JW-18, JW-2A..2D). What has another
/// form has no scopes.
std::vector<std::string> scopes_of(const Json& claims);

}  // namespace gatehouse::kit::jose
