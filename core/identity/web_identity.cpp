#include "identity/web_identity.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "identity/trust.hpp"

namespace gatehouse::identity {
namespace {

using kit::Json;

constexpr std::size_t kMostSubject = 255, kMostAudience = 255, kMostAmr = 16, kMostAmrText = 512;
constexpr std::string_view kTagsClaim = "https://aws.amazon.com/tags";
constexpr std::string_view kSourceIdentityClaim = "https://aws.amazon.com/source_identity";
constexpr std::int64_t kDefaultSeconds = 3600;

tl::unexpected<Fault> invalid(std::string text) {
  return refuse("InvalidIdentityToken", std::move(text));
}

/// A text that is there and not empty; nothing when the claim is absent. `bad`: it is something else.
std::optional<std::string> text_claim(const Json& claims, std::string_view name, std::size_t most, bool& bad) {
  const Json* const claim = claims.member(name);
  if (claim == nullptr) return std::nullopt;
  bad = bad || claim->kind != Json::Kind::String || claim->text.empty() || claim->text.size() > most;
  return bad ? std::nullopt : std::optional(claim->text);
}

/// A text or a list of texts.
std::optional<std::vector<std::string>> texts_of(const Json& claim, std::size_t most, std::size_t most_bytes) {
  std::vector<std::string> out;
  if (claim.kind == Json::Kind::String) {
    out.push_back(claim.text);
  } else if (claim.kind == Json::Kind::Array) {
    for (const Json& one : claim.children) {
      if (one.kind != Json::Kind::String) return std::nullopt;
      out.push_back(one.text);
    }
  } else {
    return std::nullopt;
  }
  if (out.empty() || out.size() > most) return std::nullopt;
  const bool sound = std::all_of(out.begin(), out.end(),
                                 [&](const std::string& text) { return !text.empty() && text.size() <= most_bytes; });
  return sound ? std::optional(std::move(out)) : std::nullopt;
}

bool is_one_of(const std::vector<std::string>& all, std::string_view text) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

/// `azp` decides when it is there; else the first audience that the provider is registered with.
bool read_audience(const Json& claims, const std::vector<std::string>& client_ids, WebIdentity& out) {
  bool bad = false;
  const auto party = text_claim(claims, "azp", kMostAudience, bad);
  const Json* const aud = claims.member("aud");
  if (bad || aud == nullptr) return false;
  const auto audiences = texts_of(*aud, 64, kMostAudience);
  if (!audiences) return false;
  if (party) {
    out.audience = *party;
    out.original_audience = audiences->front();
    return is_one_of(client_ids, *party);
  }
  for (const std::string& one : *audiences) {
    if (!is_one_of(client_ids, one)) continue;
    out.audience = one;
    return true;
  }
  return false;
}

/// `{"principal_tags": {"team": ["a"]}, "transitive_tag_keys": ["team"]}`.
bool read_tags(const Json& claim, WebIdentity& out) {
  if (claim.kind != Json::Kind::Object) return false;
  for (std::size_t i = 0; i < claim.names.size(); ++i) {
    const Json& value = claim.children[i];
    if (claim.names[i] == "transitive_tag_keys") {
      const auto keys = texts_of(value, 50, 512);
      if (!keys) return false;
      out.transitive_tag_keys = *keys;
    } else if (claim.names[i] == "principal_tags" && value.kind == Json::Kind::Object) {
      for (std::size_t tag = 0; tag < value.names.size(); ++tag) {
        const Json& text = value.children[tag];
        const bool list = text.kind == Json::Kind::Array && text.children.size() == 1;
        const Json& one = list ? text.children.front() : text;
        if (one.kind != Json::Kind::String) return false;
        out.tags.push_back({value.names[tag], one.text});
      }
    } else {
      return false;  // nobody knows what it restricts
    }
  }
  return true;
}

bool is_source_identity(std::string_view text) noexcept {
  return text.size() >= 2 && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
           const char lower = base::to_lower(c);
           return base::is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '_' || c == '+' || c == '=' || c == ',' ||
                  c == '.' || c == '@' || c == '-';
         });
}

/// What stays with the session (spec iam-policy section 5).
std::vector<std::pair<std::string, std::vector<std::string>>> lasting_keys(const WebIdentity& who) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out{{who.host + ":aud", {who.audience}},
                                                                    {who.host + ":sub", {who.subject}}};
  if (!who.amr.empty()) out.emplace_back(who.host + ":amr", who.amr);
  return out;
}

}  // namespace

bool has_whole_times(const Json& claims) noexcept {
  for (const std::string_view name : {"exp", "nbf", "iat"}) {
    const Json* const claim = claims.member(name);
    if (claim == nullptr) continue;
    const bool whole = claim->kind == Json::Kind::Number && !claim->text.empty() &&
                       std::all_of(claim->text.begin(), claim->text.end(), base::is_digit);
    if (!whole) return false;
  }
  return true;
}

Outcome<WebIdentity> read_web_identity(const Json& claims, const std::vector<std::string>& client_ids) {
  WebIdentity out;
  bool bad = false;
  const auto subject = text_claim(claims, "sub", kMostSubject, bad);
  if (!subject) return invalid("The token has no sub of 1 to 255 characters.");
  out.subject = *subject;
  const auto issuer = text_claim(claims, "iss", 2048, bad);
  if (!issuer) return invalid("The token has no iss.");
  out.issuer = *issuer;
  if (!read_audience(claims, client_ids, out)) return invalid("Incorrect token audience");
  if (const Json* amr = claims.member("amr")) {
    auto texts = texts_of(*amr, kMostAmr, kMostAmrText);
    if (!texts) return invalid("The token's amr is neither a text nor a list of at most 16 texts.");
    out.amr = std::move(*texts);
  }
  if (const Json* tags = claims.member(kTagsClaim)) {
    if (!read_tags(*tags, out)) return invalid("The token's tags are not as they must be.");
    if (auto sound = check_tags(out.tags, out.transitive_tag_keys); !sound) return invalid(sound.error().message);
  }
  if (const Json* source = claims.member(kSourceIdentityClaim)) {
    if (source->kind != Json::Kind::String || !is_source_identity(source->text))
      return invalid("The token's source identity is not as it must be.");
    out.source_identity = source->text;
  }
  return out;
}

bool trusts(const Role* role, std::string_view role_arn, const StsFacts& given, const WebIdentity& who,
            std::string_view session_name, std::string& log) {
  StsFacts facts = given;
  facts.caller = nullptr;  // a signature beside the token says nothing
  const auto account = role_account(role_arn);
  if (!account) {
    log = "its ARN is no role's";
    return false;
  }
  TrustContext context(facts, *account);
  context.set("sts:RoleSessionName", session_name);
  context.set(who.host + ":aud", who.audience);
  context.set(who.host + ":sub", who.subject);
  context.set("aws:FederatedProvider", who.principal);
  if (!who.original_audience.empty()) {
    context.set(who.host + ":azp", who.audience);
    context.set(who.host + ":oaud", who.original_audience);
  }
  if (!who.amr.empty()) context.set_many(who.host + ":amr", who.amr);
  if (!who.source_identity.empty()) context.set("sts:SourceIdentity", who.source_identity);
  if (!who.transitive_tag_keys.empty()) context.set_many("sts:TransitiveTagKeys", who.transitive_tag_keys);
  std::vector<std::string> keys;
  for (const Tag& tag : who.tags) {
    context.set("aws:RequestTag/" + tag.key, tag.value);
    keys.push_back(tag.key);
  }
  if (!keys.empty()) context.set_many("aws:TagKeys", std::move(keys));

  const Trust trust(role, role_arn);
  const auto allows = [&](std::string_view action) {
    const TrustAnswer answer = trust.ask_for_provider(who.principal, action, context);
    if (!answer.allowed) log = std::string(action) + ": " + answer.why;
    return answer.allowed;
  };
  return allows(kAssumeRoleWithWebIdentity) && (who.tags.empty() || allows(kTagSession)) &&
         (who.source_identity.empty() || allows(kSetSourceIdentity));
}

Session web_session(const Role& role, const WebIdentity& who, std::string_view name, std::int64_t now,
                    std::int64_t seconds) {
  Session out;
  out.kind = Session::Kind::WebIdentity;
  out.account = role.account;
  out.principal_id = role.id;
  out.name = name;
  out.issued = now;
  out.expires = now + seconds;
  out.source_identity = who.source_identity;
  out.tags = who.tags;
  out.transitive_tag_keys = who.transitive_tag_keys;
  out.provider = who.principal;
  out.provider_keys = lasting_keys(who);
  out.cognito_identity_id = who.cognito_identity_id;
  out.cognito_identity_pool_id = who.cognito_identity_pool_id;
  out.cognito_provider = who.cognito_provider;
  out.cognito_authenticated = who.cognito_authenticated;
  return out;
}

Outcome<Assumed> assume_with_web_identity(Store& store, base::Random& random, const StsFacts& facts,
                                          const AssumeInput& input, const WebIdentity& who, std::string& log) {
  const auto found = look_up_role(store, *input.role_arn, input.policy_arns);
  if (!found) return tl::unexpected<Fault>(found.error());
  const Role* const role = found->role ? &*found->role : nullptr;
  const bool trusted = trusts(role, *input.role_arn, facts, who, *input.session_name, log);
  if (!trusted || role == nullptr)
    return refuse("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
  const std::int64_t seconds = input.duration_seconds.value_or(kDefaultSeconds);
  if (seconds > role->max_session_seconds)
    return refuse("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  Session session = web_session(*role, who, *input.session_name, facts.unix_ms / 1000, seconds);
  if (auto limited = limit_session(session, input.policy, input.policy_arns, found->policies); !limited)
    return tl::unexpected<Fault>(limited.error());
  return issue_for(*role, std::move(session), store.ring(), random);
}

}  // namespace gatehouse::identity
