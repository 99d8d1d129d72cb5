#include "app/sign_command_compare.hpp"

#include <gatehouse/kit/json.hpp>
#include <gatehouse/kit/sigv4/canonical.hpp>
#include <gatehouse/kit/sigv4/encode.hpp>
#include <gatehouse/kit/sigv4/path.hpp>

#include <algorithm>
#include <optional>

namespace gatehouse::app {
namespace {

namespace sigv4 = kit::sigv4;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool is_method(std::string_view line) noexcept {
  return !line.empty() && line.size() <= 32 &&
         std::all_of(line.begin(), line.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; });
}

/// What a canonical request says, a part a line.
struct Parts {
  std::string method, path, query, signed_headers, payload;
  std::vector<std::pair<std::string, std::string>> headers;

  static std::optional<Parts> of(const std::string& text) {
    const std::vector<std::string> lines = lines_of(text);
    // Method, path, query, a header at least, an empty line, names, hash.
    if (lines.size() < 7 || !is_method(lines[0]) || !lines[lines.size() - 3].empty()) return std::nullopt;
    Parts out{lines[0], lines[1], lines[2], lines[lines.size() - 2], lines.back(), {}};
    for (std::size_t i = 3; i + 3 < lines.size(); ++i) {
      const std::size_t colon = lines[i].find(':', lines[i].rfind(':', 0) == 0 ? 1 : 0);
      if (colon == std::string::npos) return std::nullopt;
      out.headers.emplace_back(lines[i].substr(0, colon), lines[i].substr(colon + 1));
    }
    return out;
  }
  const std::string* header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return &value;
    return nullptr;
  }
};

/// Signed parameters of a presigned request, which only who signed it knows.
std::string with_their_parameters(std::string query, const std::string& theirs) {
  std::string_view rest = theirs, name, value;
  while (sigv4::next_parameter(rest, name, value)) {
    if (!name.starts_with("X-Amz-")) continue;
    std::string_view ours = query, our_name, our_value;
    bool there = false;
    while (!there && sigv4::next_parameter(ours, our_name, our_value)) there = our_name == name;
    if (!there) ((((query += query.empty() ? "" : "&") += name) += "=") += value);
  }
  return query;
}

void hint_path(const std::string& wire, const Parts& theirs, std::vector<std::string>& out) {
  std::string normalised, twice;
  if (sigv4::normalise_as_signers_do(wire, normalised)) {
    sigv4::append_canonical_path(twice, normalised);
    if (twice == theirs.path) {
      out.emplace_back(
          "path: theirs is without `//` and dot segments, as SDKs sign it; the gateway takes that as well when "
          "it routes that same path");
      return;
    }
  }
  if (wire == theirs.path || (theirs.path.find("%25") == std::string::npos && wire.find('%') != std::string::npos))
    out.emplace_back(
        "path: theirs is encoded once. For every service but S3 the path is encoded again when it is signed: a `%` "
        "becomes "
        "`%25`");
}

void hint_query(const std::string& raw, const Parts& theirs, std::vector<std::string>& out) {
  if (theirs.query.find_first_of("*!()'+:/") != std::string::npos)
    out.emplace_back(
        "query: everything but letters, digits and `-._~` is encoded, with capitals: `*` is %2A, a blank %20");
  else if (std::count(theirs.query.begin(), theirs.query.end(), '&') != std::count(raw.begin(), raw.end(), '&'))
    out.emplace_back("query: another number of parameters");
  else
    out.emplace_back("query: parameters are sorted by name and then by value, capitals first; `a` alone becomes `a=`");
}

void hint_payload(const std::string& ours, const Parts& theirs, std::vector<std::string>& out) {
  std::string empty;
  sigv4::append_hex(empty, sigv4::kEmptyPayload);
  if (theirs.payload == "UNSIGNED-PAYLOAD" || theirs.payload.starts_with("STREAMING-"))
    out.push_back("body hash: theirs is " + theirs.payload + ", which only S3 takes: sign the hash of the body");
  else if (theirs.payload == empty)
    out.emplace_back("body hash: theirs is that of an empty body");
  else if (ours == empty)
    out.emplace_back("body hash: theirs is of a body; give it with --body");
}

}  // namespace

bool CanonicalComparison::same() const noexcept {
  return std::all_of(lines.begin(), lines.end(), [](const Line& line) { return line.same(); });
}

Result<std::string> canonical_request_in(std::string_view text) {
  std::string message(text);
  // The body of an error as it came.
  kit::JsonFault fault;
  if (const auto json = kit::parse_json(text, fault); json && json->kind == kit::Json::Kind::Object)
    for (const char* name : {"message", "Message"})
      if (const kit::Json* one = json->member(name); one != nullptr && one->kind == kit::Json::Kind::String)
        message = one->text;
  constexpr std::string_view kBefore = "The Canonical String for this request should have been\n'";
  constexpr std::string_view kBehind = "'\n\nThe String-to-Sign should have been\n'";
  if (const std::size_t at = message.find(kBefore); at != std::string::npos) {
    const std::size_t begin = at + kBefore.size(), end = message.find(kBehind, begin);
    if (end == std::string::npos)
      return fail(Code::Invalid, "the error body is cut off: its string to sign is missing");
    message = message.substr(begin, end - begin);
  }
  message.erase(std::remove(message.begin(), message.end(), '\r'), message.end());
  message.erase(0, std::min(message.find_first_not_of('\n'), message.size()));
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.pop_back();
  // What an SDK logs before it, `CanonicalRequest:` say, stands in lines of its own.
  while (!Parts::of(message)) {
    const std::size_t end = message.find('\n');
    if (end == std::string::npos)
      return fail(Code::Invalid,
                  "there is no canonical request in it: method, path, query, `name:value` lines, an empty line, signed "
                  "names, hash of the body. Of an error body only one with `error_detail: full` has it");
    message.erase(0, end + 1);
  }
  return message;
}

Result<CanonicalComparison> compare_canonical(const std::string& text, const sigv4::Unsigned& request) {
  const auto theirs = Parts::of(text);
  if (!theirs) return fail(Code::Invalid, "no canonical request");
  auto headers = request.headers;
  headers.emplace_back("host", request.host);
  const auto has = [&](std::string_view name) {
    return std::any_of(headers.begin(), headers.end(), [&](const auto& one) { return one.first == name; });
  };
  for (const char* name : {"x-amz-date", "date"})
    if (const std::string* value = theirs->header(name); value != nullptr && !has(name))
      headers.emplace_back(name, *value);
  std::vector<std::string_view> names;
  for (std::size_t at = 0; at <= theirs->signed_headers.size();) {
    const std::string_view one =
        std::string_view(theirs->signed_headers).substr(at, theirs->signed_headers.find(';', at) - at);
    if (!one.empty()) names.push_back(one);
    at += one.size() + 1;
  }
  std::sort(names.begin(), names.end());
  std::vector<gh_kv> views;
  for (const auto& [name, value] : headers) views.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  const std::string query = with_their_parameters(request.raw_query, theirs->query);
  sigv4::Request as;
  as.method = request.method;
  as.raw_query = query;
  as.headers = {views.data(), views.size()};
  sigv4::CanonicalRequest canonical;
  canonical.write(as, names, false, request.payload);
  canonical.path(request.method, request.path);
  const auto ours = Parts::of(canonical.text());
  if (!ours) return fail(Code::Invalid, "theirs signs no header at all");

  CanonicalComparison out;
  out.lines.push_back({"method", theirs->method, ours->method});
  out.lines.push_back({"path", theirs->path, ours->path});
  out.lines.push_back({"query", theirs->query, ours->query});
  for (const auto& [name, value] : theirs->headers) {
    const std::string* const mine = ours->header(name);
    out.lines.push_back({"header " + name, value, mine != nullptr ? *mine : ""});
    if (mine != nullptr && mine->empty() && !value.empty())
      out.hints.push_back("header " + name + ": not given here; say --header '" + name + ": ...' as it was sent");
  }
  for (const auto& [name, value] : ours->headers)
    if (theirs->header(name) == nullptr) out.lines.push_back({"header " + name, "", value});
  out.lines.push_back({"signed headers", theirs->signed_headers, ours->signed_headers});
  out.lines.push_back({"body hash", theirs->payload, ours->payload});
  if (theirs->path != ours->path) hint_path(request.path, *theirs, out.hints);
  if (theirs->query != ours->query) hint_query(query, *theirs, out.hints);
  if (theirs->payload != ours->payload) hint_payload(ours->payload, *theirs, out.hints);
  return out;
}

}  // namespace gatehouse::app
