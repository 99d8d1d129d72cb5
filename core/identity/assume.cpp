#include "identity/assume.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "identity/trust.hpp"

namespace gatehouse::identity {
namespace {

using CallerKind = policy::Caller::Kind;

constexpr std::int64_t kDefaultSeconds = 3600, kChainedSeconds = 3600;
constexpr std::int64_t kTokenDefault = 43'200, kTokenLeast = 900, kTokenMost = 129'600, kRootMost = 3600;

/// No MFA device is kept: every one is unknown.
Outcome<void> check_mfa(const AssumeInput& input) {
  if (!input.serial_number && !input.token_code) return {};
  if (!input.serial_number || !input.token_code)
    return refuse("ValidationError", "SerialNumber and TokenCode must be given together.");
  return refuse("AccessDenied",
                "MultiFactorAuthentication failed with invalid MFA one time pass code or unknown MFA device. Please "
                "verify your MFA serial number is valid and associated with this user.");
}

tl::unexpected<Fault> denied(const access::KnownCaller& caller, std::string_view action, std::string_view role_arn,
                             std::string_view suffix) {
  std::string text = "User: " + caller.arn + " is not authorized to perform: ";
  return refuse("AccessDenied", text.append(action).append(" on resource: ").append(role_arn).append(suffix));
}

bool has_key(const std::vector<Tag>& tags, std::string_view key) {
  return std::any_of(tags.begin(), tags.end(), [&](const Tag& tag) { return base::equal_ignoring_case(tag.key, key); });
}

/// Tags of the calling session that go on into the next one.
std::vector<Tag> inherited_tags(const access::KnownCaller& caller) {
  std::vector<Tag> out;
  if (caller.kind != CallerKind::RoleSession) return out;
  for (const std::string& key : caller.transitive_tag_keys)
    for (const auto& [name, value] : caller.tags) {  // the session's before the role's
      if (!base::equal_ignoring_case(name, key) || has_key(out, key)) continue;
      out.push_back({name, value});
    }
  return out;
}

/// Tags, transitive keys and source identity of the new session.
Outcome<void> pass_on(const access::KnownCaller& caller, const AssumeInput& input, Session& session) {
  session.tags = inherited_tags(caller);
  for (const Tag& tag : session.tags) {
    if (has_key(input.tags, tag.key))
      return refuse("InvalidParameterValue",
                    "One of the specified tag keys can't be set because it conflicts with a transitive tag key from "
                    "the calling session: '" +
                        tag.key + "'.");
    session.transitive_tag_keys.push_back(tag.key);
  }
  session.tags.insert(session.tags.end(), input.tags.begin(), input.tags.end());
  session.transitive_tag_keys.insert(session.transitive_tag_keys.end(), input.transitive_tag_keys.begin(),
                                     input.transitive_tag_keys.end());
  if (auto sound = check_tags(session.tags, session.transitive_tag_keys); !sound) return sound;
  session.source_identity = caller.source_identity;
  if (!input.source_identity) return {};
  if (!caller.source_identity.empty() && caller.source_identity != *input.source_identity)
    return denied(caller, kSetSourceIdentity, *input.role_arn, "");
  session.source_identity = *input.source_identity;
  return {};
}

void set_keys(TrustContext& context, const AssumeInput& input, const Session& session) {
  context.set("sts:RoleSessionName", session.name);
  if (input.external_id) context.set("sts:ExternalId", *input.external_id);
  if (!session.source_identity.empty()) context.set("sts:SourceIdentity", session.source_identity);
  if (!session.transitive_tag_keys.empty()) context.set_many("sts:TransitiveTagKeys", session.transitive_tag_keys);
  std::vector<std::string> keys;
  for (const Tag& tag : session.tags) {
    context.set("aws:RequestTag/" + tag.key, tag.value);
    keys.push_back(tag.key);
  }
  if (!keys.empty()) context.set_many("aws:TagKeys", std::move(keys));
}

}  // namespace

Outcome<Assumed> assume_role(Store& store, base::Random& random, const StsFacts& facts, const AssumeInput& input,
                             std::string& log) {
  const access::KnownCaller& caller = *facts.caller;
  if (auto sound = check(input); !sound) return tl::unexpected<Fault>(sound.error());
  const auto account = role_account(*input.role_arn);
  if (!account) return tl::unexpected<Fault>(account.error());
  if (auto mfa = check_mfa(input); !mfa) return tl::unexpected<Fault>(mfa.error());
  if (caller.kind == CallerKind::Root) return refuse("AccessDenied", "Roles may not be assumed by root accounts.");

  const std::int64_t now = facts.unix_ms / 1000;
  Session session;
  session.kind = Session::Kind::Role;
  session.account = *account;
  session.name = *input.session_name;
  session.issued = now;
  session.chained = caller.kind == CallerKind::RoleSession;
  const std::int64_t seconds = input.duration_seconds.value_or(kDefaultSeconds);
  if (session.chained && seconds > kChainedSeconds)
    return refuse("ValidationError",
                  "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
  if (auto passed = pass_on(caller, input, session); !passed) return tl::unexpected<Fault>(passed.error());

  const auto found = look_up_role(store, *input.role_arn, input.policy_arns);
  if (!found) return tl::unexpected<Fault>(found.error());
  const Role* const role = found->role ? &*found->role : nullptr;
  TrustContext context(facts, *account);
  set_keys(context, input, session);
  const Trust trust(role, *input.role_arn);
  const auto must_allow = [&](std::string_view action) -> Outcome<void> {
    const TrustAnswer answer = trust.ask(caller, action, context);
    if (answer.allowed && role != nullptr) return {};
    log = answer.why;
    return denied(caller, action, *input.role_arn, answer.suffix);
  };
  if (auto yes = must_allow(kAssumeRole); !yes) return tl::unexpected<Fault>(yes.error());
  if (!session.tags.empty())
    if (auto yes = must_allow(kTagSession); !yes) return tl::unexpected<Fault>(yes.error());
  if (!session.source_identity.empty())
    if (auto yes = must_allow(kSetSourceIdentity); !yes) return tl::unexpected<Fault>(yes.error());

  // From here on the caller may know what the role is like.
  if (seconds > role->max_session_seconds)
    return refuse("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  session.principal_id = role->id;
  session.expires = now + seconds;
  if (auto limited = limit_session(session, input.policy, input.policy_arns, found->policies); !limited)
    return tl::unexpected<Fault>(limited.error());
  return issue_for(*role, std::move(session), store.ring(), random);
}

Outcome<TemporaryCredentials> session_token(const KeyRing& ring, base::Random& random, const StsFacts& facts,
                                            const AssumeInput& input) {
  const access::KnownCaller& caller = *facts.caller;
  Constraints rules;
  rules.number("durationSeconds", input.duration_seconds, kTokenLeast, kTokenMost);
  rules.text("serialNumber", input.serial_number, 9, 256, "+=/:,.@-", false);
  rules.text("tokenCode", input.token_code, 6, 6, nullptr, false);
  if (auto sound = rules.done(); !sound) return tl::unexpected<Fault>(sound.error());
  const bool root = caller.kind == CallerKind::Root;
  if (caller.expires != 0 || (caller.kind != CallerKind::User && !root))
    return refuse("AccessDenied", "Cannot call GetSessionToken with session credentials");
  if (auto mfa = check_mfa(input); !mfa) return tl::unexpected<Fault>(mfa.error());
  Session session;
  session.kind = root ? Session::Kind::Root : Session::Kind::User;
  session.account = caller.account;
  session.principal_id = caller.principal_id;
  session.issued = facts.unix_ms / 1000;
  const std::int64_t asked = input.duration_seconds.value_or(kTokenDefault);
  session.expires = session.issued + (root ? std::min(asked, kRootMost) : asked);
  return issue(std::move(session), ring, random);
}

}  // namespace gatehouse::identity
