#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "access/caller.hpp"
#include "access/chain.hpp"
#include "fakes.hpp"
#include "policy/parse.hpp"

namespace gatehouse::access {

inline constexpr std::string_view kArn = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/prod/GET/pets";

/// What a document says of kArn. Absent: there is none.
enum class Says { Absent, None, Allow, Deny };
using enum Says;

inline std::string statement(const char* effect, const char* principal, const char* resource) {
  return std::string(R"({"Effect":")") + effect + R"(",)" + principal +
         R"("Action":"execute-api:Invoke","Resource":")" + resource + R"("})";
}

inline std::shared_ptr<const policy::Policy> document(policy::Kind kind, Says says, const char* principal) {
  constexpr const char* kElsewhere = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/prod/GET/birds";
  std::string statements = statement("Allow", principal, says == None ? kElsewhere : "*");
  if (says == Deny) statements += "," + statement("Deny", principal, std::string(kArn).c_str());
  auto out = policy::parse(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}", kind);
  if (!out) ADD_FAILURE() << policy::text(out.error());
  return std::make_shared<const policy::Policy>(std::move(*out));
}

/// A caller whom the store of identities knows, without policies.
inline std::shared_ptr<KnownCaller> known(std::string_view arn) {
  auto out = std::make_shared<KnownCaller>();
  const auto parts = policy::Caller::of_arn(arn);
  if (!parts) ADD_FAILURE() << arn << " is nobody's ARN";
  out->kind = parts->kind;
  out->arn = out->principal_arn = arn;
  out->account = parts->account;
  out->name = parts->role_name;
  if (parts->kind == policy::Caller::Kind::RoleSession)
    out->principal_arn = "arn:aws:iam::" + out->account + ":role/" + out->name;
  return out;
}

/// His answer.
inline Answer allow_as(const std::shared_ptr<KnownCaller>& caller) {
  caller->settle();
  Answer out = say(AnswerKind::Allow);
  out.caller = caller.get();
  out.holds = caller;
  return out;
}
inline Answer allow_as(std::string_view arn) {
  return allow_as(known(arn));
}

/// A route with a resource policy and an identity authorizer of some style.
class Route final : public AccessChain::Owner {
 public:
  Route(IdentityStyle style, Says resource, const char* principal = R"("Principal":"*",)")
      : resource_("house", Category::Resource), identity_("who", Category::Identity) {
    plan_.style = style;
    plan_.has_identity = style != IdentityStyle::None;
    Step judge, who;
    if (resource != Absent) {
      Answer named = say(AnswerKind::Abstain);
      named.policies = {&handle_, 1};
      resource_.answers_at_once({named});
      judge.authorizer = &resource_;
      judge.policies.emplace_back(handle_.handle, document(policy::Kind::Resource, resource, principal));
    }
    who.authorizer = &identity_;
    if (resource != Absent && resource_policy_first(style)) plan_.steps.push_back(judge);
    if (plan_.has_identity) plan_.steps.push_back(who);
    if (resource != Absent && !resource_policy_first(style)) plan_.steps.push_back(judge);
    exchange_.request.method = http::Method::Get;
    exchange_.connection = &connection_;
    facts_.api_type = ApiType::Rest;
    facts_.account_id = "111122223333";
    facts_.region = "us-east-1";
    facts_.arn = kArn;
    facts_.route_key = "GET /pets";
    facts_.api_path = "/pets";
    facts_.request = &exchange_.request;
    facts_.connection = &connection_;
  }

  Decision ask(Answer answer, Says own = Absent, bool require_allow = false, bool explain = false) {
    std::shared_ptr<const policy::Policy> held;
    AnswerPolicy given{PolicyRole::Identity, 0, nullptr};
    if (own != Absent && answer.caller != nullptr) {
      const auto caller = known(answer.caller->arn);
      caller->held.push_back(document(policy::Kind::Identity, own, ""));
      caller->policies.push_back({PolicyRole::Identity, 0, caller->held.back().get()});
      answer = allow_as(caller);
    } else if (own != Absent) {
      held = document(policy::Kind::Authorizer, own, "");
      given.policy = held.get();
      answer.policies = {&given, 1};
      answer.holds = held;
    }
    identity_.answers_at_once({answer});
    plan_.require_authorizer_allow = require_allow;
    chain_.start(plan_, facts_, exchange_, trace, 1, *this, explain);
    return decision_;
  }
  int identity_asked() const { return identity_.asked; }
  int resource_asked() const { return resource_.asked; }
  Step& identity_step() { return plan_.steps.back(); }
  Decision ask_by_handles(Answer answer, std::vector<AnswerPolicy> named) {
    answer.policies = named;
    identity_.answers_at_once({answer});
    chain_.start(plan_, facts_, exchange_, trace, 1, *this);
    return decision_;
  }
  Step& resource_step() { return plan_.steps.front(); }
  base::Trace trace;

 private:
  void decided(const Decision& decision) override { decision_ = decision; }
  void wait(std::int64_t) override { FAIL(); }

  AnswerPolicy handle_{PolicyRole::Resource, 77, nullptr};
  FakeAuthorizer resource_, identity_;
  http::ConnectionFacts connection_;
  FakeExchange exchange_;
  AccessPlan plan_;
  Facts facts_;
  AccessChain chain_;
  Decision decision_;
};

}  // namespace gatehouse::access
