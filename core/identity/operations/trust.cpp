#include "identity/operations/trust.hpp"

#include <algorithm>
#include <gatehouse/kit/json.hpp>

#include "base/text.hpp"
#include "identity/operation_shape.hpp"
#include "policy/arn.hpp"
#include "policy/parse.hpp"

namespace gatehouse::identity::operations {
namespace {

using Bound = std::vector<std::pair<std::string, std::string>>;
using Json = kit::Json;

constexpr std::size_t kMostCharacters = 2'048;
constexpr std::string_view kCognito = "cognito-identity.amazonaws.com";
constexpr std::string_view kProviderKind = "oidc-provider/";

tl::unexpected<Fault> malformed(std::string text) {
  return refuse("MalformedPolicyDocument", std::move(text));
}

tl::unexpected<Fault> invalid_principal(std::string_view type, std::string_view name) {
  return malformed("Invalid principal in policy: \"" + std::string(type) + "\":\"" + std::string(name.substr(0, 256)) +
                   "\"");
}

std::string_view last_component(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// The unique id of the user or role that an ARN names; empty for an account; nothing when nobody is there.
std::optional<std::string> id_of(Tables& tables, std::string_view text) {
  const policy::Arn arn = policy::Arn::split(text);
  if (!arn.whole || arn.resource() == "root") return std::string();  // twelve digits, or the account's ARN
  const std::string_view resource = arn.resource();
  if (arn.service() == "iam" && resource.starts_with("user/")) {
    const auto user = tables.user(arn.account(), last_component(resource));
    return user && user->arn() == text ? std::optional(user->id) : std::nullopt;
  }
  if (arn.service() == "iam" && resource.starts_with("role/")) {
    const auto role = tables.role(arn.account(), last_component(resource));
    return role && role->arn() == text ? std::optional(role->id) : std::nullopt;
  }
  constexpr std::string_view kSession = "assumed-role/";
  if (!resource.starts_with(kSession)) return std::nullopt;
  const std::string_view name = resource.substr(kSession.size());
  const auto role = tables.role(arn.account(), name.substr(0, name.find('/')));
  return role ? std::optional(role->id) : std::nullopt;
}

bool is_provider(Tables& tables, std::string_view text) {
  if (text == kCognito) return true;
  const policy::Arn arn = policy::Arn::split(text);
  if (!arn.whole || arn.service() != "iam" || !arn.resource().starts_with(kProviderKind)) return false;
  const auto provider = tables.provider(arn.account(), arn.resource().substr(kProviderKind.size()));
  return provider && provider->arn() == text;
}

/// One value of `Principal`, which the compiler found sound.
Outcome<void> bind_principal(Tables& tables, std::string_view type, std::string_view name, Bound& out) {
  if (type == "Federated") {
    if (!is_provider(tables, name)) return invalid_principal(type, name);
    return {};
  }
  if (type != "AWS" || name == "*") return {};
  const auto id = id_of(tables, name);
  if (!id) return invalid_principal(type, name);
  const bool known = std::any_of(out.begin(), out.end(), [&](const auto& one) { return one.first == name; });
  if (!id->empty() && !known) out.emplace_back(std::string(name), *id);
  return {};
}

Outcome<void> bind_all(Tables& tables, const Json& statement, Bound& out) {
  const Json* const principal = statement.member("Principal");
  if (principal == nullptr || principal->kind != Json::Kind::Object) return {};
  for (std::size_t i = 0; i < principal->names.size(); ++i) {
    const Json& value = principal->children[i];
    if (value.kind == Json::Kind::String) {
      if (auto done = bind_principal(tables, principal->names[i], value.text, out); !done) return done;
      continue;
    }
    for (const Json& one : value.children)
      if (auto done = bind_principal(tables, principal->names[i], one.text, out); !done) return done;
  }
  return {};
}

/// Whether the condition says whose tokens, or which subjects: it must hold, and for fewer than all.
bool pins(const policy::Condition& condition) {
  using policy::Comparison;
  const policy::Operator& what = condition.what();
  const bool texts = what.comparison == Comparison::StringEquals ||
                     what.comparison == Comparison::StringEqualsIgnoreCase || what.comparison == Comparison::StringLike;
  if (!texts || what.negated || what.if_exists || what.set == policy::SetOperator::ForAllValues) return false;
  const auto& values = condition.texts();
  return !values.empty() && std::none_of(values.begin(), values.end(), [](const std::string& text) {
    return text.find_first_not_of("*?") == std::string::npos;
  });
}

bool pinned(const policy::Statement& statement, std::string_view provider) {
  const std::string aud = base::lower(provider) + ":aud", sub = base::lower(provider) + ":sub";
  return std::any_of(statement.conditions.begin(), statement.conditions.end(), [&](const policy::Condition& c) {
    const std::string& key = c.key().lower;
    const bool about = provider.empty() ? key.ends_with(":aud") || key.ends_with(":sub") : key == aud || key == sub;
    return about && pins(c);
  });
}

/// What a statement of a trust policy must not leave open.
Outcome<void> check_openness(const policy::Statement& statement) {
  if (statement.effect != policy::Effect::Allow || !statement.principals) return {};
  const std::string at = "/Statement/" + std::to_string(statement.index);
  const bool everybody = statement.principals->everybody();
  if (everybody && statement.conditions.empty())
    return malformed(at + ": it lets everybody assume the role; name who may, or write a Condition");
  if (!statement.matches_text("sts:AssumeRoleWithWebIdentity")) return {};
  constexpr std::string_view kAdvice = "; write a StringEquals on its `:aud`, or on its `:sub`";
  if (everybody && !pinned(statement, ""))
    return malformed(at + ": it lets in whomever any provider vouches for" + std::string(kAdvice));
  for (const std::string_view name : statement.principals->texts()) {
    const policy::Arn arn = policy::Arn::split(name);
    const bool registered = arn.whole && arn.resource().starts_with(kProviderKind);
    if (!registered && name != kCognito) continue;
    const std::string_view provider = registered ? arn.resource().substr(kProviderKind.size()) : name;
    if (!pinned(statement, provider))
      return malformed(at + ": it lets in whomever `" + std::string(provider) + "` vouches for, whatever client the " +
                       "token is for" + std::string(kAdvice));
  }
  return {};
}

}  // namespace

Outcome<Bound> check_trust(Tables& tables, std::string_view document) {
  if (policy_characters(document) > kMostCharacters)
    return refuse("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: " + std::to_string(kMostCharacters));
  const auto parsed = policy::parse(document, policy::Kind::Trust);
  if (!parsed) return malformed(policy::text(parsed.error()));
  for (const policy::Statement& statement : parsed->statements())
    if (auto sound = check_openness(statement); !sound) return tl::unexpected(sound.error());
  kit::JsonFault broken;
  const auto root = kit::parse_json(document, broken);
  const Json* const statements = root ? root->member("Statement") : nullptr;
  if (statements == nullptr) return malformed(broken.text);
  Bound out;
  if (statements->kind == Json::Kind::Object) {
    if (auto done = bind_all(tables, *statements, out); !done) return tl::unexpected(done.error());
    return out;
  }
  for (const Json& statement : statements->children)
    if (auto done = bind_all(tables, statement, out); !done) return tl::unexpected(done.error());
  return out;
}

}  // namespace gatehouse::identity::operations
