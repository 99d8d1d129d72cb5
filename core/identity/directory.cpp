#include "identity/directory.hpp"

#include <algorithm>

#include "access/policy_kind.hpp"
#include "base/digest.hpp"
#include "base/iso_time.hpp"
#include "base/text.hpp"
#include "identity/session.hpp"
#include "policy/parse.hpp"

namespace gatehouse::identity {
namespace {

using access::KnownCaller;
using access::PolicyRole;

// A stored document was held to the limits of its time when it was written.
constexpr std::size_t kMostCharacters = 131'072;

void add_key(KnownCaller& out, std::string_view name, std::vector<std::string> values, bool multi = false) {
  out.keys.push_back({base::lower(name), std::move(values), {}, multi});
}

void add_tags(KnownCaller& out, const std::vector<Tag>& own, const std::vector<Tag>& of_session) {
  const auto same = [](const Tag& tag) {
    return [&tag](const Tag& other) { return base::equal_ignoring_case(tag.key, other.key); };
  };
  std::vector<Tag> all = of_session;
  for (const Tag& tag : own)
    if (std::none_of(of_session.begin(), of_session.end(), same(tag))) all.push_back(tag);
  for (const Tag& tag : all) {
    add_key(out, "aws:PrincipalTag/" + tag.key, {tag.value});
    out.tags.emplace_back(tag.key, tag.value);
  }
}

void unsound(KnownCaller& out, std::string why) {
  if (!out.sound) return;
  out.sound = false;
  out.unsound_why = std::move(why);
}

/// What temporary credentials add to whom they speak for.
void add_session(const Session& session, KnownCaller& out) {
  out.issued = session.issued;
  out.expires = session.expires;
  out.mfa = session.mfa;
  out.mfa_at = session.mfa_at;
  add_key(out, "aws:TokenIssueTime", {base::iso_time(session.issued)});
  add_key(out, "aws:MultiFactorAuthPresent", {session.mfa ? "true" : "false"});
}

/// Whether a token is a line of these; all are compared.
bool is_one_of(std::string_view lines, std::string_view token) noexcept {
  bool found = false;
  while (!lines.empty()) {
    const std::string_view line = base::trim(lines.substr(0, lines.find('\n')));
    lines.remove_prefix(std::min(lines.find('\n'), lines.size() - 1) + 1);
    const bool same = base::equal_constant_time(line, token);
    found = found || (same && !line.empty());
  }
  return found;
}

Credentials status(KeyStatus status) {
  Credentials out;
  out.status = status;
  return out;
}

}  // namespace

std::shared_ptr<const policy::Policy> CompiledPolicies::compile(const std::string& document, policy::Kind kind,
                                                                std::string& why) {
  const base::Sha256 digest = base::sha256(document);
  std::string key(reinterpret_cast<const char*>(digest.data()), digest.size());
  key += static_cast<char>(kind);
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end())
      if (auto alive = found->second.lock()) return alive;
  }
  policy::ParseOptions options;
  options.max_characters = kMostCharacters;
  auto parsed = policy::parse(document, kind, options);
  if (!parsed) {
    why = policy::text(parsed.error());
    return nullptr;
  }
  auto out = std::make_shared<const policy::Policy>(std::move(*parsed));
  const std::lock_guard lock(mutex_);
  if (known_.size() >= prune_at_) {
    std::erase_if(known_, [](const auto& one) { return one.second.expired(); });
    prune_at_ = std::max<std::size_t>(1024, known_.size() * 2);
  }
  known_[key] = out;
  return out;
}

void Directory::add(const std::string& document, PolicyRole role, const std::string& what, KnownCaller& out) {
  std::string why;
  auto compiled = compiled_.compile(document, access::kind_of(role), why);
  // What cannot be weighed may hold a Deny.
  if (compiled == nullptr) return unsound(out, what + ": " + why);
  out.policies.push_back({role, 0, compiled.get()});
  out.held.push_back(std::move(compiled));
}

void Directory::add_policies(Tables& tables, std::string_view holder_id, const std::string& whose, KnownCaller& out) {
  for (const InlinePolicy& one : tables.inline_policies(holder_id))
    add(one.document, PolicyRole::Identity, "inline policy `" + one.name + "` of " + whose, out);
  for (const std::string& arn : tables.attached(holder_id)) {
    const std::optional<ManagedPolicy> policy = tables.policy(arn);
    if (!policy)
      unsound(out, "policy `" + arn + "`, attached to " + whose + ", is not there");
    else
      add(policy->document, PolicyRole::Identity, "policy `" + arn + "`", out);
  }
}

void Directory::add_boundary(Tables& tables, const std::string& arn, KnownCaller& out) {
  if (arn.empty()) return;
  const std::optional<ManagedPolicy> policy = tables.policy(arn);
  if (!policy) return unsound(out, "the permissions boundary `" + arn + "` is not there");
  add(policy->document, PolicyRole::Boundary, "permissions boundary `" + arn + "`", out);
}

void Directory::add_user(Tables& tables, const User& user, KnownCaller& out) {
  out.kind = policy::Caller::Kind::User;
  out.arn = out.principal_arn = user.arn();
  out.principal_id = out.user_id = user.id;
  out.account = user.account;
  out.name = user.name;
  add_key(out, "aws:username", {user.name});
  add_key(out, "aws:userid", {user.id});
  add_tags(out, user.tags, {});
  add_policies(tables, user.id, "user `" + user.name + "`", out);
  for (const Group& group : tables.groups_of(user.id))
    add_policies(tables, group.id, "group `" + group.name + "`", out);
  add_boundary(tables, user.boundary_arn, out);
}

void Directory::add_role(Tables& tables, const Role& role, const Session& session, KnownCaller& out) {
  out.kind = policy::Caller::Kind::RoleSession;
  out.account = role.account;
  out.name = role.name;
  out.session_name = session.name;
  out.arn = "arn:aws:sts::" + role.account + ":assumed-role/" + role.name + "/" + session.name;
  out.principal_arn = role.arn();
  out.principal_id = role.id;
  out.user_id = role.id + ":" + session.name;
  out.transitive_tag_keys = session.transitive_tag_keys;
  out.source_identity = session.source_identity;
  add_key(out, "aws:userid", {out.user_id});
  if (!session.source_identity.empty()) add_key(out, "aws:SourceIdentity", {session.source_identity});
  if (!session.provider.empty()) add_key(out, "aws:FederatedProvider", {session.provider});
  for (const auto& [name, values] : session.provider_keys) {
    const bool multi = policy::is_multi_valued(policy::KeyName::of(name));
    add_key(out, name, values, multi);
    if (multi && name == "cognito-identity.amazonaws.com:amr") out.cognito_amr = values;
  }
  out.cognito_identity_id = session.cognito_identity_id;
  out.cognito_identity_pool_id = session.cognito_identity_pool_id;
  out.cognito_provider = session.cognito_provider;
  out.cognito_authenticated = session.cognito_authenticated;
  add_tags(out, role.tags, session.tags);
  add_policies(tables, role.id, "role `" + role.name + "`", out);
  add_boundary(tables, role.boundary_arn, out);
  if (!session.policy.empty()) add(session.policy, PolicyRole::Session, "the session policy", out);
  for (const std::string& arn : session.policy_arns) {
    const std::optional<ManagedPolicy> policy = tables.policy(arn);
    if (!policy)
      unsound(out, "session policy `" + arn + "` is not there");
    else
      add(policy->document, PolicyRole::Session, "session policy `" + arn + "`", out);
  }
  out.has_session_policy = !session.policy.empty() || !session.policy_arns.empty();
}

Outcome<Credentials> Directory::long_term(Tables& tables, std::string_view id, std::optional<std::string_view> token) {
  std::optional<AccessKey> key = tables.key(id);
  if (!key) return status(KeyStatus::Unknown);
  if (!key->active) return status(KeyStatus::Inactive);
  if (token && !is_one_of(key->fixed_token.reveal(), *token)) return status(KeyStatus::BadToken);
  auto caller = std::make_shared<KnownCaller>();
  caller->access_key_id = key->id;
  if (const auto user = tables.user_by_id(key->owner)) {
    add_user(tables, *user, *caller);
  } else if (key->owner.size() == 12 && std::all_of(key->owner.begin(), key->owner.end(), base::is_digit)) {
    caller->kind = policy::Caller::Kind::Root;
    caller->account = caller->principal_id = caller->user_id = key->owner;
    caller->arn = caller->principal_arn = "arn:aws:iam::" + key->owner + ":root";
    add_key(*caller, "aws:userid", {key->owner});
  } else {
    return status(KeyStatus::Inactive);
  }
  caller->settle();
  return Credentials{KeyStatus::Ok, std::move(key->secret), std::move(caller)};
}

Outcome<Credentials> Directory::temporary(Tables& tables, std::string_view id, std::string_view token,
                                          std::int64_t unix_seconds) {
  auto opened = open_session(token, id, store_->ring());
  if (!opened) return status(KeyStatus::BadToken);
  Session& session = *opened;
  if (unix_seconds >= session.expires) return status(KeyStatus::Expired);
  auto caller = std::make_shared<KnownCaller>();
  caller->access_key_id = session.access_key_id;
  switch (session.kind) {
    case Session::Kind::Role:
    case Session::Kind::WebIdentity: {
      const std::optional<Role> role = tables.role_by_id(session.principal_id);
      if (!role || role->account != session.account || session.issued < role->not_before)
        return status(KeyStatus::BadToken);
      add_role(tables, *role, session, *caller);
      break;
    }
    case Session::Kind::User: {
      const std::optional<User> user = tables.user_by_id(session.principal_id);
      if (!user || user->account != session.account) return status(KeyStatus::BadToken);
      add_user(tables, *user, *caller);
      caller->from_session_token = true;
      break;
    }
    case Session::Kind::Root:
      caller->kind = policy::Caller::Kind::Root;
      caller->account = caller->principal_id = caller->user_id = session.account;
      caller->arn = caller->principal_arn = "arn:aws:iam::" + session.account + ":root";
      caller->from_session_token = true;
      add_key(*caller, "aws:userid", {session.account});
      break;
  }
  add_session(session, *caller);
  caller->settle();
  return Credentials{KeyStatus::Ok, std::move(session.secret), std::move(caller)};
}

Outcome<Credentials> Directory::find(std::string_view access_key_id, std::optional<std::string_view> token,
                                     std::int64_t unix_seconds) {
  // A temporary key is in no table: without its token nothing is known of it.
  const bool is_temporary = access_key_id.starts_with("ASIA");
  return store_->read<Credentials>([&](Tables& tables) -> Outcome<Credentials> {
    if (!is_temporary || (!token && tables.key(access_key_id))) return long_term(tables, access_key_id, token);
    if (!token) return status(KeyStatus::Unknown);
    // Keys of test suites may be called so and have a fixed token.
    if (tables.key(access_key_id)) return long_term(tables, access_key_id, token);
    return temporary(tables, access_key_id, *token, unix_seconds);
  });
}

}  // namespace gatehouse::identity
