#include <gtest/gtest.h>

#include "fakes.hpp"
#include "support/count_news.hpp"

namespace gatehouse::access {
namespace {

class Quiet final : public Authorizer {
 public:
  explicit Quiet(Category category, bool later) : category_(category), later_(later) {}
  std::string_view name() const noexcept override { return "quiet"; }
  Category category() const noexcept override { return category_; }
  void authorize(const Facts& facts, std::int64_t, Question& question) noexcept override {
    for (const IdentityValue& v : facts.identity) seen += v.value.size();
    asked = &question;
    if (!later_) question.answered(say(AnswerKind::Allow));
  }
  void cancel(Question&) noexcept override {}
  std::size_t seen = 0;
  Question* asked = nullptr;

 private:
  Category category_;
  bool later_;
};

class Deaf final : public AccessChain::Owner {
 public:
  void decided(const Decision& decision) override { verdict = decision.verdict; }
  void wait(std::int64_t) override {}
  Verdict verdict = Verdict::Failed;
};

TEST(AccessChain, DecidesWithoutAllocating) {
  Quiet ip(Category::Network, false);
  Quiet gate(Category::Identity, true);
  AccessPlan plan;
  plan.has_identity = true;
  plan.steps.resize(2);
  plan.steps[0].authorizer = &ip;
  plan.steps[1].authorizer = &gate;
  plan.steps[1].require_identity_sources = true;
  for (const char* text : {"$request.header.X-Token", "$request.querystring.q", "$request.header.X-Several"})
    plan.steps[1].identity_sources.push_back(*IdentitySource::parse(ApiType::Http, text));
  FakeExchange exchange;
  for (const auto& [name, value] :
       {std::pair("X-Token", "t"), std::pair("X-Several", "a"), std::pair("X-Several", "b")})
    exchange.request.headers.add(name, value);
  http::Target target;
  target.raw_query = "q=a%2Bb";
  Facts facts;
  facts.request = &exchange.request;
  facts.target = &target;
  base::Trace trace;
  AccessChain chain;
  Deaf owner;
  const std::size_t before = test::news();
  chain.start(plan, facts, exchange, trace, 0, owner);
  gate.asked->answered(say(AnswerKind::Allow));
  EXPECT_EQ(test::news(), before);
  EXPECT_GT(before, 0u);
  EXPECT_EQ(owner.verdict, Verdict::Allowed);
  EXPECT_EQ(gate.seen, 7u);
  EXPECT_EQ(exchange.arena.heap_bytes(), 0u);
}

}  // namespace
}  // namespace gatehouse::access
