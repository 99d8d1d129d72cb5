#include "access/answer.hpp"

#include <gtest/gtest.h>

#include "access/decision.hpp"

namespace gatehouse::access {
namespace {

TEST(Answer, SilenceIsFailed) {
  EXPECT_EQ(Answer().kind, AnswerKind::Failed);
  EXPECT_EQ(Decision().verdict, Verdict::Failed);
  EXPECT_EQ(AnswerKind{}, AnswerKind::Failed);
  EXPECT_EQ(Verdict{}, Verdict::Failed);
}

TEST(Answer, Names) {
  EXPECT_EQ(name(AnswerKind::Failed), "failed");
  EXPECT_EQ(name(AnswerKind::Allow), "allow");
  EXPECT_EQ(name(AnswerKind::Deny), "deny");
  EXPECT_EQ(name(AnswerKind::Unauthorized), "unauthorized");
  EXPECT_EQ(name(AnswerKind::Abstain), "abstain");
  EXPECT_EQ(name(static_cast<AnswerKind>(99)), "unknown");
  EXPECT_EQ(name(Category::Network), "network");
  EXPECT_EQ(name(Category::Resource), "resource");
  EXPECT_EQ(name(Category::Identity), "identity");
  EXPECT_EQ(name(static_cast<Category>(99)), "unknown");
  EXPECT_EQ(name(Verdict::Failed), "failed");
  EXPECT_EQ(name(Verdict::Allowed), "allowed");
  EXPECT_EQ(name(Verdict::Unauthorized), "unauthorized");
  EXPECT_EQ(name(Verdict::Denied), "denied");
  EXPECT_EQ(name(Verdict::NotAllowed), "not_allowed");
  EXPECT_EQ(name(static_cast<Verdict>(99)), "unknown");
}

}  // namespace
}  // namespace gatehouse::access
