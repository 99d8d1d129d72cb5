#pragma once
#include <gatehouse/kit/sigv4/date.hpp>
#include <gatehouse/kit/sigv4/path.hpp>
#include <gatehouse/kit/sigv4/signer.hpp>
#include <gatehouse/kit/sigv4/verifier.hpp>
#include <gatehouse/text.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::kit::sigv4::test {

inline std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return text;
}

/// A request as it comes, with the memory that Request only looks at.
struct Sent {
  std::string method = "GET", path = "/", routed, query, region = "us-east-1", body, authority;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case

  Sent& add(std::string_view name, std::string_view value) {
    headers.emplace_back(lower(std::string(name)), std::string(value));
    return *this;
  }
  Sent& set(std::string_view name, std::string_view value) {
    for (auto& [key, old] : headers)
      if (key == name) return old = std::string(value), *this;
    return add(name, value);
  }
  Sent& drop(std::string_view name) {
    for (std::size_t i = 0; i < headers.size();)
      if (headers[i].first == name)
        headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(i));
      else
        ++i;
    return *this;
  }
  std::string get(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return {};
  }
  /// Replaces one text in header or query by another; the first that is there.
  Sent& replace(std::string_view from, std::string_view to) {
    for (std::string* text : {&query, &path})
      if (const std::size_t at = text->find(from); at != std::string::npos)
        return text->replace(at, from.size(), to), *this;
    for (auto& [key, value] : headers)
      if (const std::size_t at = value.find(from); at != std::string::npos)
        return value.replace(at, from.size(), to), *this;
    throw std::logic_error("not in the request: " + std::string(from));
  }
};

/// The view that the verifier takes.
class Shown {
 public:
  explicit Shown(const Sent& sent) {
    for (const auto& [name, value] : sent.headers) all_.push_back({raw(name), raw(value)});
    request.method = sent.method;
    request.wire_path = sent.path;
    request.path = sent.routed.empty() ? sent.path : sent.routed;
    request.raw_query = sent.query;
    request.region = sent.region;
    request.authority = sent.authority;
    request.headers = {all_.data(), all_.size()};
  }
  Request request;

 private:
  std::vector<gh_kv> all_;
};

struct Judged {
  Fault fault = Fault::None;
  std::string message, reason;
  std::uint32_t path_form = 0;
};

/// All of it, as an authorizer does it, with the key of `secret`.
inline Judged judge(const Sent& sent, std::int64_t now_s, std::string_view secret, const Rules& rules = {},
                    bool full = false) {
  const Verifier verifier(rules);
  Workspace workspace;
  const Shown shown(sent);
  Credentials c;
  Refusal why;
  if (!verifier.read(shown.request, now_s * 1000, workspace, c, why)) return {why.fault, why.message, why.reason, 0};
  const Digest key = signing_key(workspace.hasher, secret, c.date, c.region, c.service);
  const Digest payload = workspace.hasher.sha256(sent.body);
  const auto match = verifier.match(shown.request, c, key, payload, workspace);
  if (match.verified) return {Fault::None, "", "", match.path_form};
  why = verifier.mismatch(shown.request, c, key, payload, full, workspace);
  return {why.fault, why.message, why.reason, 0};
}

inline std::string hex(const Digest& digest) {
  std::string out;
  append_hex(out, digest);
  return out;
}

}  // namespace gatehouse::kit::sigv4::test
