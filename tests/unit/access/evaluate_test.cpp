#include "access/evaluate.hpp"

#include <gtest/gtest.h>

#include "fakes.hpp"

namespace gatehouse::access {
namespace {

constexpr auto kNetwork = Category::Network;
constexpr auto kResource = Category::Resource;
constexpr auto kIdentity = Category::Identity;

/// What the architecture's table says, for each answer of each category that stands alone on a route.
TEST(Evaluate, OneAnswer) {
  struct Case {
    Category category;
    AnswerKind kind;
    Verdict verdict;
  };
  const Case kCases[] = {
      {kNetwork, AnswerKind::Allow, Verdict::Allowed},  // no objection: the route says `none`
      {kNetwork, AnswerKind::Abstain, Verdict::Allowed},
      {kNetwork, AnswerKind::Deny, Verdict::Denied},
      {kNetwork, AnswerKind::Unauthorized, Verdict::Denied},
      {kNetwork, AnswerKind::Failed, Verdict::Failed},
      {kResource, AnswerKind::Allow, Verdict::Allowed},  // AT-03
      {kResource, AnswerKind::Abstain, Verdict::NotAllowed},
      {kResource, AnswerKind::Deny, Verdict::Denied},
      {kResource, AnswerKind::Unauthorized, Verdict::Denied},
      {kResource, AnswerKind::Failed, Verdict::Failed},
      {kIdentity, AnswerKind::Allow, Verdict::Allowed},
      {kIdentity, AnswerKind::Abstain, Verdict::NotAllowed},
      {kIdentity, AnswerKind::Deny, Verdict::Denied},
      {kIdentity, AnswerKind::Unauthorized, Verdict::Unauthorized},
      {kIdentity, AnswerKind::Failed, Verdict::Failed},
      {kIdentity, static_cast<AnswerKind>(99), Verdict::Failed},
      {kNetwork, static_cast<AnswerKind>(99), Verdict::Failed},
      {static_cast<Category>(99), AnswerKind::Allow, Verdict::Failed},
  };
  for (const Case& c : kCases) {
    const FakeAuthorizer by("a", c.category);
    Evaluation evaluation;
    const bool final = evaluation.add(by, say(c.kind, "why"));
    const Decision decision = evaluation.conclude(c.category == kIdentity);
    EXPECT_EQ(decision.verdict, c.verdict) << name(c.category) << " " << name(c.kind);
    EXPECT_EQ(final, objection(c.category, c.kind).has_value());
    if (final) {
      EXPECT_EQ(decision.by, &by);
      EXPECT_EQ(decision.decisive.code, "why");
    }
  }
}

TEST(Evaluate, SeveralAnswers) {
  struct Case {
    const char* what;
    std::vector<std::pair<Category, AnswerKind>> answers;
    bool identity_expected;
    Verdict verdict;
    int by;  // index of the authorizer, -1: the rules
  };
  const Case kCases[] = {
      {"authorizer: none", {}, false, Verdict::Allowed, -1},
      {"an identity authorizer that was never asked", {}, true, Verdict::NotAllowed, -1},
      {"nobody objects",
       {{kNetwork, AnswerKind::Allow}, {kResource, AnswerKind::Abstain}, {kIdentity, AnswerKind::Allow}},
       true,
       Verdict::Allowed,
       2},
      {"network never grants",
       {{kNetwork, AnswerKind::Allow}, {kIdentity, AnswerKind::Abstain}},
       true,
       Verdict::NotAllowed,
       1},
      {"resource never grants beside identity",
       {{kResource, AnswerKind::Allow}, {kIdentity, AnswerKind::Abstain}},
       true,
       Verdict::NotAllowed,
       1},
      {"resource allow beside a missing identity", {{kResource, AnswerKind::Allow}}, true, Verdict::NotAllowed, -1},
      {"network does not stand in for resource",
       {{kNetwork, AnswerKind::Allow}, {kResource, AnswerKind::Abstain}},
       false,
       Verdict::NotAllowed,
       1},
      {"one resource allow of two",
       {{kResource, AnswerKind::Abstain}, {kResource, AnswerKind::Allow}},
       false,
       Verdict::Allowed,
       1},
      {"a later deny beats an allow",
       {{kResource, AnswerKind::Allow}, {kResource, AnswerKind::Deny}},
       false,
       Verdict::Denied,
       1},
      {"deny after an identity allow",
       {{kIdentity, AnswerKind::Allow}, {kNetwork, AnswerKind::Deny}},
       true,
       Verdict::Denied,
       1},
      {"two networks", {{kNetwork, AnswerKind::Abstain}, {kNetwork, AnswerKind::Failed}}, false, Verdict::Failed, 1},
  };
  for (const Case& c : kCases) {
    std::vector<FakeAuthorizer> by;
    by.reserve(c.answers.size());
    Evaluation evaluation;
    for (std::size_t i = 0; i < c.answers.size(); ++i) {
      by.emplace_back("a", c.answers[i].first);
      const bool final = evaluation.add(by.back(), say(c.answers[i].second));
      ASSERT_TRUE(!final || i + 1 == c.answers.size()) << c.what;
    }
    const Decision decision = evaluation.conclude(c.identity_expected);
    EXPECT_EQ(decision.verdict, c.verdict) << c.what;
    EXPECT_EQ(decision.by, c.by < 0 ? nullptr : &by[static_cast<std::size_t>(c.by)]) << c.what;
  }
}

TEST(Evaluate, TheIdentityAnswerIsKept) {
  const FakeAuthorizer network("n", kNetwork);
  const FakeAuthorizer identity("i", kIdentity);
  Answer answer = say(AnswerKind::Allow);
  answer.principal_id = "ann";
  Evaluation evaluation;
  EXPECT_FALSE(evaluation.add(network, say(AnswerKind::Allow)));
  EXPECT_FALSE(evaluation.add(identity, answer));
  EXPECT_EQ(evaluation.conclude(true).identity.principal_id, "ann");
  EXPECT_EQ(evaluation.conclude(true).by, &identity);
}

}  // namespace
}  // namespace gatehouse::access
