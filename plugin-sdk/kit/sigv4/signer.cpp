#include <gatehouse/kit/sigv4/canonical.hpp>
#include <gatehouse/kit/sigv4/date.hpp>
#include <gatehouse/kit/sigv4/encode.hpp>
#include <gatehouse/kit/sigv4/path.hpp>
#include <gatehouse/kit/sigv4/signer.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>

namespace gatehouse::kit::sigv4 {

namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return text;
}

std::string hex(const Digest& digest) {
  std::string out;
  append_hex(out, digest);
  return out;
}

class Signing {
 public:
  Signing(const Unsigned& request, const AccessKey& key, const SigningOptions& options)
      : request_(request),
        key_(key),
        options_(options),
        timestamp_(basic(options.time_s)),
        scope_(timestamp_.substr(0, 8) + "/" + options.region + "/" + options.service + "/" +
               std::string(kTerminator)) {
    lines_.emplace_back("host", request.host);
    for (const auto& [name, value] : request.headers) lines_.emplace_back(lower(name), value);
  }
  const std::string& timestamp() const { return timestamp_; }
  std::string credential() const { return key_.id + "/" + scope_; }
  void line(const char* name, const std::string& value) { lines_.emplace_back(name, value); }
  std::string signed_headers() const {
    std::string out;
    for (const std::string_view name : names()) out += (out.empty() ? "" : ";") + std::string(name);
    return out;
  }
  Signed finish(const std::string& raw_query) const {
    std::vector<gh_kv> headers;
    for (const auto& [name, value] : lines_) headers.push_back({raw(name), raw(value)});
    Request view;
    view.method = request_.method;
    view.raw_query = raw_query;
    view.headers = {headers.data(), headers.size()};
    CanonicalRequest canonical;
    canonical.write(view, names(), false, request_.payload);
    std::string normalised;
    const bool other = options_.normalise_path && normalise_as_signers_do(request_.path, normalised);
    canonical.path(request_.method, other ? normalised : request_.path);
    Hasher hasher;
    Signed out;
    out.raw_query = raw_query;
    out.canonical_request = canonical.text();
    append_string_to_sign(out.string_to_sign, timestamp_, scope_, canonical.digest(hasher));
    out.signed_headers = signed_headers();
    Digest key =
        signing_key(hasher, key_.secret, std::string_view(timestamp_).substr(0, 8), options_.region, options_.service);
    out.signature = hex(hasher.hmac(bytes_of(key), out.string_to_sign));
    wipe(key);
    return out;
  }

 private:
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> out;
    for (const auto& [name, value] : lines_) out.push_back(name);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }
  const Unsigned& request_;
  const AccessKey& key_;
  const SigningOptions& options_;
  const std::string timestamp_, scope_;
  Unsigned::Headers lines_;  // names in lower case
};

void add_parameter(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query += name;
  query += '=';
  append_encoded(query, value);
}

}  // namespace

Signed sign(const Unsigned& request, const AccessKey& key, const SigningOptions& options) {
  Signing signing(request, key, options);
  Unsigned::Headers added{{"X-Amz-Date", signing.timestamp()}};
  if (options.payload_header) added.emplace_back("X-Amz-Content-Sha256", hex(request.payload));
  if (!key.session_token.empty() && options.sign_token) added.emplace_back("X-Amz-Security-Token", key.session_token);
  for (const auto& [name, value] : added) signing.line(lower(name).c_str(), value);
  Signed out = signing.finish(request.raw_query);
  if (!key.session_token.empty() && !options.sign_token) added.emplace_back("X-Amz-Security-Token", key.session_token);
  added.emplace_back("Authorization", std::string(kAlgorithm) + " Credential=" + signing.credential() +
                                          ", SignedHeaders=" + out.signed_headers + ", Signature=" + out.signature);
  out.headers = std::move(added);
  return out;
}

Signed presign(const Unsigned& request, const AccessKey& key, const SigningOptions& options, int expires_s) {
  const Signing signing(request, key, options);
  std::string query = request.raw_query;
  add_parameter(query, "X-Amz-Algorithm", kAlgorithm);
  add_parameter(query, "X-Amz-Credential", signing.credential());
  add_parameter(query, "X-Amz-Date", signing.timestamp());
  add_parameter(query, "X-Amz-Expires", std::to_string(expires_s));
  const bool token = !key.session_token.empty();
  if (token && options.sign_token) add_parameter(query, "X-Amz-Security-Token", key.session_token);
  add_parameter(query, "X-Amz-SignedHeaders", signing.signed_headers());
  Signed out = signing.finish(query);
  if (token && !options.sign_token) add_parameter(out.raw_query, "X-Amz-Security-Token", key.session_token);
  add_parameter(out.raw_query, "X-Amz-Signature", out.signature);
  return out;
}

}  // namespace gatehouse::kit::sigv4
