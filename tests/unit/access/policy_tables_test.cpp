// The outcome tables of spec iam-policy section 9, through the chain: one row a line.
#include <gtest/gtest.h>

#include <map>

#include "policy_route.hpp"

namespace gatehouse::access {
namespace {

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
      Answer answer = say(AnswerKind::Allow);
      answer.principal_arn = cross ? "arn:aws:iam::444455556666:user/ann" : "arn:aws:iam::111122223333:user/ann";
      const Decision got = route.ask(answer, row.identity);
      expect(got, cross ? row.cross : row.same,
             "row " + std::to_string(&row - kRows) + (cross ? " cross account" : " same account"));
      EXPECT_EQ(got.cross_account, cross);
    }
}

// Policies that were compiled before, by role: what each may do, and that none stands for another.
TEST(PolicyTables, S8_2_HandlesOfEveryRoleOfTheCaller) {
  using policy::Kind;
  constexpr std::uint64_t kIdentity = 1, kBoundary = 2, kSession = 3, kEndpoint = 4, kResource = 5;
  const auto ask = [&](Says identity, Says boundary, Says session, std::vector<AnswerPolicy> named,
                       IdentityStyle style = IdentityStyle::Iam) {
    Route route(style, Absent);
    auto& known = route.identity_step().policies;
    known.emplace_back(kIdentity, document(Kind::Identity, identity, ""));
    known.emplace_back(kBoundary, document(Kind::Boundary, boundary, ""));
    known.emplace_back(kSession, document(Kind::Session, session, ""));
    known.emplace_back(kEndpoint, document(Kind::Endpoint, Allow, R"("Principal":"*",)"));
    known.emplace_back(kResource, document(Kind::Resource, Allow, R"("Principal":"*",)"));
    Answer answer = say(AnswerKind::Allow);
    answer.principal_arn = "arn:aws:iam::111122223333:user/ann";
    return route.ask_by_handles(answer, std::move(named));
  };
  const AnswerPolicy own{PolicyRole::Identity, kIdentity, nullptr}, bound{PolicyRole::Boundary, kBoundary, nullptr},
      session{PolicyRole::Session, kSession, nullptr};
  EXPECT_EQ(ask(Allow, Allow, Allow, {own, bound, session}).verdict, Verdict::Allowed);
  EXPECT_EQ(ask(Allow, None, Allow, {own, session}).verdict, Verdict::Allowed) << "only what is named counts";
  EXPECT_EQ(ask(Allow, None, Allow, {own, bound, session}).verdict, Verdict::NotAllowed);
  EXPECT_EQ(ask(Allow, None, Allow, {own, bound, session}).layer, policy::Layer::Boundary);
  EXPECT_EQ(ask(Allow, Allow, None, {own, bound, session}).layer, policy::Layer::Session);
  EXPECT_EQ(ask(Allow, Deny, Allow, {bound, own}).verdict, Verdict::Denied);
  EXPECT_EQ(ask(Allow, Allow, Deny, {own, session}).verdict, Verdict::Denied);
  EXPECT_EQ(ask(Allow, Allow, Allow, {own}, IdentityStyle::Lambda).verdict, Verdict::Allowed);
  EXPECT_EQ(ask(None, Allow, Allow, {own}, IdentityStyle::Lambda).verdict, Verdict::NotAllowed);

  const auto fails = [&](std::vector<AnswerPolicy> named, IdentityStyle style = IdentityStyle::Iam) {
    const Decision got = ask(Allow, Allow, Allow, std::move(named), style);
    EXPECT_EQ(got.verdict, Verdict::Failed);
    return std::string(got.decisive.code);
  };
  // A handle by every role but its own.
  for (const std::uint64_t handle : {kIdentity, kBoundary, kSession, kResource, kEndpoint})
    for (const PolicyRole role : {PolicyRole::Identity, PolicyRole::Boundary, PolicyRole::Session, PolicyRole::Resource,
                                  PolicyRole::Endpoint}) {
      constexpr PolicyRole kOwn[] = {PolicyRole::Identity, PolicyRole::Boundary, PolicyRole::Session,
                                     PolicyRole::Endpoint, PolicyRole::Resource};
      if (kOwn[handle - 1] == role) continue;
      EXPECT_EQ(fails({{role, handle, nullptr}}), "policy_role") << handle << " as " << name(role);
    }
  EXPECT_EQ(fails({own, {PolicyRole::Boundary, 99, nullptr}}), "unknown_policy");
  EXPECT_EQ(fails({own, {PolicyRole::Endpoint, kEndpoint, nullptr}}), "caller") << "of its role, but not a caller's";
  EXPECT_EQ(fails({own, {PolicyRole::Resource, kResource, nullptr}}), "caller");
  EXPECT_EQ(fails({own, bound, bound}), "caller") << "two boundaries";
  EXPECT_EQ(fails({own, bound}, IdentityStyle::Lambda), "policy_role");
}

TEST(PolicyTables, S9_2_AuthenticationComesFirst) {
  Route route(IdentityStyle::Iam, Deny);
  EXPECT_EQ(route.ask(say(AnswerKind::Unauthorized)).verdict, Verdict::Unauthorized);
  EXPECT_EQ(route.resource_asked(), 0);
}

TEST(PolicyTables, S9_2_WithoutAnArnOrPoliciesNobodyIsLetIn) {
  for (const char* arn : {"", "bob", "arn:aws:s3:::bucket"}) {
    Answer answer = say(AnswerKind::Allow);
    answer.principal_arn = arn;
    EXPECT_EQ(Route(IdentityStyle::Iam, Allow).ask(answer, Allow).verdict, Verdict::Failed) << arn;
  }
  Answer answer = say(AnswerKind::Allow);
  answer.principal_arn = "arn:aws:iam::111122223333:user/ann";
  EXPECT_EQ(Route(IdentityStyle::Iam, Absent).ask(answer).verdict, Verdict::NotAllowed);
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
  Answer ann = say(AnswerKind::Allow);
  ann.principal_arn = "arn:aws:iam::111122223333:user/ann";
  expect(Route(IdentityStyle::Iam, Allow, named).ask(ann, None), k200, "iam");
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
