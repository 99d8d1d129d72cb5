#include <gatehouse/kit/sigv4/fault.hpp>

namespace gatehouse::kit::sigv4 {

namespace {

struct Row {
  const char* name;
  const char* error_type;
  const char* response_type;
  const char* message;
};

constexpr const char* kIncomplete = "IncompleteSignatureException";
constexpr const char* kInvalid = "InvalidSignatureException";
constexpr const char* kUnknown = "UnrecognizedClientException";
constexpr const char* kSignature = "INVALID_SIGNATURE";

// In the order of Fault.
constexpr Row kRows[kFaults] = {
    {"none", "", "", ""},
    {"not_signed", "MissingAuthenticationTokenException", "MISSING_AUTHENTICATION_TOKEN",
     "Missing Authentication Token"},
    {"both_forms", kInvalid, kSignature,
     "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
    {"algorithm", kIncomplete, kSignature, ""},
    {"unknown_key", kUnknown, kSignature, "The security token included in the request is invalid."},
    {"bad_token", kUnknown, kSignature, "The security token included in the request is invalid"},
    {"expired_token", "ExpiredTokenException", "EXPIRED_TOKEN",
     "The security token included in the request is expired"},
    {"no_equal_sign", kIncomplete, kSignature, ""},
    {"header_parts", kIncomplete, kSignature, ""},
    {"query_parts", kIncomplete, kSignature, ""},
    {"host_not_signed", kInvalid, kSignature,
     "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
    {"expired", kInvalid, kSignature, ""},
    {"not_yet", kInvalid, kSignature, ""},
    {"bad_date", kIncomplete, kSignature, ""},
    {"scope", kInvalid, kSignature, ""},
    {"bad_escape", "MalformedQueryStringException", kSignature, ""},
    {"credential_parts", kIncomplete, kSignature, ""},
    {"mismatch", kInvalid, kSignature,
     "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
     "and signing method. Consult the service documentation for details."},
    {"unsigned_header", kInvalid, kSignature, ""},
    {"unusable", kIncomplete, kSignature, ""},
};

const Row& row(Fault fault) noexcept {
  const auto i = static_cast<std::size_t>(fault);
  return kRows[i < kFaults ? i : kFaults - 1];
}

/// Bytes of the UTF-8 character at `at`; 0: none (overlong forms and surrogates are none).
std::size_t character(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    const bool overlong = first == 0xe0 && byte(1) < 0xa0, surrogate = first == 0xed && byte(1) >= 0xa0;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    const bool overlong = first == 0xf0 && byte(1) < 0x90, beyond = first == 0xf4 && byte(1) >= 0x90;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

}  // namespace

const char* name(Fault fault) noexcept {
  return row(fault).name;
}
const char* error_type(Fault fault) noexcept {
  return row(fault).error_type;
}
const char* response_type(Fault fault) noexcept {
  return row(fault).response_type;
}
const char* fixed_message(Fault fault) noexcept {
  return row(fault).message;
}

void append_shown(std::string& out, std::string_view text, std::size_t most) {
  const std::size_t end = out.size() + most;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character(text, at);
    if (out.size() + (size != 0 ? size : 3) > end) {
      out += "...";
      return;
    }
    if (size == 0)
      out += "\xef\xbf\xbd";
    else
      out += text.substr(at, size);
    at += size != 0 ? size : 1;
  }
}

}  // namespace gatehouse::kit::sigv4
