#include "gatehouse/kit/jose/discovery.hpp"

#include <gatehouse/kit/json.hpp>

#include <algorithm>

namespace gatehouse::kit::jose {
namespace {

constexpr std::size_t kMaxUrl = 2048;

bool is_url(std::string_view url) {
  if (url.size() > kMaxUrl) return false;
  const bool https = url.substr(0, 8) == "https://";
  if (!https && url.substr(0, 7) != "http://") return false;
  const std::string_view rest = url.substr(https ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  return !authority.empty() && authority.front() != ':' && authority.find('@') == std::string_view::npos &&
         std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '\\'; });
}

const Json* text_member(const Json& of, std::string_view name, std::string& fault) {
  const Json* found = of.member(name);
  if (found == nullptr || found->kind != Json::Kind::String) {
    fault = "the OpenID configuration has no text `" + std::string(name) + "`";
    return nullptr;
  }
  return found;
}

}  // namespace

std::optional<Discovery> parse_discovery(std::string_view json, std::string& fault, std::size_t max_bytes) {
  JsonFault broken;
  const std::optional<Json> document = parse_json(json, broken, {max_bytes, 10'000, 16});
  if (!document) {
    fault = "the OpenID configuration is not JSON: " + broken.text;
    return std::nullopt;
  }
  if (document->kind != Json::Kind::Object) {
    fault = "the OpenID configuration is not a JSON object";
    return std::nullopt;
  }
  const Json* issuer = text_member(*document, "issuer", fault);
  const Json* keys = issuer != nullptr ? text_member(*document, "jwks_uri", fault) : nullptr;
  if (keys == nullptr) return std::nullopt;
  if (!is_url(keys->text)) {
    fault = "`jwks_uri` of the OpenID configuration is not an http or https URL";
    return std::nullopt;
  }
  return Discovery{issuer->text, keys->text};
}

std::string discovery_url(std::string_view issuer) {
  if (!issuer.empty() && issuer.back() == '/') issuer.remove_suffix(1);
  return std::string(issuer) + "/.well-known/openid-configuration";
}

}  // namespace gatehouse::kit::jose
