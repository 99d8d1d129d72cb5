#include <gatehouse/kit/sigv4/date.hpp>
#include <gatehouse/kit/sigv4/path.hpp>
#include <gatehouse/kit/sigv4/verifier.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>

#include "refuse.hpp"

namespace gatehouse::kit::sigv4 {

namespace {

constexpr std::size_t kMostShownBytes = 60'000;  // an answer's message has 64 KiB

/// `5 min.` as AWS has it, `90 sec.` where it are no whole minutes.
std::string span(std::int64_t seconds) {
  return seconds % 60 == 0 ? std::to_string(seconds / 60) + " min." : std::to_string(seconds) + " sec.";
}

bool has(const std::vector<std::string>& list, std::string_view one) noexcept {
  return std::find(list.begin(), list.end(), one) != list.end();
}

/// Whether the key signed what stands in the workspace.
bool is_signed(const Credentials& credentials, const Digest& signing_key, Workspace& w) {
  w.string_to_sign.clear();
  append_string_to_sign(w.string_to_sign, credentials.timestamp, credentials.scope, w.canonical.digest(w.hasher));
  const Digest expected = w.hasher.hmac(bytes_of(signing_key), w.string_to_sign);
  return same_secret(bytes_of(expected), bytes_of(credentials.signature)) && credentials.signature_readable;
}

bool verify_form(std::string_view method, std::string_view path, const Credentials& credentials,
                 const Digest& signing_key, Workspace& w) {
  w.canonical.path(method, path);
  return is_signed(credentials, signing_key, w);
}

/// The private half of a mismatch: what can be told from what the client says of its body.
std::string body_hint(const Request& request, const Digest& payload) {
  for (std::size_t i = 0; i < request.headers.count; ++i) {
    if (view(request.headers.items[i].key) != "x-amz-content-sha256") continue;
    const std::string_view said = view(request.headers.items[i].val);
    std::string hash;
    append_hex(hash, payload);
    if (said == hash) return {};
    Digest ignored;
    if (read_hex(said, ignored)) return "; the body is not the one that x-amz-content-sha256 names";
    std::string out = "; x-amz-content-sha256 is `";
    append_shown(out, said, 64);
    return out + "`, but the hash of the body must be signed";
  }
  return {};
}

/// What the signer did, if that can be told by doing the same: at most two hashes more, and only where the request has
/// what it takes.
std::string usual_mistake(const Request& request, const Credentials& credentials, const Digest& signing_key,
                          const Digest& payload, Workspace& w) {
  const bool in_query = credentials.form == Form::Query;
  if (request.wire_path.find('%') != std::string_view::npos) {
    w.canonical.write(request, w.room.signed_names, in_query, payload);
    w.canonical.path_encoded_once(request.method, request.wire_path);
    if (is_signed(credentials, signing_key, w))
      return "; it would if the path were encoded once: it must be encoded twice";
  }
  const std::size_t port = request.authority.rfind(':');
  if (port != std::string_view::npos && request.authority.back() != ']') {
    Request bare = request;
    bare.authority = request.authority.substr(0, port);
    w.canonical.write(bare, w.room.signed_names, in_query, payload);
    if (verify_form(request.method, request.wire_path, credentials, signing_key, w))
      return "; it would if Host had no port: what is signed must be what is sent";
  }
  return {};
}

}  // namespace

bool Verifier::check_time(const Credentials& c, std::int64_t now_ms, Refusal& why) const {
  const std::int64_t now = now_ms / 1000;
  const bool presigned = c.form == Form::Query;
  // Without X-Amz-Expires a presigned request is good for as long as a signed one.
  const std::int64_t window =
      presigned ? std::min(c.expires_s != 0 ? c.expires_s : 300, rules_.presign_cap_s) : rules_.skew_s;
  if (c.time_s + window < now)
    return refuse(why, Fault::Expired,
                  "Signature expired: " + std::string(c.timestamp) + " is now earlier than " + basic(now - window) +
                      " (" + basic(now) + " - " + span(window) + ")",
                  presigned ? "presigned, and its time is over" : "");
  if (c.time_s > now + rules_.skew_s)
    return refuse(why, Fault::NotYet,
                  "Signature not yet current: " + std::string(c.timestamp) + " is still later than " +
                      basic(now + rules_.skew_s) + " (" + basic(now) + " + " + span(rules_.skew_s) + ")");
  return true;
}

bool Verifier::check_scope(const Request& request, const Credentials& c, Refusal& why) const {
  const bool region = rules_.regions.empty() ? c.region == request.region : has(rules_.regions, c.region);
  const bool service = has(rules_.services, c.service), terminator = c.terminator == kTerminator;
  const std::string_view day = c.timestamp.substr(0, 8);
  if (region && service && terminator && c.date == day) return true;
  std::string message;
  const auto quote = [&](std::string_view text) -> std::string& {
    message += '\'';
    append_shown(message, text, 64);
    return message += '\'';
  };
  if (!region) {
    message += "Credential should be scoped to a valid region, not ";
    quote(c.region) += ". ";
  }
  if (!service) {
    message += "Credential should be scoped to correct service: ";
    quote(rules_.services.front()) += ". ";
  }
  if (!terminator) {
    message += "Credential should be scoped with a valid terminator: 'aws4_request', not ";
    quote(c.terminator) += ". ";
  }
  if (c.date != day) {
    message += "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ";
    quote(c.date) += " != ";
    quote(day) += ", from ";
    quote(c.timestamp) += ". ";
  }
  message.pop_back();
  return refuse(why, Fault::Scope, std::move(message));
}

bool Verifier::check_headers(const Request& request, const Credentials& c,
                             const std::vector<std::string_view>& signed_names, Refusal& why) const {
  // `x_amz_date` is the same header to upstreams that make HTTP_X_AMZ_DATE of it.
  const auto dash = [](char one) { return one == '-' || one == '_'; };
  for (std::size_t i = 0; i < request.headers.count; ++i) {
    const std::string_view name = view(request.headers.items[i].key);
    if (name.size() < 6 || name[0] != 'x') continue;
    const bool watched = (dash(name[1]) && name.substr(2, 3) == "amz" && dash(name[5])) ||
                         (rules_.signed_api_id && name == "x-apigw-api-id");
    if (!watched || std::binary_search(signed_names.begin(), signed_names.end(), name)) continue;
    // A token that belongs to another key verifies nothing: it need not be signed.
    if (c.form == Form::Header && name == "x-amz-security-token") continue;
    std::string message = "There were headers present in the request which were not signed: ";
    append_shown(message, name, 128);
    return refuse(why, Fault::UnsignedHeader, std::move(message));
  }
  return true;
}

bool Verifier::read(const Request& request, std::int64_t now_ms, Workspace& workspace, Credentials& out,
                    Refusal& why) const {
  return read_credentials(request, workspace.room, out, why) && check_time(out, now_ms, why) &&
         split_credential(out, why) && check_scope(request, out, why) &&
         check_headers(request, out, workspace.room.signed_names, why);
}

Verifier::Match Verifier::match(const Request& request, const Credentials& credentials, const Digest& signing_key,
                                const Digest& payload, Workspace& w) const {
  w.canonical.write(request, w.room.signed_names, credentials.form == Form::Query, payload);
  // The gateway made `path` of these very bytes.
  if (verify_form(request.method, request.wire_path, credentials, signing_key, w)) return {true, GH_PATH_NORMALISED};
  if (!normalise_as_signers_do(request.wire_path, w.path)) return {};
  const auto form = form_of(w.path, request.path);
  if (!form || !verify_form(request.method, w.path, credentials, signing_key, w)) return {};
  return {true, *form};
}

Refusal Verifier::mismatch(const Request& request, const Credentials& credentials, const Digest& signing_key,
                           const Digest& payload, bool full, Workspace& w) const {
  Refusal out;
  refuse(out, Fault::Mismatch);
  out.reason = "the signature does not match";
  if (!credentials.signature_readable)
    out.reason += "; `Signature` is not 64 hex digits in lower case";
  else
    out.reason += body_hint(request, payload) + usual_mistake(request, credentials, signing_key, payload, w);
  if (!full) return out;
  w.canonical.write(request, w.room.signed_names, credentials.form == Form::Query, payload);
  w.canonical.path(request.method, request.wire_path);
  w.string_to_sign.clear();
  append_string_to_sign(w.string_to_sign, credentials.timestamp, credentials.scope, w.canonical.digest(w.hasher));
  const std::string canonical = w.canonical.text();
  if (canonical.size() + w.string_to_sign.size() > kMostShownBytes) return out;
  out.message += "\n\nThe Canonical String for this request should have been\n'";
  append_shown(out.message, canonical, kMostShownBytes);
  out.message += "'\n\nThe String-to-Sign should have been\n'";
  append_shown(out.message, w.string_to_sign, kMostShownBytes);
  out.message += "'\n";
  return out;
}

}  // namespace gatehouse::kit::sigv4
