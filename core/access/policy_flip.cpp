#include "access/policy_flip.hpp"

#include <string>

#include "policy/flip_text.hpp"

namespace gatehouse::access {
namespace {

using policy::Effect;
using policy::Layer;
using policy::Outcome;

policy::Verdict verdict(Layer layer, const policy::Finding& finding) {
  switch (finding.effect) {
    case Effect::Allow:
      return {Outcome::Allowed, layer, finding};
    case Effect::Deny:
      return {Outcome::ExplicitlyDenied, layer, finding};
    case Effect::None:
      break;
  }
  return {Outcome::ImplicitlyDenied, layer, {}};
}

}  // namespace

std::optional<policy::Verdict> decide(const Weighed& w, const policy::Question& question) {
  if (w.style == IdentityStyle::Iam) return policy::combine(w.sets, question, w.owner);
  const policy::Finding resource =
      w.sets.resource != nullptr ? policy::weigh(*w.sets.resource, question) : policy::Finding{};
  if (resource.effect == Effect::Deny || w.style == IdentityStyle::None) return verdict(Layer::Resource, resource);
  if (!w.identity_answered) return std::nullopt;
  const policy::Verdict answered{Outcome::Allowed, Layer::Identity, {}};
  if (w.style == IdentityStyle::Cognito)
    return w.sets.resource != nullptr ? verdict(Layer::Resource, resource) : answered;
  if (!w.identity_brought) return answered;
  const policy::Finding identity = policy::weigh(w.sets.identity, question);
  const bool stands_in = identity.effect == Effect::None && resource.effect == Effect::Allow;
  return stands_in && !w.require_authorizer_allow ? verdict(Layer::Resource, resource)
                                                  : verdict(Layer::Identity, identity);
}

void trace_flip(const Weighed& w, const policy::Question& question, bool allowed, base::Trace& trace,
                std::string_view who, base::Arena& arena) {
  const std::optional<policy::Verdict> said = decide(w, question);
  if (!said || (said->outcome == Outcome::Allowed) != allowed) return;
  const policy::Policy* const resource[] = {w.sets.resource};
  const policy::Policy* const boundary[] = {w.sets.boundary};
  const auto one = [](const std::span<const policy::Policy* const> list) {
    return list[0] == nullptr ? list.subspan(1) : list;
  };
  const policy::Layered layers[] = {{Layer::Resource, one(resource)},
                                    {Layer::Identity, w.sets.identity},
                                    {Layer::Boundary, one(boundary)},
                                    {Layer::Session, w.sets.session}};
  std::size_t policies = 0;
  for (const policy::Layered& layer : layers) policies += layer.policies.size();
  const policy::Flip flip =
      policy::find_flip(question, *said, layers, [&](const policy::Question& changed) { return decide(w, changed); });
  const std::string text =
      policy::text(flip, question, [policies](const policy::Policy& of, const policy::Statement& s) {
        std::string name = "statement " + std::to_string(s.index);
        if (!s.sid.empty()) name += " \"" + s.sid + "\"";
        return policies > 1 ? name.append(" of the ").append(policy::name(of.kind())) : name;
      });
  if (text.empty()) return;
  trace.add(base::Step::Evaluate, flip.flips ? base::Outcome::Allowed : base::Outcome::Passed, who, kToChange,
            arena.copy(text));
}

}  // namespace gatehouse::access
