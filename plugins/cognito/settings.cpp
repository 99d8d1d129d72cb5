#include "settings.hpp"

#include <re2/re2.h>

#include <fstream>
#include <optional>

#include "pool.hpp"

namespace gatehouse::cognito {

namespace {

constexpr std::size_t kMaxFileBytes = 150'000;

std::shared_ptr<const jose::KeySet> read_keys(const std::string& where, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) throw ConfigError("settings: `" + where + "`: `" + path + "` cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  jose::KeySetReport report;
  auto keys = jose::KeySet::parse(text, report, kMaxFileBytes);
  std::string ignored;
  for (const std::string& one : report.ignored) ignored += "\n  " + one;
  if (keys == nullptr || !ignored.empty())
    throw ConfigError("settings: `" + where + "`: `" + path + "`: " + report.fault + ignored);
  return keys;
}

Endpoint read_endpoint(const Config& config, const std::string& at) {
  Endpoint out;
  out.issuer = config.str(at + "/issuer");
  out.insecure = config.boolean(at + "/allow_insecure");
  const bool file = config.has(at + "/jwks_file");
  if (file == config.has(at + "/jwks_uri"))
    throw ConfigError("settings: `" + at + "`: write either `jwks_uri` or `jwks_file`");
  if (file) {
    out.fixed = read_keys(at + "/jwks_file", config.str(at + "/jwks_file"));
    if (has_published_key(*out.fixed) && !out.insecure)
      throw ConfigError("settings: `" + at +
                        "/jwks_file`: this is the key of cognito-local, with which anybody can "
                        "sign. For tests: `allow_insecure: true`");
    return out;
  }
  out.jwks_uri = config.str(at + "/jwks_uri");
  const bool https = out.jwks_uri.rfind("https://", 0) == 0, http = out.jwks_uri.rfind("http://", 0) == 0;
  if (!https && !(http && out.insecure))
    throw ConfigError("settings: `" + at + "/jwks_uri` must begin with https://; for tests: `allow_insecure: true`");
  return out;
}

}  // namespace

Settings read_settings(const Config& config) {
  Settings out;
  out.pools = config.strings("/user_pool_arns");
  const std::size_t endpoints = config.count("/cognito_endpoints");
  for (std::size_t i = 0; i < endpoints; ++i) {
    const std::string at = "/cognito_endpoints/" + std::to_string(i);
    if (!out.endpoints.emplace(config.str(at + "/user_pool_arn"), read_endpoint(config, at)).second)
      throw ConfigError("settings: `" + at + "`: this user pool has an entry already");
  }
  for (const std::string& arn : out.pools) {
    std::string fault;
    if (has_stage_variables(arn)) {  // which pool it is a stage's request says
      if (!is_pattern(arn, fault)) throw ConfigError("settings: `/user_pool_arns`: " + fault);
      continue;
    }
    if (!endpoint_of(out, arn, fault)) throw ConfigError("settings: `/user_pool_arns`: " + fault);
  }
  out.client_ids = config.strings("/allowed_client_ids");
  if (config.has("/identity_validation_expression")) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    out.audience = std::make_shared<const re2::RE2>(config.str("/identity_validation_expression"), options);
    if (!out.audience->ok()) throw ConfigError("settings: `/identity_validation_expression`: " + out.audience->error());
  }
  const std::int64_t ttl_ms = config.integer("/result_ttl_seconds") * 1000;
  out.gate.entries = ttl_ms > 0 ? static_cast<std::size_t>(config.integer("/token_cache_entries")) : 0;
  out.gate.longest_ms = ttl_ms;
  out.gate.token.algorithms = {jose::Algorithm::RS256};  // CG-04
  out.gate.token.max_bytes = static_cast<std::size_t>(config.integer("/max_token_bytes"));
  out.max_stale_ms = config.integer("/max_stale_seconds") * 1000;
  return out;
}

std::optional<Endpoint> endpoint_of(const Settings& settings, const std::string& arn, std::string& fault) {
  if (const auto at = settings.endpoints.find(arn); at != settings.endpoints.end()) return at->second;
  const std::optional<PoolArn> parts = PoolArn::parse(arn, fault);
  if (!parts) return std::nullopt;
  Endpoint out;
  out.issuer = parts->issuer();
  out.jwks_uri = out.issuer + "/.well-known/jwks.json";
  return out;
}

}  // namespace gatehouse::cognito
