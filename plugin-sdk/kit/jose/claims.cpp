#include "gatehouse/kit/jose/claims.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "numeric_date.hpp"
#include "text.hpp"

namespace gatehouse::kit::jose {
namespace {

bool is_text(const Json& value) noexcept {
  return value.kind == Json::Kind::String;
}
bool is_list_of_texts(const Json& value) noexcept {
  return value.kind == Json::Kind::Array && std::all_of(value.children.begin(), value.children.end(), is_text);
}

std::int64_t skew_ms(int skew_s) noexcept {
  return std::int64_t{std::max(skew_s, 0)} * 1000;
}

}  // namespace

Outcome check_issuer(const Json& claims, std::string_view issuer) {
  const std::string* const iss = text_member(claims, "iss");
  if (iss == nullptr) return {Refusal::Issuer, "`iss` is not there or is no text"};
  if (*iss != issuer) return {Refusal::Issuer, "`iss` is " + quoted(*iss) + "; " + quoted(issuer) + " is wanted"};
  return {};
}

Outcome check_audience(const Json& claims, const std::vector<std::string>& audiences) {
  const auto wanted = [&](const Json& value) {
    return std::find(audiences.begin(), audiences.end(), value.text) != audiences.end();
  };
  const Json* const aud = claims.member("aud");
  const char* const name = aud != nullptr ? "aud" : "client_id";
  const Json* const value = aud != nullptr ? aud : claims.member(name);
  if (value == nullptr) return {Refusal::Audience, "neither `aud` nor `client_id` is there"};
  if (is_text(*value)) {
    if (wanted(*value)) return {};
  } else if (aud != nullptr && is_list_of_texts(*aud)) {
    if (std::any_of(aud->children.begin(), aud->children.end(), wanted)) return {};
  } else {
    return {Refusal::Audience, std::string("`") + name + "` has a form that it must not have"};
  }
  return {Refusal::Audience, std::string("`") + name + "` names none of the audiences"};
}

Outcome check_times(const Json& claims, std::int64_t now_ms, int skew_s) {
  const Json* const exp = claims.member("exp");
  if (exp == nullptr) return {Refusal::Expired, "`exp` is not there"};
  const std::optional<std::int64_t> end = numeric_date_ms(*exp);
  if (!end) return {Refusal::Expired, "`exp` is no time"};
  if (*end + skew_ms(skew_s) <= now_ms) return {Refusal::Expired, "`exp` has passed"};
  for (const char* name : {"nbf", "iat"}) {
    const Json* const value = claims.member(name);
    if (value == nullptr) continue;
    const std::optional<std::int64_t> begin = numeric_date_ms(*value);
    if (!begin) return {Refusal::NotYet, std::string("`") + name + "` is no time"};
    if (*begin - skew_ms(skew_s) > now_ms) return {Refusal::NotYet, std::string("`") + name + "` is in the future"};
  }
  return {};
}

Outcome check_claim(const Json& claims, std::string_view name, std::string_view value) {
  const auto has = [&](const Json& given) {
    const bool scalar =
        given.kind == Json::Kind::String || given.kind == Json::Kind::Number || given.kind == Json::Kind::Bool;
    return scalar && given.text == value;
  };
  const Json* const given = claims.member(name);
  if (given == nullptr) return {Refusal::Claim, quoted(name) + " is not there"};
  const bool right =
      given->kind == Json::Kind::Array ? std::any_of(given->children.begin(), given->children.end(), has) : has(*given);
  if (!right) return {Refusal::Claim, quoted(name) + " is not " + quoted(value)};
  return {};
}

std::int64_t expiry_ms(const Json& claims, int skew_s) noexcept {
  const Json* const exp = claims.member("exp");
  const std::optional<std::int64_t> end = exp != nullptr ? numeric_date_ms(*exp) : std::nullopt;
  return end ? *end + skew_ms(skew_s) : 0;
}

std::vector<std::string> scopes_of(const Json& claims) {
  std::vector<std::string> out;
  const Json* value = claims.member("scp");
  if (value == nullptr) value = claims.member("scope");
  if (value == nullptr) return out;
  if (is_text(*value)) {
    std::string_view rest = value->text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      if (end > 0) out.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  } else if (is_list_of_texts(*value)) {
    for (const Json& scope : value->children)
      if (!scope.text.empty()) out.push_back(scope.text);
  }
  return out;
}

}  // namespace gatehouse::kit::jose
