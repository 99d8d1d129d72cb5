#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::kit::sigv4 {

/// Why a request is not taken for its signer's. Source: spec sigv4 section 8; those without a row there are ours.
enum class Fault : std::uint8_t {
  None,
  NotSigned,        // E1
  BothForms,        // E2
  Algorithm,        // E3
  UnknownKey,       // E4
  BadToken,         // E4b
  ExpiredToken,     // E5
  NoEqualSign,      // E6
  HeaderParts,      // E7
  QueryParts,       // E8
  HostNotSigned,    // E9
  Expired,          // E10
  NotYet,           // E11
  BadDate,          // E12
  Scope,            // E13
  BadEscape,        // E14
  CredentialParts,  // E15
  Mismatch,         // E16
  UnsignedHeader,   // section 3.4
  Unusable,         // section 2 and 11.7: repeated, too long, names out of form
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::Unusable) + 1;

/// For people and metrics: `expired`.
const char* name(Fault fault) noexcept;
/// x-amzn-ErrorType: `InvalidSignatureException`.
const char* error_type(Fault fault) noexcept;
/// The gateway response of a REST API: `INVALID_SIGNATURE`.
const char* response_type(Fault fault) noexcept;
/// The message where it is the same each time; empty where it depends on the request.
const char* fixed_message(Fault fault) noexcept;

/// A refusal with what the client is told, letter by letter as AWS has it, and what the log is told beside it.
struct Refusal {
  Fault fault = Fault::None;
  std::string message;  // UTF-8; quotes what the client sent, cut at some hundred bytes
  std::string reason;   // private; no secret
};

/// Appends a stranger's bytes as UTF-8: what is none becomes U+FFFD, and what is longer than `most` bytes ends in dots.
void append_shown(std::string& out, std::string_view text, std::size_t most = 512);

}  // namespace gatehouse::kit::sigv4
