#include "settings.hpp"

#include <fstream>
#include <sstream>

#include <gatehouse/kit/jose/discovery.hpp>

namespace gatehouse::jwt {

namespace {

constexpr std::size_t kMaxFileBytes = 150'000;

std::string read_file(const Config& config, const char* pointer) {
  const std::string path = config.str(pointer);
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad())
    throw ConfigError(std::string("settings: `") + pointer + "`: `" + path + "` cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes)
    throw ConfigError(std::string("settings: `") + pointer + "`: `" + path + "` has more than " +
                      std::to_string(kMaxFileBytes) + " bytes");
  return text;
}

void check_url(std::string_view name, const std::string& url, bool insecure) {
  const bool https = url.rfind("https://", 0) == 0, http = url.rfind("http://", 0) == 0;
  if (!https && !http)
    throw ConfigError("settings: `/" + std::string(name) + "` must begin with https://, found `" + url + "`");
  if (http && !insecure)
    throw ConfigError("settings: `/" + std::string(name) +
                      "` is not https: whoever stands between could give keys of his own. For tests: "
                      "`allow_insecure_issuer: true`");
  if (url.find_first_of("?#@ \\") != std::string::npos)
    throw ConfigError("settings: `/" + std::string(name) + "` must have no query, fragment, user or blank");
}

}  // namespace

Settings read_settings(const Config& config) {
  Settings out;
  out.issuer = config.str("/issuer");
  out.audiences = config.strings("/audience");
  const bool any = config.boolean("/allow_any_audience");
  if (out.audiences.empty() && !any)
    throw ConfigError(
        "settings: `/audience` is missing: without it a token for any other application of the issuer is taken. To "
        "have it so write `allow_any_audience: true`");
  if (!out.audiences.empty() && any)
    throw ConfigError("settings: write either `audience` or `allow_any_audience: true`");
  out.skew_s = static_cast<int>(config.integer("/clock_skew_seconds"));
  for (const std::string& name : config.members("/required_claims")) {
    std::string escaped;  // RFC 6901
    for (const char c : name) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    out.required_claims.emplace_back(name, config.str("/required_claims/" + escaped));
  }
  out.commas_in_challenge = config.str("/www_authenticate_style") == "rfc6750";

  if (config.has("/algorithms")) {
    out.gate.token.algorithms = {};
    for (const std::string& name : config.strings("/algorithms")) {
      const auto algorithm = jose::algorithm_of(name);
      if (!algorithm) throw ConfigError("settings: `/algorithms`: unknown algorithm `" + name + "`");
      out.gate.token.algorithms.add(*algorithm);
    }
  }
  out.gate.token.max_bytes = static_cast<std::size_t>(config.integer("/max_token_bytes"));
  out.gate.token.required_type = config.str("/required_typ", "");
  out.gate.entries =
      config.boolean("/token_cache") ? static_cast<std::size_t>(config.integer("/token_cache_entries")) : 0;

  const bool insecure = config.boolean("/allow_insecure_issuer");
  // An issuer that is no URL can do without discovery; one at http:// is not trusted by where its keys come from
  // (JW-5B).
  if (out.issuer.rfind("http://", 0) == 0) check_url("issuer", out.issuer, insecure);
  if (config.has("/jwks_file")) {
    if (config.has("/jwks_uri")) throw ConfigError("settings: write either `jwks_uri` or `jwks_file`");
    jose::KeySetReport report;
    out.fixed = jose::KeySet::parse(read_file(config, "/jwks_file"), report, kMaxFileBytes);
    std::string ignored;
    for (const std::string& one : report.ignored) ignored += "\n  " + one;
    // Whoever keeps the file himself can mend it: no key of it is passed over in silence.
    if (out.fixed == nullptr || !ignored.empty())
      throw ConfigError("settings: `/jwks_file`: " + report.fault + ignored);
    return out;
  }
  out.keys.issuer = out.issuer;
  out.keys.max_stale_ms = config.integer("/max_stale_seconds") * 1000;
  if (config.has("/jwks_uri")) {
    out.keys.jwks_uri = config.str("/jwks_uri");
    check_url("jwks_uri", out.keys.jwks_uri, insecure);
  } else {
    check_url("issuer", out.issuer, insecure);
    out.keys.discovery = jose::discovery_url(out.issuer);
  }
  out.fetch.allow_http = insecure;
  out.fetch.allow_private = config.boolean("/allow_private_issuer");
  if (config.has("/ca_file")) out.fetch.ca_pem = read_file(config, "/ca_file");
  return out;
}

}  // namespace gatehouse::jwt
