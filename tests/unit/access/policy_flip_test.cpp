#include "access/policy_flip.hpp"

#include <gtest/gtest.h>

#include "policy_route.hpp"

namespace gatehouse::access {
namespace {

constexpr const char* kAnn = "arn:aws:iam::111122223333:user/ann";
constexpr const char* kEve = "arn:aws:iam::444455556666:user/eve";
const std::string kBirds = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/prod/GET/birds";
const std::string kHere = " (here " + std::string(kArn) + ")";

Answer allow(const char* arn) {
  return *arn == 0 ? say(AnswerKind::Allow) : allow_as(arn);
}

/// What is said of a flip must hold of the decision: both come to the same in every row.
TEST(PolicyFlip, ItWeighsAsTheDecisionDoes) {
  const policy::NoContext nothing;
  int rows = 0;
  for (const IdentityStyle style :
       {IdentityStyle::None, IdentityStyle::Lambda, IdentityStyle::Cognito, IdentityStyle::Iam})
    for (const Says resource : {Absent, None, Allow, Deny})
      for (const Says own : {Absent, None, Allow, Deny})
        for (const bool require_allow : {false, true})
          for (const char* arn : {kAnn, kEve}) {
            const bool iam = style == IdentityStyle::Iam;
            if (own != Absent && style != IdentityStyle::Lambda && !iam) continue;
            if (resource == Absent && style == IdentityStyle::None) continue;
            Route route(style, resource);
            const Decision said = route.ask(allow(iam ? arn : ""), own, require_allow);

            const auto of_resource = document(policy::Kind::Resource, resource, R"("Principal":"*",)");
            const auto of_caller = document(iam ? policy::Kind::Identity : policy::Kind::Authorizer, own, "");
            const policy::Policy* const identity[] = {of_caller.get()};
            Weighed weighed{style, require_allow, style != IdentityStyle::None, own != Absent, {}, "111122223333"};
            if (resource != Absent) weighed.sets.resource = of_resource.get();
            if (own != Absent) weighed.sets.identity = identity;
            const policy::Arn asked = policy::Arn::split(kArn);
            const policy::Question question{iam ? policy::Caller::of_arn(arn).value() : policy::Caller{},
                                            policy::Action::of("execute-api:Invoke"),
                                            {&asked, 1},
                                            nothing};
            const auto got = decide(weighed, question);
            const std::string row = std::to_string(static_cast<int>(style)) +
                                    std::to_string(static_cast<int>(resource)) + std::to_string(static_cast<int>(own)) +
                                    arn;
            ASSERT_TRUE(got) << row;
            EXPECT_EQ(got->outcome == policy::Outcome::Allowed, said.verdict == Verdict::Allowed) << row;
            EXPECT_EQ(got->outcome == policy::Outcome::ExplicitlyDenied, said.verdict == Verdict::Denied) << row;
            if (said.verdict != Verdict::Allowed) {
              EXPECT_EQ(got->layer, said.layer) << row;
            }
            ++rows;
          }
  EXPECT_EQ(rows, 3 * 4 + 16 * 4 + 4 * 4 + 16 * 4);
}

TEST(PolicyFlip, OnlyWhatPoliciesDecidedIsTold) {
  const struct {
    const char* name;
    IdentityStyle style;
    Says resource;
    Answer answer;
    Says own;
    std::string told;
  } kCases[] = {
      {"none: silent",
       IdentityStyle::None,
       None,
       {},
       Absent,
       "statement 0 would allow it if the resource matched " + kBirds + kHere},
      {"none: a Deny",
       IdentityStyle::None,
       Deny,
       {},
       Absent,
       "statement 1 denies it without a condition: only another resource or action escapes it"},
      {"none: allowed whatever there is", IdentityStyle::None, Allow, {}, Absent, ""},
      {"lambda: says no itself", IdentityStyle::Lambda, Allow, say(AnswerKind::Deny), Absent, ""},
      {"lambda: does not know him", IdentityStyle::Lambda, None, say(AnswerKind::Unauthorized), Absent, ""},
      {"lambda: its policy is silent", IdentityStyle::Lambda, Absent, say(AnswerKind::Allow), None,
       "statement 0 would allow it if the resource matched " + kBirds + kHere},
      {"lambda: both are silent, his own first", IdentityStyle::Lambda, None, say(AnswerKind::Allow), None,
       "statement 0 of the authorizer policy would allow it if the resource matched " + kBirds + kHere},
      {"cognito: silent", IdentityStyle::Cognito, None, say(AnswerKind::Allow), Absent,
       "statement 0 would allow it if the resource matched " + kBirds + kHere},
      {"iam: no policy at all", IdentityStyle::Iam, Absent, allow(kAnn), Absent,
       "no statement of an identity-based policy allows anything: a policy would have to change"},
      {"iam: another account", IdentityStyle::Iam, None, allow(kEve), Allow,
       "statement 0 of the resource policy would allow it if the resource matched " + kBirds + kHere},
  };
  for (const auto& c : kCases) {
    Route route(c.style, c.resource);
    route.ask(c.answer, c.own, false, true);
    std::string told;
    for (const base::TraceRecord& record : route.trace.records())
      if (record.code == kToChange) told += record.ref;
    EXPECT_EQ(told, c.told) << c.name;
    Route silent(c.style, c.resource);
    silent.ask(c.answer, c.own);
    for (const base::TraceRecord& record : silent.trace.records()) EXPECT_NE(record.code, kToChange) << c.name;
  }
}

}  // namespace
}  // namespace gatehouse::access
