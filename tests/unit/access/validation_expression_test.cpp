#include "access/validation_expression.hpp"

#include <gmock/gmock.h>

#include "fakes.hpp"

namespace gatehouse::access {
namespace {

struct Case {
  const char* expression;
  const char* token;
  bool matches;
};
const Case kCases[] = {
    {"^Bearer [-0-9a-zA-Z\\._]*$", "Bearer abc.def", true},
    {"Bearer [a-z]+", "Bearer abc", true},
    // LA-30: the complete value, prefix and all
    {"[a-z]+", "Bearer abc", false},
    {"(?i)bearer [a-z]+", "BEARER ABC", true},
    // LA-32: full match; who wants to search adds `.*`
    {"abc", "xabcx", false},
    {"abc", "abc ", false},
    {"a|ab", "ab", true},
    {".*abc.*", "xabcx", true},
    {"abc$", "abc\n", false},
    {"", "a", false},
};

TEST(ValidationExpression, LA_30_LA_32_TheWholeTokenMatches) {
  for (const Case& c : kCases) {
    const auto expression = ValidationExpression::parse(c.expression);
    ASSERT_TRUE(expression) << c.expression;
    EXPECT_EQ(expression->matches(c.token), c.matches) << c.expression << " on " << c.token;
    EXPECT_EQ(expression->text(), c.expression);
  }
}

TEST(ValidationExpression, LA_07_OneThatDoesNotCompileIsRefused) {
  for (const char* text : {"(", "a{", "[z-a]", "(?=look)", "(a)\\1", "a{1001}", "\xFF"}) {
    const auto expression = ValidationExpression::parse(text);
    if (std::string_view(text) == "a{") continue;  // a literal brace
    ASSERT_FALSE(expression) << text;
    EXPECT_EQ(expression.error().code, Code::Invalid);
    EXPECT_THAT(expression.error().text, testing::HasSubstr("RE2's syntax"));
  }
}

// Backtracking would take longer than the universe has; libstdc++'s std::regex overflows its stack.
TEST(ValidationExpression, LA_33_TimeIsLinearInTheToken) {
  const auto expression = ValidationExpression::parse("(a*)*(a*)*(a|aa)+b");
  ASSERT_TRUE(expression);
  EXPECT_FALSE(expression->matches(std::string(100'000, 'a')));
}

AccessPlan token_plan(FakeAuthorizer& gate, const char* expression) {
  AccessPlan plan = plan_of({&gate});
  auto source = IdentitySource::parse(ApiType::Rest, "method.request.header.Authorization");
  plan.steps[0].identity_sources.push_back(std::move(*source));
  plan.steps[0].require_identity_sources = true;
  if (expression != nullptr)
    plan.steps[0].validation =
        std::make_shared<ValidationExpression>(std::move(*ValidationExpression::parse(expression)));
  return plan;
}

TEST(ValidationExpression, LA_23_LA_30_LA_31_AChainAsksForTokensThatMatchOnly) {
  struct Asked {
    const char* expression;
    const char* token;  // null: no header
    const char* trace;
    int asked;
  };
  const Asked cases[] = {
      {"Bearer [a-z]+", "Bearer abc", "identity allow gate allow\n", 1},
      {"Bearer [a-z]+", "Bearer 123",
       "identity unauthorized gate identity_source_mismatch method.request.header.Authorization\n", 0},
      {"Bearer [a-z]+", "abc",
       "identity unauthorized gate identity_source_mismatch method.request.header.Authorization\n", 0},
      {"Bearer [a-z]+", nullptr,
       "identity unauthorized gate identity_source_absent method.request.header.Authorization\n", 0},
      {".*", "", "identity unauthorized gate identity_source_absent method.request.header.Authorization\n", 0},
      {nullptr, "Bearer 123", "identity allow gate allow\n", 1},
  };
  for (const Asked& c : cases) {
    FakeAuthorizer gate("gate", Category::Identity, say(AnswerKind::Allow));
    Request request;
    if (c.token != nullptr) request.exchange.request.headers.add("authorization", c.token);
    request.start(token_plan(gate, c.expression));
    EXPECT_EQ(request.traced(), c.trace);
    EXPECT_EQ(gate.asked, c.asked);
    ASSERT_TRUE(request.last);
    EXPECT_EQ(request.last->verdict, c.asked == 1 ? Verdict::Allowed : Verdict::Unauthorized);
    // LA-31: never a capture group, always the whole value.
    if (c.asked == 1) {
      EXPECT_EQ(gate.identity.at(0).value, c.token);
    }
  }
}

}  // namespace
}  // namespace gatehouse::access
