#pragma once
#include <gatehouse/kit/sigv4/digest.hpp>
#include <gatehouse/kit/sigv4/fault.hpp>
#include <gatehouse/kit/sigv4/request.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::kit::sigv4 {

inline constexpr std::size_t kMostAuthorizationBytes = 8192;
inline constexpr std::size_t kMostSignedHeaders = 100;
inline constexpr int kMostExpirySeconds = 604'800;  // keys of a date live for seven days

enum class Form : std::uint8_t { Header, Query };

/// What a request says of its signature. Views into the request, or into the room that read_credentials was given.
struct Credentials {
  Form form = Form::Header;
  std::string_view credential;  // whole
  std::string_view access_key_id, date, region, service, terminator;
  std::string_view scope;          // credential behind the first `/`
  std::string_view session_token;  // data() is null when there is none
  std::string_view timestamp;      // `20260115T101530Z`, 16 bytes
  std::int64_t time_s = 0;
  int expires_s = 0;                // query form: X-Amz-Expires; 0: it has none
  std::string_view signed_headers;  // as it came
  Digest signature{};
  bool signature_readable = false;  // 64 lower-case hex digits
  bool token_repeated = false;      // several X-Amz-Security-Token headers
};

/// Memory of read_credentials, kept from request to request.
struct CredentialsRoom {
  std::string decoded, timestamp;
  std::vector<std::string_view> signed_names;  // sorted
};

/// Rows 3 to 9 of spec section 7: everything but clock, scope and key. False: `why` says it, with the words that the
/// client is told. What is missing, repeated or out of form is refused, never guessed.
bool read_credentials(const Request& request, CredentialsRoom& room, Credentials& out, Refusal& why);

/// Row 12: five parts (E15).
bool split_credential(Credentials& out, Refusal& why);

/// base64(SHA-256(Authorization)), as messages name a header without showing it.
std::string hashed_header(std::string_view authorization);

}  // namespace gatehouse::kit::sigv4
