#pragma once
#include <gatehouse/kit/jose/algorithm.hpp>
#include <gatehouse/kit/jose/key.hpp>
#include <gatehouse/kit/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::kit::jose {

/// Why a token is refused, in the order of the checks (spec JW section 2, section 6).
enum class Refusal : std::uint8_t {
  None,
  Missing,      // no token
  TooLong,      // JW-6C
  Segments,     // not three segments (JW-31, JW-64)
  Malformed,    // base64url, JSON, or a header that must not be: crit, b64, zip, nested (JW-65, JW-66, JW-6A, JW-6B)
  Type,         // `typ` is another (JW-6E)
  Algorithm,    // not one of those allowed (JW-60)
  KeyId,        // no `kid`, or one that cannot be (JW-68)
  UnknownKey,   // the issuer has no key of that id
  KeyMismatch,  // it has, and the key is not for this algorithm (JW-61)
  Signature,
  Issuer,
  Audience,
  Expired,        // or no `exp`, or one that is no time (JW-20..23)
  NotYet,         // `nbf` or `iat` in the future (JW-25)
  Claim,          // a claim that was required is absent or another (JW-6F)
  Scope,          // JW-39
  KeysDown,       // the issuer's keys could not be had (JW-35)
  DiscoveryDown,  // JW-34
};
/// `unknown_key`: for programs. [any]
std::string_view name(Refusal refusal) noexcept;

/// What became of a check. `detail` is for the log and for people who inspect a token; it may name `kid`, claims and
/// values that the operator configured, never the token or its signature (JW-6I).
struct Outcome {
  Refusal refusal = Refusal::None;
  std::string detail;
  explicit operator bool() const noexcept { return refusal == Refusal::None; }
};

struct TokenRules {
  Algorithms algorithms = kAwsAlgorithms;
  std::size_t max_bytes = 8192;  // of the whole token; 16,384 at most
  /// Compared in lower case without `application/`; empty: `JWT`, `at+jwt` or none (JW-6E).
  std::string required_type;
};

/// A compact JWS whose header was checked and whose signature was not (yet). Holds a view of the text it was read from.
class Token {
 public:
  /// Structure and header: JW-60, 64..68, 6A..6C, 6E. `jku`, `x5u`, `jwk`, `x5c` and `x5t` may stand there and are
  /// never used (JW-67). A payload may be empty here, as JWS has it; claims() refuses it then. Nothing, and `why`
  /// filled, when it is refused. [any]
  static std::optional<Token> read(std::string_view compact, const TokenRules& rules, Outcome& why);

  Algorithm algorithm() const noexcept { return algorithm_; }
  const std::string& kid() const noexcept { return kid_; }
  const Json& header() const noexcept { return header_; }

  /// UnknownKey for null. [any]
  Outcome verify(const Key* key) const;
  /// The claims: a JSON object (JW-6A, JW-6B). Judge no claim before verify() said yes (JW-6D), but for `iss` to choose
  /// among configured issuers. [any]
  std::optional<Json> claims(Outcome& why) const;

 private:
  Token() = default;
  Algorithm algorithm_{};
  std::string kid_;
  Json header_;
  std::string_view signed_;
  std::string payload_, signature_;
};

}  // namespace gatehouse::kit::jose
