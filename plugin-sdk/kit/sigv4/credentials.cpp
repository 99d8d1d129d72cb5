#include <gatehouse/kit/sigv4/canonical.hpp>
#include <gatehouse/kit/sigv4/credentials.hpp>
#include <gatehouse/kit/sigv4/date.hpp>
#include <gatehouse/kit/sigv4/encode.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>
#include <functional>

#include "refuse.hpp"

namespace gatehouse::kit::sigv4 {

namespace {

/// The headers that a signature's own words stand in.
struct Headers {
  struct One {
    std::string_view value;
    std::size_t count = 0;
    void take(std::string_view given) noexcept {
      if (count++ == 0) value = given;
    }
  };
  One authorization, amz_date, date, token;

  explicit Headers(const gh_kvs& all) noexcept {
    for (std::size_t i = 0; i < all.count; ++i) {
      const std::string_view name = view(all.items[i].key);
      if (name == "authorization")
        authorization.take(trimmed(view(all.items[i].val)));
      else if (name == "x-amz-date")
        amz_date.take(trimmed(view(all.items[i].val)));
      else if (name == "date")
        date.take(trimmed(view(all.items[i].val)));
      else if (name == "x-amz-security-token")
        token.take(trimmed(view(all.items[i].val)));
    }
  }
  static std::string_view trimmed(std::string_view text) noexcept {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
  }
};

bool bad_escape(std::string_view query, std::size_t at, Refusal& why) {
  if (at + 2 >= query.size()) return refuse(why, Fault::BadEscape, "Incomplete trailing escape % sequence");
  std::string message = "Illegal hex character in escape % pattern: ";
  append_shown(message, query.substr(at, 3));
  return refuse(why, Fault::BadEscape, std::move(message));
}

bool unsupported(std::string_view algorithm, Refusal& why) {
  std::string message = "Unsupported AWS 'algorithm': '";
  append_shown(message, algorithm, 64);
  return refuse(why, Fault::Algorithm, message + "'.");
}

bool bad_date(std::string_view text, Refusal& why, const char* reason = "") {
  std::string message = "Date must be in ISO-8601 'basic format'. Got '";
  append_shown(message, text, 64);
  return refuse(why, Fault::BadDate, message + "'. See http://en.wikipedia.org/wiki/ISO_8601", reason);
}

bool bad_names(std::string_view text, const char* what, Refusal& why) {
  std::string message = "'SignedHeaders' must be names of headers in lower case, each once, separated by ';'. Got '";
  append_shown(message, text, 256);
  return refuse(why, Fault::Unusable, message + "'.", std::string("`SignedHeaders`: ") + what);
}

bool read_names(std::string_view text, std::vector<std::string_view>& names, Refusal& why) {
  names.clear();
  for (std::size_t at = 0; at <= text.size();) {
    const std::string_view one = text.substr(at, text.find(';', at) - at);
    at += one.size() + 1;
    if (one.empty()) return bad_names(text, "an empty name", why);
    bool bad = false;
    for (const char c : one) bad |= c <= ' ' || c == 0x7f || (c >= 'A' && c <= 'Z');
    if (bad) return bad_names(text, "a name with a capital letter or what no name has", why);
    if (names.size() == kMostSignedHeaders) return bad_names(text, "more than 100 names", why);
    names.push_back(one);
  }
  const auto in_order = [&] {
    return std::adjacent_find(names.begin(), names.end(), std::greater_equal<>()) == names.end();
  };
  // As a rule they come sorted.
  if (!in_order()) std::sort(names.begin(), names.end());
  if (!in_order()) return bad_names(text, "a name twice", why);
  const auto has = [&](std::string_view name) { return std::binary_search(names.begin(), names.end(), name); };
  return has("host") || has(":authority") || refuse(why, Fault::HostNotSigned);
}

/// `Credential=a, SignedHeaders=b, Signature=c`: commas or blanks between them, the last of a name counts.
struct Parameters {
  std::string_view credential, signed_headers, signature;

  bool read(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      std::size_t equals = std::string_view::npos;
      for (; at < text.size() && text[at] != ',' && text[at] != ' ' && text[at] != '\t'; ++at)
        if (text[at] == '=' && equals == std::string_view::npos) equals = at - begin;
      const std::string_view one = text.substr(begin, at - begin);
      ++at;
      if (one.empty()) continue;
      if (equals == std::string_view::npos) return false;
      const std::string_view name = one.substr(0, equals), value = one.substr(equals + 1);
      if (name == "Credential")
        credential = value;
      else if (name == "SignedHeaders")
        signed_headers = value;
      else if (name == "Signature")
        signature = value;
    }
    return true;
  }
};

bool read_header_form(const Headers& headers, CredentialsRoom& room, Credentials& out, Refusal& why) {
  const std::string_view value = headers.authorization.value;
  if (headers.authorization.count > 1)
    return refuse(why, Fault::Unusable, "Authorization header must be given once.", "several Authorization headers");
  if (value.size() > kMostAuthorizationBytes)
    return refuse(why, Fault::Unusable, "Authorization header must not have more than 8192 bytes.",
                  "an Authorization header of " + std::to_string(value.size()) + " bytes");
  const std::string_view scheme = value.substr(0, value.find(' '));
  constexpr std::string_view kFamily = "AWS4-";
  const bool ours = scheme == kAlgorithm;
  if (!ours && scheme.substr(0, kFamily.size()) == kFamily) return unsupported(scheme, why);
  Parameters parameters;
  // Whatever the scheme, the rest is read as if it were ours (spec section 2, step 4).
  if (!parameters.read(value.substr(scheme.size())))
    return refuse(
        why, Fault::NoEqualSign,
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded "
        "with Base64): '" +
            hashed_header(value) + "'.",
        ours ? "" : "an Authorization header of another scheme");
  const bool dated = !headers.amz_date.value.empty() || !headers.date.value.empty();
  if (parameters.credential.empty() || parameters.signature.empty() || parameters.signed_headers.empty() || !dated) {
    std::string message;
    if (parameters.credential.empty()) message += "Authorization header requires 'Credential' parameter. ";
    if (parameters.signature.empty()) message += "Authorization header requires 'Signature' parameter. ";
    if (parameters.signed_headers.empty()) message += "Authorization header requires 'SignedHeaders' parameter. ";
    if (!dated) message += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    message += "(Hashed with SHA-256 and encoded with Base64) Authorization=" + hashed_header(value);
    return refuse(why, Fault::HeaderParts, std::move(message), ours ? "" : "an Authorization header of another scheme");
  }
  if (!ours) return unsupported(scheme, why);
  out.form = Form::Header;
  out.credential = parameters.credential;
  out.signed_headers = parameters.signed_headers;
  out.signature_readable = read_hex(parameters.signature, out.signature);
  if (headers.token.count > 0)
    out.session_token = headers.token.value.data() != nullptr ? headers.token.value : std::string_view("");
  out.token_repeated = headers.token.count > 1;
  if (!read_names(out.signed_headers, room.signed_names, why)) return false;
  const bool amz = !headers.amz_date.value.empty();
  const Headers::One& given = amz ? headers.amz_date : headers.date;
  if (given.count > 1) return bad_date(given.value, why, amz ? "several X-Amz-Date headers" : "several Date headers");
  auto time = parse_basic(given.value);
  out.timestamp = given.value;
  if (!time && !amz && (time = parse_http_date(given.value))) {
    room.timestamp = basic(*time);
    out.timestamp = room.timestamp;
  }
  if (!time) return bad_date(given.value, why);
  out.time_s = *time;
  return true;
}

/// The protocol's own parameters, decoded; of each name the first.
struct QueryParts {
  struct One {
    const char* name;
    std::string_view value;
    bool present = false;
  };
  enum { kAlgorithmPart, kCredential, kSignature, kSignedHeaders, kDate, kExpires, kToken };
  One all[7] = {{"X-Amz-Algorithm", {}, false},     {"X-Amz-Credential", {}, false}, {"X-Amz-Signature", {}, false},
                {"X-Amz-SignedHeaders", {}, false}, {"X-Amz-Date", {}, false},       {"X-Amz-Expires", {}, false},
                {"X-Amz-Security-Token", {}, false}};

  void read(std::string_view query, std::string& decoded) {
    decoded.clear();
    decoded.reserve(query.size());  // what is decoded is no longer: the views stay good
    std::string_view name, value;
    while (next_parameter(query, name, value)) {
      // Whatever a name's first letter is spelt like; most parameters are the API's own.
      if (name.empty() || (name[0] != 'X' && name[0] != '%')) continue;
      for (One& one : all) {
        if (one.present || !is_named(name, one.name)) continue;
        const std::size_t at = decoded.size();
        append_decoded(decoded, value);
        one.value = std::string_view(decoded.data() + at, decoded.size() - at);
        one.present = true;
        break;
      }
    }
  }
};

/// Digits only, 1 to 604,800; 0 otherwise.
int read_expiry(std::string_view text) noexcept {
  if (text.empty() || text.size() > 6) return 0;
  int out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    out = out * 10 + (c - '0');
  }
  return out <= kMostExpirySeconds ? out : 0;
}

bool read_query_form(const QueryParts& parts, CredentialsRoom& room, Credentials& out, Refusal& why) {
  const auto& all = parts.all;
  const std::string_view algorithm = all[QueryParts::kAlgorithmPart].value;
  if (!algorithm.empty() && algorithm != kAlgorithm) return unsupported(algorithm, why);
  std::string message;
  for (const int one : {QueryParts::kAlgorithmPart, QueryParts::kCredential, QueryParts::kSignature,
                        QueryParts::kSignedHeaders, QueryParts::kDate})
    if (all[one].value.empty()) ((message += "AWS query-string parameters must include '") += all[one].name) += "'. ";
  const QueryParts::One& expires = all[QueryParts::kExpires];
  out.expires_s = expires.present ? read_expiry(expires.value) : 0;
  if (expires.present && out.expires_s == 0)
    message += "AWS query-string parameter 'X-Amz-Expires' must be a number of seconds from 1 to 604800. ";
  if (!message.empty()) return refuse(why, Fault::QueryParts, message + "Re-examine the query-string parameters.");
  out.form = Form::Query;
  out.credential = all[QueryParts::kCredential].value;
  out.signed_headers = all[QueryParts::kSignedHeaders].value;
  out.signature_readable = read_hex(all[QueryParts::kSignature].value, out.signature);
  if (all[QueryParts::kToken].present)
    out.session_token = all[QueryParts::kToken].value.data() != nullptr ? all[QueryParts::kToken].value : "";
  if (!read_names(out.signed_headers, room.signed_names, why)) return false;
  out.timestamp = all[QueryParts::kDate].value;
  const auto time = parse_basic(out.timestamp);
  if (!time) return bad_date(out.timestamp, why);
  out.time_s = *time;
  return true;
}

}  // namespace

bool read_credentials(const Request& request, CredentialsRoom& room, Credentials& out, Refusal& why) {
  out = Credentials{};
  const std::size_t escape = find_bad_escape(request.raw_query);
  if (escape != std::string_view::npos) return bad_escape(request.raw_query, escape, why);
  const Headers headers(request.headers);
  QueryParts parts;
  parts.read(request.raw_query, room.decoded);
  const bool in_query = parts.all[QueryParts::kAlgorithmPart].present;
  const bool in_header = !headers.authorization.value.empty() || headers.authorization.count > 1;
  if (!in_query && !in_header) return refuse(why, Fault::NotSigned);
  if (in_query && in_header) return refuse(why, Fault::BothForms);
  return in_query ? read_query_form(parts, room, out, why) : read_header_form(headers, room, out, why);
}

bool split_credential(Credentials& out, Refusal& why) {
  std::string_view* const parts[] = {&out.access_key_id, &out.date, &out.region, &out.service, &out.terminator};
  std::string_view rest = out.credential;
  std::size_t count = 0;
  for (;;) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    if (count < 5) *parts[count] = part;
    ++count;
    if (part.size() == rest.size()) break;
    rest.remove_prefix(part.size() + 1);
    if (count == 1) out.scope = rest;
  }
  if (count == 5) return true;
  std::string message =
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '";
  append_shown(message, out.credential);
  return refuse(why, Fault::CredentialParts, message + "'");
}

std::string hashed_header(std::string_view authorization) {
  // With single blanks, as AWS hashes it.
  std::string single;
  for (const char c : authorization)
    if (c != ' ' || single.empty() || single.back() != ' ') single += c;
  Hasher hasher;
  const Digest digest = hasher.sha256(single);
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < digest.size(); i += 3) {
    const bool two = i + 1 < digest.size(), three = i + 2 < digest.size();
    const unsigned bits =
        unsigned{digest[i]} << 16 | (two ? unsigned{digest[i + 1]} << 8 : 0u) | (three ? unsigned{digest[i + 2]} : 0u);
    out += kDigits[bits >> 18];
    out += kDigits[bits >> 12 & 63];
    out += two ? kDigits[bits >> 6 & 63] : '=';
    out += three ? kDigits[bits & 63] : '=';
  }
  return out;
}

}  // namespace gatehouse::kit::sigv4
