#include "policy/combine.hpp"

#include <initializer_list>

namespace gatehouse::policy {
namespace {

/// What each set says by itself.
struct Findings {
  Finding guardrail, endpoint, resource, identity, boundary, session;
  bool guardrails_allow = true;
};

Finding weigh_one(const Policy* policy, const Question& question, Observer* observer) {
  return policy != nullptr ? weigh(*policy, question, observer) : Finding{};
}

Findings weigh_sets(const Sets& sets, const Question& question, Observer* observer) {
  Findings out;
  for (const auto& level : sets.guardrails) {
    const Finding found = weigh(level, question, observer);
    if (found.effect != Effect::Allow) out.guardrails_allow = false;
    if (out.guardrail.effect != Effect::Deny) out.guardrail = found;
  }
  out.endpoint = weigh_one(sets.endpoint, question, observer);
  out.resource = weigh_one(sets.resource, question, observer);
  out.identity = weigh(sets.identity, question, observer);
  out.boundary = weigh_one(sets.boundary, question, observer);
  out.session = weigh(sets.session, question, observer);
  return out;
}

Verdict implicit(Layer layer) {
  return {Outcome::ImplicitlyDenied, layer, {}};
}

Verdict allowed(Layer layer, const Finding& finding) {
  return {Outcome::Allowed, layer, finding};
}

/// A Deny anywhere decides; the first in the order of the layers is named.
bool denied(const Findings& f, Verdict& out) {
  const std::initializer_list<std::pair<Layer, const Finding*>> order = {
      {Layer::Guardrail, &f.guardrail}, {Layer::Endpoint, &f.endpoint}, {Layer::Resource, &f.resource},
      {Layer::Identity, &f.identity},   {Layer::Boundary, &f.boundary}, {Layer::Session, &f.session}};
  for (const auto& [layer, finding] : order) {
    if (finding->effect != Effect::Deny) continue;
    out = {Outcome::ExplicitlyDenied, layer, *finding};
    return true;
  }
  return false;
}

/// Identity and what bounds it, Denies aside.
Verdict identity_path(const Sets& sets, const Findings& f, const Caller& caller) {
  if (caller.kind == Caller::Kind::Anonymous) return implicit(Layer::Identity);
  const bool root = caller.kind == Caller::Kind::Root;
  if (!root && f.identity.effect != Effect::Allow) return implicit(Layer::Identity);
  if (sets.boundary != nullptr && f.boundary.effect != Effect::Allow) return implicit(Layer::Boundary);
  // Who has a federation token may do nothing that no session policy names.
  const bool must_have = caller.kind == Caller::Kind::FederatedUser;
  if ((sets.has_session || must_have) && f.session.effect != Effect::Allow) return implicit(Layer::Session);
  return allowed(Layer::Identity, f.identity);
}

/// Whether an Allow of the resource policy suffices by itself for a caller of the same account.
bool resource_grants(const Sets& sets, const Findings& f) {
  if (f.resource.effect != Effect::Allow) return false;
  if (f.resource.grant == Grant::Direct) return true;
  return f.resource.grant == Grant::Role && (sets.boundary == nullptr || f.boundary.effect == Effect::Allow) &&
         (!sets.has_session || f.session.effect == Effect::Allow);
}

}  // namespace

std::string_view name(Layer layer) noexcept {
  switch (layer) {
    case Layer::None:
      return "";
    case Layer::Guardrail:
      return "service control policy";
    case Layer::Endpoint:
      return "VPC endpoint policy";
    case Layer::Resource:
      return "resource-based policy";
    case Layer::Identity:
      return "identity-based policy";
    case Layer::Boundary:
      return "permissions boundary";
    case Layer::Session:
      return "session policy";
  }
  return "";
}

std::string_view name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::Allowed:
      return "Allowed";
    case Outcome::ExplicitlyDenied:
      return "ExplicitlyDenied";
    case Outcome::ImplicitlyDenied:
      break;
  }
  return "ImplicitlyDenied";
}

Verdict combine(const Sets& sets, const Question& question, std::string_view owner_account, Observer* observer) {
  const Findings f = weigh_sets(sets, question, observer);
  Verdict out;
  if (denied(f, out)) return out;
  if (!f.guardrails_allow) return implicit(Layer::Guardrail);
  if (sets.endpoint != nullptr && f.endpoint.effect != Effect::Allow) return implicit(Layer::Endpoint);
  const Caller& caller = question.caller;
  if (caller.kind == Caller::Kind::Anonymous)
    return f.resource.effect == Effect::Allow ? allowed(Layer::Resource, f.resource) : implicit(Layer::Resource);
  const Verdict identity = identity_path(sets, f, caller);
  if (caller.account == owner_account && !owner_account.empty())
    return resource_grants(sets, f) ? allowed(Layer::Resource, f.resource) : identity;
  if (identity.outcome != Outcome::Allowed) return identity;
  return f.resource.effect == Effect::Allow ? identity : implicit(Layer::Resource);
}

Verdict combine_identity(const Sets& sets, const Question& question, Observer* observer) {
  Sets own = sets;
  own.resource = own.endpoint = nullptr;
  const Findings f = weigh_sets(own, question, observer);
  Verdict out;
  if (denied(f, out)) return out;
  if (!f.guardrails_allow) return implicit(Layer::Guardrail);
  return identity_path(own, f, question.caller);
}

}  // namespace gatehouse::policy
