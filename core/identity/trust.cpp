#include "identity/trust.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "policy/arn.hpp"
#include "policy/combine.hpp"
#include "policy/parse.hpp"

namespace gatehouse::identity {
namespace {

/// In place of the policy of a role that is not there: it takes as long to ask.
constexpr std::string_view kDecoy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:user/n"},)"
    R"("Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"none"}}}]})";

/// Whether a value of a condition leaves anything out.
bool pins(std::string_view value) noexcept {
  return value.find_first_not_of("*?") != std::string_view::npos;
}

/// A condition that holds for some tokens of the provider only, and for none without the claim.
bool pins_tokens(const policy::Condition& c, std::string_view host) {
  using policy::Comparison;
  const policy::Operator& what = c.what();
  const bool compares = what.comparison == Comparison::StringEquals ||
                        what.comparison == Comparison::StringEqualsIgnoreCase ||
                        what.comparison == Comparison::StringLike;
  if (!compares || what.negated || what.if_exists || what.set == policy::SetOperator::ForAllValues) return false;
  const std::string_view key = c.key().lower;
  const std::string lower = base::lower(host);
  return (key == lower + ":aud" || key == lower + ":sub") && !c.texts().empty() &&
         std::all_of(c.texts().begin(), c.texts().end(), pins);
}

void check_principals(const policy::Statement& s, const std::string& at, std::vector<policy::Fault>& faults) {
  if (s.principals->everybody() && s.conditions.empty())
    faults.push_back({at + "/Principal", "`*` without a Condition lets everybody assume the role: name who may"});
  const bool web = s.matches_text(kAssumeRoleWithWebIdentity);
  for (const std::string_view text : s.principals->texts()) {
    if (text.find(":saml-provider/") != std::string_view::npos) {
      faults.push_back({at + "/Principal", policy::quoted(text) + ": SAML providers are not supported"});
      continue;
    }
    const std::string_view host = provider_host(text);
    if (host.empty()) {
      const bool other = text != "*" && !text.starts_with("arn:") && !text.ends_with(".amazonaws.com") &&
                         !text.ends_with(".amazonaws.com.cn") && !std::all_of(text.begin(), text.end(), base::is_digit);
      if (other)
        faults.push_back({at + "/Principal", policy::quoted(text) +
                                                 " is no provider: write the ARN of an OpenID provider or " +
                                                 policy::quoted(kCognitoIdentity)});
      continue;
    }
    const bool pinned = std::any_of(s.conditions.begin(), s.conditions.end(),
                                    [&](const policy::Condition& c) { return pins_tokens(c, host); });
    if (web && !pinned)
      faults.push_back({at + "/Condition", "every token of " + policy::quoted(host) +
                                               " would do, whatever application it is for: add a StringEquals on " +
                                               policy::quoted(std::string(host) + ":aud")});
  }
}

/// Whether an Allow that names the provider itself applies; `*` vouches for nobody's token.
class NamesProvider final : public policy::Observer {
 public:
  explicit NamesProvider(std::string_view provider) : provider_(provider) {}
  void weighed(const policy::Policy&, const policy::Statement& s, policy::Miss miss,
               const policy::Condition*) override {
    if (miss != policy::Miss::None || s.effect != policy::Effect::Allow || !s.principals) return;
    const auto texts = s.principals->texts();
    found = found || std::find(texts.begin(), texts.end(), provider_) != texts.end();
  }
  bool found = false;

 private:
  std::string_view provider_;
};

/// The caller's policies as policy::combine takes them; false: they cannot be weighed.
bool sets_of(const access::KnownCaller& caller, std::vector<const policy::Policy*>& identity,
             std::vector<const policy::Policy*>& session, policy::Sets& out) {
  if (!caller.sound) return false;
  for (const access::AnswerPolicy& one : caller.policies) {
    if (one.policy == nullptr) return false;
    switch (one.role) {
      case access::PolicyRole::Identity:
        identity.push_back(one.policy);
        break;
      case access::PolicyRole::Session:
        session.push_back(one.policy);
        break;
      case access::PolicyRole::Boundary:
        if (out.boundary != nullptr) return false;
        out.boundary = one.policy;
        break;
      default:
        return false;
    }
  }
  out.identity = identity;
  out.session = session;
  out.has_session = caller.has_session_policy || !session.empty();
  return true;
}

/// `own`: what the caller's policies say without the role's, so that its public part is the same for every role.
TrustAnswer refusal(const policy::Verdict& verdict, const policy::Verdict& own) {
  TrustAnswer out;
  const bool explicitly = verdict.outcome == policy::Outcome::ExplicitlyDenied;
  const bool trust = verdict.layer == policy::Layer::Resource;
  out.why = explicitly ? "denied by a " : "not allowed by any ";
  out.why += trust ? std::string_view("role trust policy") : name(verdict.layer);
  if (own.outcome == policy::Outcome::ExplicitlyDenied) {
    out.suffix =
        own.layer == policy::Layer::Identity ? " with an explicit deny in an " : " with an explicit deny in a ";
    out.suffix += name(own.layer);
  }
  return out;
}

}  // namespace

std::string_view provider_host(std::string_view principal) noexcept {
  if (principal == kCognitoIdentity) return principal;
  constexpr std::string_view kKind = "oidc-provider/";
  const policy::Arn arn = policy::Arn::split(principal);
  if (!arn.whole || arn.service() != "iam" || !arn.resource().starts_with(kKind)) return {};
  return arn.resource().substr(kKind.size());
}

std::vector<policy::Fault> check_trust(const policy::Policy& trust) {
  std::vector<policy::Fault> out;
  for (const policy::Statement& s : trust.statements()) {
    const std::string at = "/Statement/" + std::to_string(s.index);
    if (s.effect == policy::Effect::Allow && s.principals) check_principals(s, at, out);
  }
  return out;
}

Trust::Trust(const Role* role, std::string_view arn)
    : role_(role), arn_(arn), account_(policy::Arn::split(arn_).account()) {
  auto parsed = policy::parse(role != nullptr ? std::string_view(role->trust_policy) : kDecoy, policy::Kind::Trust);
  if (parsed) {
    const auto faults = check_trust(*parsed);
    if (!faults.empty()) unsound_ = "its trust policy must not be: " + policy::text(faults);
    policy_.emplace(std::move(*parsed));
  } else {
    unsound_ = "its trust policy does not parse: " + policy::text(parsed.error());
    policy_.emplace(policy::Kind::Trust, "", std::vector<policy::Statement>{});
  }
  if (role == nullptr) unsound_ = "there is no such role";
}

bool Trust::binding_is_stale(const policy::Caller& caller, std::string_view principal_id) const {
  if (role_ == nullptr) return false;
  return std::any_of(role_->trusted_ids.begin(), role_->trusted_ids.end(), [&](const auto& bound) {
    policy::Principals one;
    if (one.add(policy::Principals::Type::Aws, bound.first)) return false;
    return one.names(caller) > policy::Grant::Account && bound.second != principal_id;
  });
}

TrustAnswer Trust::ask(const access::KnownCaller& known, std::string_view action, const TrustContext& context) const {
  std::vector<const policy::Policy*> identity, session;
  policy::Sets sets;
  if (!sets_of(known, identity, session, sets))
    return {false, "", "the caller's policies are unsound: " + known.unsound_why};
  sets.resource = &*policy_;
  const policy::Arn resource = policy::Arn::split(arn_);
  policy::Question question{known.as_principal(), policy::Action::of(action), {&resource, 1}, context};
  // Nothing is implicit: unlike other resources a role asks for an Allow of its own, whatever the caller's side allows.
  const auto lets_in = [&](policy::Verdict& verdict) {
    verdict = policy::combine(sets, question, account_);
    if (verdict.outcome != policy::Outcome::Allowed) return false;
    if (policy::weigh(*policy_, question).effect == policy::Effect::Allow) return true;
    verdict = {policy::Outcome::ImplicitlyDenied, policy::Layer::Resource, {}};
    return false;
  };
  policy::Verdict verdict;
  if (!lets_in(verdict)) {
    TrustAnswer out = refusal(verdict, policy::combine_identity(sets, question));
    if (!unsound_.empty()) out.why = unsound_;
    return out;
  }
  // What may not be is asked all the same, but never believed.
  if (!unsound_.empty()) return {false, "", unsound_};
  if (!binding_is_stale(question.caller, known.principal_id)) return {true, "", ""};
  // Somebody of that name was trusted, and it was not this one: he has what others of his account have.
  question.caller.arn = question.caller.role_name = question.caller.role_arn = {};
  if (lets_in(verdict)) return {true, "", ""};
  return {false, "", "another principal of that name was trusted, which is not there any more"};
}

TrustAnswer Trust::ask_for_provider(std::string_view provider, std::string_view action,
                                    const TrustContext& context) const {
  policy::Caller caller;
  caller.provider = provider;
  const policy::Arn resource = policy::Arn::split(arn_);
  const policy::Question question{caller, policy::Action::of(action), {&resource, 1}, context};
  NamesProvider named(provider);
  const policy::Finding found = policy::weigh(*policy_, question, &named);
  if (!unsound_.empty()) return {false, "", unsound_};
  if (found.effect == policy::Effect::Deny) return {false, "", "denied by the role trust policy"};
  if (found.effect != policy::Effect::Allow || !named.found) return {false, "", "not allowed by the role trust policy"};
  return {true, "", ""};
}

}  // namespace gatehouse::identity
