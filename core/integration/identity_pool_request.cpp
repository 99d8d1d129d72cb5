#include "integration/identity_pool_request.hpp"

#include <gatehouse/kit/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <span>

#include "base/text.hpp"

namespace gatehouse::integration {
namespace {

using identity::Outcome;
using identity::refuse;
using kit::Json;

constexpr std::string_view kTarget = "AWSCognitoIdentityService.";
constexpr std::string_view kContentType = "application/x-amz-json-1.1";
constexpr std::string_view kNames[] = {"GetId", "GetCredentialsForIdentity", "GetOpenIdToken"};
constexpr std::size_t kMostLogins = 10, kMostProvider = 128, kMostToken = 50'000;
constexpr kit::JsonLimits kLimits{192 * 1024, 256, 4, 32};

tl::unexpected<identity::Fault> wrong(std::string text) {
  return refuse("InvalidParameterException", std::move(text));
}

bool is_word(char c) noexcept {
  const char lower = base::to_lower(c);
  return base::is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '_' || c == '-';
}

/// `us-east-1:1b2c...`: [\w-]+:[0-9a-f-]+ of at most 55 characters.
bool is_id(std::string_view text) noexcept {
  const std::size_t colon = text.find(':');
  if (text.size() > 55 || colon == 0 || colon == std::string_view::npos || colon + 1 == text.size()) return false;
  const std::string_view region = text.substr(0, colon), rest = text.substr(colon + 1);
  return std::all_of(region.begin(), region.end(), is_word) && std::all_of(rest.begin(), rest.end(), [](char c) {
           return base::is_digit(c) || (c >= 'a' && c <= 'f') || c == '-';
         });
}

std::span<const std::string_view> members(PoolOperation operation) noexcept {
  static constexpr std::string_view kId[] = {"AccountId", "IdentityPoolId", "Logins"};
  static constexpr std::string_view kCredentials[] = {"IdentityId", "Logins", "CustomRoleArn"};
  static constexpr std::string_view kToken[] = {"IdentityId", "Logins"};
  switch (operation) {
    case PoolOperation::GetId:
      return kId;
    case PoolOperation::GetCredentialsForIdentity:
      return kCredentials;
    case PoolOperation::GetOpenIdToken:
      break;
  }
  return kToken;
}

/// A text member; null counts as absent.
Outcome<std::optional<std::string>> text(const Json& body, std::string_view name) {
  const Json* const at = body.member(name);
  if (at == nullptr || at->kind == Json::Kind::Null) return std::nullopt;
  if (at->kind != Json::Kind::String) return wrong("'" + std::string(name) + "' must be a text.");
  return at->text;
}

Outcome<void> read_logins(const Json& logins, PoolRequest& out) {
  if (logins.kind == Json::Kind::Null) return {};
  if (logins.kind != Json::Kind::Object) return wrong("'Logins' must be an object.");
  if (logins.names.size() > kMostLogins)
    return wrong("'Logins' must have at most " + std::to_string(kMostLogins) + " members.");
  for (std::size_t i = 0; i < logins.names.size(); ++i) {
    const Json& token = logins.children[i];
    if (logins.names[i].empty() || logins.names[i].size() > kMostProvider)
      return wrong("A key of 'Logins' must have 1 to " + std::to_string(kMostProvider) + " characters.");
    if (token.kind != Json::Kind::String || token.text.empty() || token.text.size() > kMostToken)
      return wrong("A value of 'Logins' must be a text of 1 to " + std::to_string(kMostToken) + " characters.");
    out.logins.emplace_back(logins.names[i], token.text);
  }
  return {};
}

Outcome<void> check(const PoolRequest& in) {
  if (in.operation == PoolOperation::GetId) {
    if (!in.pool_id || !is_id(*in.pool_id))
      return wrong("'identityPoolId' must be there and satisfy regular expression pattern: [\\w-]+:[0-9a-f-]+");
    const bool account = !in.account_id || (in.account_id->size() <= 15 && !in.account_id->empty() &&
                                            std::all_of(in.account_id->begin(), in.account_id->end(), base::is_digit));
    if (!account) return wrong("'accountId' must have 1 to 15 digits.");
    return {};
  }
  if (!in.identity_id || !is_id(*in.identity_id))
    return wrong("'identityId' must be there and satisfy regular expression pattern: [\\w-]+:[0-9a-f-]+");
  if (in.custom_role_arn && (in.custom_role_arn->size() < 20 || in.custom_role_arn->size() > 2048))
    return wrong("'customRoleArn' must have 20 to 2048 characters.");
  return {};
}

}  // namespace

std::string_view name(PoolOperation operation) noexcept {
  return kNames[static_cast<std::size_t>(operation)];
}

Outcome<PoolRequest> read_pool_request(const ServiceRequest& request) {
  if (request.method != "POST") return refuse("UnknownOperationException", "Requests are made with POST.");
  const std::string_view type =
      base::trim(std::string_view(request.content_type).substr(0, request.content_type.find(';')));
  if (!base::equal_ignoring_case(type, kContentType))
    return refuse("SerializationException", "The body must be " + std::string(kContentType) + ".");
  const std::string_view target = request.target;
  const auto at = target.starts_with(kTarget)
                      ? std::find(std::begin(kNames), std::end(kNames), target.substr(kTarget.size()))
                      : std::end(kNames);
  if (at == std::end(kNames))
    return refuse("UnknownOperationException", "X-Amz-Target names no operation that this gateway has.");
  PoolRequest out;
  out.operation = static_cast<PoolOperation>(at - std::begin(kNames));

  kit::JsonFault fault;
  const auto body = kit::parse_json(request.body, fault, kLimits);
  if (!body || body->kind != Json::Kind::Object)
    return refuse("SerializationException", "The body is not a JSON object: " + fault.text);
  const auto known = members(out.operation);
  for (const std::string& member : body->names)
    if (std::find(known.begin(), known.end(), member) == known.end())
      return wrong("'" + member.substr(0, 64) + "' is not a member of this request.");
  struct Member {
    std::string_view name;
    std::optional<std::string>* to;
  };
  for (const Member& member : {Member{"AccountId", &out.account_id}, Member{"IdentityPoolId", &out.pool_id},
                               Member{"IdentityId", &out.identity_id}, Member{"CustomRoleArn", &out.custom_role_arn}}) {
    auto value = text(*body, member.name);
    if (!value) return tl::unexpected<identity::Fault>(value.error());
    *member.to = std::move(*value);
  }
  if (const Json* logins = body->member("Logins"))
    if (auto read = read_logins(*logins, out); !read) return tl::unexpected<identity::Fault>(read.error());
  if (auto sound = check(out); !sound) return tl::unexpected<identity::Fault>(sound.error());
  return out;
}

}  // namespace gatehouse::integration
