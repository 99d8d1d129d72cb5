// The outcome tables of spec iam-policy section 9, through the chain: one row a line.
#include <gtest/gtest.h>

#include <map>

#include "policy_route.hpp"

namespace gatehouse::access {
namespace {

constexpr const char* kAnn = "arn:aws:iam::111122223333:user/ann";

struct Outcome {
  Verdict verdict;
  Denial denial = Denial::Plain;
  policy::Layer layer = policy::Layer::None;
};
constexpr Outcome k200{Verdict::Allowed};
constexpr Outcome kD1{Verdict::NotAllowed, Denial::Anonymous, policy::Layer::Resource};
constexpr Outcome kD2{Verdict::Denied, Denial::Anonymous, policy::Layer::Resource};
constexpr Outcome kD3{Verdict::NotAllowed, Denial::Lambda, policy::Layer::Identity};
constexpr Outcome kD4{Verdict::Denied, Denial::Lambda, policy::Layer::Identity};

void expect(const Decision& got, const Outcome& wanted, const std::string& row) {
  EXPECT_EQ(name(got.verdict), name(wanted.verdict)) << row << ": " << got.decisive.reason;
  if (wanted.verdict == Verdict::Allowed) return;
  EXPECT_EQ(got.denial, wanted.denial) << row;
  EXPECT_EQ(got.layer, wanted.layer) << row;
}

TEST(PolicyTables, S9_1_NoAuthorizer) {
  const std::pair<Says, Outcome> kRows[] = {{Absent, k200}, {Allow, k200}, {None, kD1}, {Deny, kD2}};
  for (const auto& [resource, wanted] : kRows) {
    Route route(IdentityStyle::None, resource);
    expect(route.ask({}), wanted, std::to_string(static_cast<int>(resource)));
  }
}

TEST(PolicyTables, S9_2_Iam) {
  struct Row {
    Says identity, resource;
    Outcome same, cross;
  };
  using policy::Layer;
  constexpr auto implicit = [](Layer layer) { return Outcome{Verdict::NotAllowed, Denial::Caller, layer}; };
  constexpr auto explicitly = [](Layer layer) { return Outcome{Verdict::Denied, Denial::Caller, layer}; };
  const Row kRows[] = {
      {Allow, Allow, k200, k200},
      {Allow, None, k200, implicit(Layer::Resource)},
      {Allow, Absent, k200, implicit(Layer::Resource)},
      {Allow, Deny, explicitly(Layer::Resource), explicitly(Layer::Resource)},
      {None, Allow, k200, implicit(Layer::Identity)},
      {None, None, implicit(Layer::Identity), implicit(Layer::Identity)},
      {None, Absent, implicit(Layer::Identity), implicit(Layer::Identity)},
      {None, Deny, explicitly(Layer::Resource), explicitly(Layer::Resource)},
      {Deny, Allow, explicitly(Layer::Identity), explicitly(Layer::Identity)},
      {Deny, None, explicitly(Layer::Identity), explicitly(Layer::Identity)},
      {Deny, Absent, explicitly(Layer::Identity), explicitly(Layer::Identity)},
      {Deny, Deny, explicitly(Layer::Resource), explicitly(Layer::Resource)},
  };
  for (const Row& row : kRows)
    for (const bool cross : {false, true}) {
      Route route(IdentityStyle::Iam, row.resource);
      const Answer answer = allow_as(cross ? "arn:aws:iam::444455556666:user/ann" : kAnn);
      const Decision got = route.ask(answer, row.identity);
      expect(got, cross ? row.cross : row.same,
             "row " + std::to_string(&row - kRows) + (cross ? " cross account" : " same account"));
      EXPECT_EQ(got.cross_account, cross);
    }
}

// What a caller's policies may do by their role, and that none stands for another.
TEST(PolicyTables, S8_2_RolesOfTheCallersPolicies) {
  using policy::Kind;
  const auto ask = [&](Says identity, Says boundary, Says session, std::vector<PolicyRole> roles) {
    const auto ann = known(kAnn);
    for (const PolicyRole role : roles) {
      const Says says = role == PolicyRole::Identity ? identity : role == PolicyRole::Boundary ? boundary : session;
      const Kind kind = role == PolicyRole::Identity   ? Kind::Identity
                        : role == PolicyRole::Boundary ? Kind::Boundary
                                                       : Kind::Session;
      ann->held.push_back(document(kind, says, ""));
      ann->policies.push_back({role, 0, ann->held.back().get()});
      ann->has_session_policy = ann->has_session_policy || role == PolicyRole::Session;
    }
    return Route(IdentityStyle::Iam, Absent).ask(allow_as(ann));
  };
  constexpr auto own = PolicyRole::Identity, bound = PolicyRole::Boundary, session = PolicyRole::Session;
  EXPECT_EQ(ask(Allow, Allow, Allow, {own, bound, session}).verdict, Verdict::Allowed);
  EXPECT_EQ(ask(Allow, None, Allow, {own, session}).verdict, Verdict::Allowed) << "only what is there counts";
  EXPECT_EQ(ask(Allow, None, Allow, {own, bound, session}).verdict, Verdict::NotAllowed);
  EXPECT_EQ(ask(Allow, None, Allow, {own, bound, session}).layer, policy::Layer::Boundary);
  EXPECT_EQ(ask(Allow, Allow, None, {own, bound, session}).layer, policy::Layer::Session);
  EXPECT_EQ(ask(Allow, Deny, Allow, {bound, own}).verdict, Verdict::Denied);
  EXPECT_EQ(ask(Allow, Allow, Deny, {own, session}).verdict, Verdict::Denied);
  for (const PolicyRole role : {PolicyRole::Resource, PolicyRole::Endpoint}) {
    const Decision got = ask(Allow, Allow, Allow, {own, role});
    EXPECT_EQ(got.verdict, Verdict::NotAllowed) << name(role) << " is not a caller's";
    EXPECT_EQ(got.decisive.code, "unsound_policy");
  }
  EXPECT_EQ(ask(Allow, Allow, Allow, {own, bound, bound}).verdict, Verdict::NotAllowed) << "two boundaries";
}

TEST(PolicyTables, S8_1_ARowThatCannotBeWeighedRefusesItsCaller) {
  const auto ann = known(kAnn);
  ann->held.push_back(document(policy::Kind::Identity, Allow, ""));
  ann->policies.push_back({PolicyRole::Identity, 0, ann->held.back().get()});
  ann->sound = false;
  ann->unsound_why = "inline policy `p` of user `ann`: no JSON";
  const Decision got = Route(IdentityStyle::Iam, Allow).ask(allow_as(ann));
  EXPECT_EQ(got.verdict, Verdict::NotAllowed);
  EXPECT_EQ(got.decisive.reason, ann->unsound_why);
}

TEST(PolicyTables, S5_KeysOfTheCaller) {
  const auto decide = [](const std::string& condition, const std::shared_ptr<KnownCaller>& caller) {
    const std::string text =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":)" +
        condition + "}}";
    auto parsed = policy::parse(text, policy::Kind::Identity);
    if (!parsed) ADD_FAILURE() << policy::text(parsed.error());
    caller->held = {std::make_shared<const policy::Policy>(std::move(*parsed))};
    caller->policies = {{PolicyRole::Identity, 0, caller->held.front().get()}};
    return Route(IdentityStyle::Iam, Absent).ask(allow_as(caller)).verdict == Verdict::Allowed;
  };
  const auto ann = known(kAnn);
  ann->keys.push_back({"aws:principaltag/team", {"a*"}, {}, false});
  ann->keys.push_back({"aws:username", {"ann"}, {}, false});
  ann->keys.push_back({"cognito-identity.amazonaws.com:amr", {"authenticated", "idp"}, {}, true});
  EXPECT_TRUE(decide(R"({"StringEquals":{"aws:PrincipalTag/Team":"a*"}})", ann));
  EXPECT_FALSE(decide(R"({"StringEquals":{"aws:PrincipalTag/other":"a*"}})", ann));
  EXPECT_TRUE(decide(R"({"StringEquals":{"aws:username":"ann"}})", ann));
  EXPECT_TRUE(decide(R"({"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"auth*"}})", ann));
  EXPECT_FALSE(decide(R"({"StringLike":{"cognito-identity.amazonaws.com:amr":"auth*"}})", ann)) << "multi-valued";
  EXPECT_TRUE(decide(R"({"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/ann"}})", ann));
  EXPECT_TRUE(decide(R"({"StringEquals":{"aws:PrincipalAccount":"111122223333","aws:PrincipalType":"User"}})", ann));
  EXPECT_TRUE(decide(R"({"Bool":{"aws:PrincipalIsAWSService":"false"}})", ann));
  EXPECT_TRUE(decide(R"({"Null":{"aws:TokenIssueTime":"true"}})", ann));
}

TEST(PolicyTables, S9_2_AuthenticationComesFirst) {
  Route route(IdentityStyle::Iam, Deny);
  EXPECT_EQ(route.ask(say(AnswerKind::Unauthorized)).verdict, Verdict::Unauthorized);
  EXPECT_EQ(route.resource_asked(), 0);
}

TEST(PolicyTables, S9_2_WithoutACallerOrPoliciesNobodyIsLetIn) {
  EXPECT_EQ(Route(IdentityStyle::Iam, Allow).ask(say(AnswerKind::Allow)).verdict, Verdict::Failed);
  EXPECT_EQ(Route(IdentityStyle::Iam, Allow).ask(say(AnswerKind::Allow), Allow).verdict, Verdict::Failed)
      << "policies of the answer's own are not a caller's";
  EXPECT_EQ(Route(IdentityStyle::Iam, Absent).ask(allow_as(kAnn)).verdict, Verdict::NotAllowed);
}

TEST(PolicyTables, ACallerOfTheStoreIsForIamOnly) {
  for (const IdentityStyle style : {IdentityStyle::Lambda, IdentityStyle::Cognito})
    EXPECT_EQ(Route(style, Absent).ask(allow_as(kAnn)).verdict, Verdict::Failed);
}

TEST(PolicyTables, AServiceLetsInWhoIsAuthenticated) {
  EXPECT_EQ(Route(IdentityStyle::Service, Absent).ask(allow_as(kAnn)).verdict, Verdict::Allowed);
  EXPECT_EQ(Route(IdentityStyle::Service, Absent).ask(say(AnswerKind::Allow)).verdict, Verdict::Allowed);
  EXPECT_EQ(Route(IdentityStyle::Service, Absent).ask(say(AnswerKind::Abstain)).verdict, Verdict::NotAllowed);
  EXPECT_EQ(Route(IdentityStyle::Service, Absent).ask(say(AnswerKind::Deny)).verdict, Verdict::Denied);
  EXPECT_EQ(Route(IdentityStyle::Service, Allow).ask(allow_as(kAnn)).verdict, Verdict::Failed);
}

TEST(PolicyTables, S9_3_Lambda) {
  struct Row {
    Says own, resource;
    Outcome wanted;
    bool asked;  // whether the function is
  };
  const Row kRows[] = {
      {Allow, Allow, k200, true}, {Allow, None, k200, true}, {Allow, Absent, k200, true}, {Allow, Deny, kD2, false},
      {None, Allow, k200, true},  {None, None, kD3, true},   {None, Absent, kD3, true},   {None, Deny, kD2, false},
      {Deny, Allow, kD4, true},   {Deny, None, kD4, true},   {Deny, Absent, kD4, true},   {Deny, Deny, kD2, false},
  };
  for (const Row& row : kRows) {
    Route route(IdentityStyle::Lambda, row.resource);
    const std::string what = "row " + std::to_string(&row - kRows);
    expect(route.ask(say(AnswerKind::Allow), row.own), row.wanted, what);
    EXPECT_EQ(route.identity_asked(), row.asked ? 1 : 0) << what;
  }
}

TEST(PolicyTables, S9_3_AnswersWithoutAPolicy) {
  for (const Says resource : {Absent, None, Allow}) {
    EXPECT_EQ(Route(IdentityStyle::Lambda, resource).ask(say(AnswerKind::Allow)).verdict, Verdict::Allowed);
    expect(Route(IdentityStyle::Lambda, resource).ask(say(AnswerKind::Deny)), kD4, "deny");
    expect(Route(IdentityStyle::Lambda, resource).ask(say(AnswerKind::Abstain)), kD3, "abstain");
    EXPECT_EQ(Route(IdentityStyle::Lambda, resource).ask(say(AnswerKind::Unauthorized)).verdict, Verdict::Unauthorized);
    EXPECT_EQ(Route(IdentityStyle::Lambda, resource).ask(say(AnswerKind::Failed)).verdict, Verdict::Failed);
    // A policy does not soften a deny.
    expect(Route(IdentityStyle::Lambda, resource).ask(say(AnswerKind::Deny), Allow), kD4, "deny with a policy");
  }
}

TEST(PolicyTables, S9_3_RequireAuthorizerAllow) {
  expect(Route(IdentityStyle::Lambda, Allow).ask(say(AnswerKind::Allow), None, true), kD3, "silent");
  expect(Route(IdentityStyle::Lambda, None).ask(say(AnswerKind::Allow), Allow, true), k200, "allow");
}

TEST(PolicyTables, S9_4_Cognito) {
  const std::pair<Says, Outcome> kRows[] = {{Absent, k200}, {Allow, k200}, {None, kD1}, {Deny, kD2}};
  for (const auto& [resource, wanted] : kRows) {
    expect(Route(IdentityStyle::Cognito, resource).ask(say(AnswerKind::Allow)), wanted,
           std::to_string(static_cast<int>(resource)));
    Route bad(IdentityStyle::Cognito, resource);
    EXPECT_EQ(bad.ask(say(AnswerKind::Unauthorized)).verdict, Verdict::Unauthorized);
    EXPECT_EQ(bad.resource_asked(), 0);
  }
  EXPECT_EQ(Route(IdentityStyle::Cognito, Allow).ask(say(AnswerKind::Allow), Allow).verdict, Verdict::Failed);
}

TEST(PolicyTables, S7_4_ANamedPrincipalIsNobodyWithoutIam) {
  const char* const named = R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"},)";
  expect(Route(IdentityStyle::None, Allow, named).ask({}), kD1, "none");
  expect(Route(IdentityStyle::Cognito, Allow, named).ask(say(AnswerKind::Allow)), kD1, "cognito");
  expect(Route(IdentityStyle::Lambda, Allow, named).ask(say(AnswerKind::Allow), None), kD3, "lambda");
  expect(Route(IdentityStyle::Iam, Allow, named).ask(allow_as(kAnn), None), k200, "iam");
}

TEST(PolicyTables, AnUnknownHandleFails) {
  Route route(IdentityStyle::None, Allow);
  route.resource_step().policies.front().first = 78;
  const Decision got = route.ask({});
  EXPECT_EQ(got.verdict, Verdict::Failed);
  EXPECT_EQ(got.decisive.code, "unknown_policy");
}

TEST(PolicyTables, ARefusalNamesItsStatement) {
  Route route(IdentityStyle::None, Deny);
  route.ask({});
  const auto records = route.trace.records();
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.back().code, "statement");
  EXPECT_EQ(records.back().ref, "statement 1 (Deny)");
}

}  // namespace
}  // namespace gatehouse::access
