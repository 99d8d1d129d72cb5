#include "integration/iam_guard.hpp"

#include <algorithm>
#include <array>

#include "base/iso_time.hpp"
#include "base/text.hpp"
#include "policy/arn.hpp"

namespace gatehouse::integration {
namespace {

using identity::Input;
using identity::Operation;
using identity::Outcome;
using identity::Subject;
using identity::Tag;

std::string_view with_article(policy::Layer layer) noexcept {
  switch (layer) {
    case policy::Layer::Boundary:
      return "a permissions boundary";
    case policy::Layer::Session:
      return "a session policy";
    default:
      return "an identity-based policy";
  }
}

std::string denial(const access::KnownCaller& caller, const std::string& action, const Subject& subject,
                   const policy::Verdict& said) {
  std::string out = "User: " + caller.arn + " is not authorized to perform: " + action + " on resource: " + subject.arn;
  if (said.outcome == policy::Outcome::ExplicitlyDenied) {
    out.append(" with an explicit deny in ").append(with_article(said.layer));
  } else {
    const policy::Layer layer = said.layer == policy::Layer::None ? policy::Layer::Identity : said.layer;
    out.append(" because no ").append(policy::name(layer)).append(" allows the ").append(action).append(" action");
  }
  return out;
}

}  // namespace

IamContext::IamContext(const ServiceRequest& request, const Operation& operation, const Subject& subject,
                       const Input& input)
    : request_(request) {
  const access::KnownCaller& caller = *request.caller;
  const std::int64_t seconds = request.unix_ms / 1'000;
  put("aws:currenttime", {base::iso_time(seconds)});
  put("aws:epochtime", {std::to_string(seconds)});
  put("aws:securetransport", {request.tls ? "true" : "false"});
  if (!request.source_ip_text.empty()) put("aws:sourceip", {request.source_ip_text});
  if (!request.user_agent.empty()) put("aws:useragent", {request.user_agent});
  put("aws:principalarn", {caller.principal_arn});
  put("aws:principalaccount", {caller.account});
  put("aws:principaltype", {std::string(caller.type())});
  put("aws:requestedregion", {request.region});
  put("aws:resourceaccount", {caller.account});
  put("aws:viaawsservice", {"false"});
  put("aws:principalisawsservice", {"false"});

  std::vector<std::string> tag_keys = input.texts("TagKeys");
  for (const Tag& tag : input.tags()) {
    put("aws:requesttag/" + base::lower(tag.key), {tag.value});
    tag_keys.push_back(tag.key);
  }
  if (!tag_keys.empty()) put("aws:tagkeys", std::move(tag_keys), true);
  for (const Tag& tag : subject.tags) {
    put("aws:resourcetag/" + base::lower(tag.key), {tag.value});
    put("iam:resourcetag/" + base::lower(tag.key), {tag.value});
  }
  if (input.has("PolicyArn") && operation.subject != identity::SubjectKind::Policy)
    put("iam:policyarn", {std::string(input.text("PolicyArn"))});
  if (input.has("PermissionsBoundary"))
    put("iam:permissionsboundary", {std::string(input.text("PermissionsBoundary"))});
  else if (operation.is(Operation::kBoundaryKey) && !subject.boundary_arn.empty())
    put("iam:permissionsboundary", {subject.boundary_arn});
  for (access::CallerKey& key : keys_) key.views.assign(key.values.begin(), key.values.end());
}

void IamContext::put(std::string lower, std::vector<std::string> values, bool multi) {
  keys_.push_back({std::move(lower), std::move(values), {}, multi});
}

policy::Values IamContext::find(const policy::KeyName& key) const {
  const auto at = std::find_if(keys_.begin(), keys_.end(),
                               [&](const access::CallerKey& known) { return known.lower == key.lower; });
  const access::CallerKey* const found = at != keys_.end() ? &*at : nullptr;
  if (found == nullptr && key.known != policy::KnownKey::None) return {};
  const access::CallerKey* const brought = found != nullptr ? found : request_.caller->find(key.lower);
  if (brought == nullptr) return {};
  return {brought->views, brought->multi, key.known == policy::KnownKey::SourceIp ? &request_.source_ip : nullptr};
}

Outcome<void> IamGuard::permit(const Operation& operation, const Subject& subject, const Input& input) const {
  const access::KnownCaller& caller = *request_.caller;
  const std::string action = "iam:" + std::string(operation.name);
  std::vector<const policy::Policy*> identity, session;
  policy::Sets sets;
  bool sound = caller.sound;
  for (const access::AnswerPolicy& one : caller.policies) {
    if (one.policy == nullptr) sound = false;
    if (one.role == access::PolicyRole::Identity)
      identity.push_back(one.policy);
    else if (one.role == access::PolicyRole::Session)
      session.push_back(one.policy);
    else if (one.role == access::PolicyRole::Boundary && sets.boundary == nullptr)
      sets.boundary = one.policy;
    else
      sound = false;
  }
  // A row of the store that cannot be weighed may be what forbids.
  if (!sound) return identity::refuse("AccessDenied", denial(caller, action, subject, {}));
  sets.identity = identity;
  sets.session = session;
  sets.has_session = caller.has_session_policy;
  const IamContext context(request_, operation, subject, input);
  const std::array<policy::Arn, 1> arns{policy::Arn::split(subject.arn)};
  const policy::Question question{caller.as_principal(), policy::Action::of(action), arns, context};
  const policy::Verdict said = policy::combine_identity(sets, question);
  if (said.outcome == policy::Outcome::Allowed) return {};
  return identity::refuse("AccessDenied", denial(caller, action, subject, said));
}

}  // namespace gatehouse::integration
