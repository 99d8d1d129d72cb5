#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "access/chain.hpp"
#include "fakes.hpp"

// Random plans and random manners of answering, against the rules of architecture section 2 said slowly.
namespace gatehouse::access {
namespace {

constexpr int kRounds = 120'000;

enum class Manner { AtOnce, Later, Never, TwiceAtOnce, SourceAbsent };

struct Part {
  Category category;
  AnswerKind kind;
  Manner manner;
};

/// What the part comes to, whenever it says it.
AnswerKind effective(const Part& part) {
  switch (part.manner) {
    case Manner::Never:
    case Manner::TwiceAtOnce:
      return AnswerKind::Failed;
    case Manner::SourceAbsent:
      return AnswerKind::Unauthorized;
    case Manner::AtOnce:
    case Manner::Later:
      break;
  }
  return part.kind;
}

struct Expected {
  Verdict verdict;
  std::size_t reached;  // how many were asked or had no source
};

Expected by_rules(const std::vector<Part>& parts, bool has_identity) {
  bool identity_allowed = false;
  bool resource_there = false;
  bool resource_allowed = false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const AnswerKind kind = effective(parts[i]);
    const bool identity = parts[i].category == Category::Identity;
    if (kind == AnswerKind::Failed) return {Verdict::Failed, i + 1};
    if (kind == AnswerKind::Deny) return {Verdict::Denied, i + 1};
    if (kind == AnswerKind::Unauthorized) return {identity ? Verdict::Unauthorized : Verdict::Denied, i + 1};
    if (identity && kind == AnswerKind::Abstain) return {Verdict::NotAllowed, i + 1};
    identity_allowed = identity_allowed || identity;
    if (parts[i].category == Category::Resource) {
      resource_there = true;
      resource_allowed = resource_allowed || kind == AnswerKind::Allow;
    }
  }
  if (has_identity) return {identity_allowed ? Verdict::Allowed : Verdict::NotAllowed, parts.size()};
  if (resource_there) return {resource_allowed ? Verdict::Allowed : Verdict::NotAllowed, parts.size()};
  return {Verdict::Allowed, parts.size()};
}

TEST(ChainProperty, DecidesAsTheRulesSayHoweverAnswersCome) {
  std::mt19937 engine(20261122);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine); };
  const IdentitySource absent = *IdentitySource::parse(ApiType::Http, "$request.header.X-Absent");
  std::array<int, 5> verdicts{};
  int cancelled = 0;
  AccessPlan plan;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Part> parts;
    const auto part = [&](Category category) {
      // Mostly answers that let the chain go on.
      const AnswerKind kind = below(5) == 0 ? static_cast<AnswerKind>(below(5)) : AnswerKind::Allow;
      static constexpr Manner kManners[] = {Manner::AtOnce,      Manner::AtOnce, Manner::AtOnce, Manner::Later,
                                            Manner::Later,       Manner::Later,  Manner::AtOnce, Manner::Later,
                                            Manner::AtOnce,      Manner::Later,  Manner::Never,  Manner::TwiceAtOnce,
                                            Manner::SourceAbsent};
      parts.push_back({category, kind, kManners[below(std::size(kManners))]});
    };
    for (std::size_t n = below(3); n > 0; --n) part(Category::Network);
    for (std::size_t n = below(3); n > 0; --n) part(Category::Resource);
    const bool has_identity = below(3) != 0;
    if (has_identity && below(20) != 0) part(Category::Identity);

    std::vector<std::unique_ptr<FakeAuthorizer>> authorizers;
    plan.steps.clear();
    plan.has_identity = has_identity;
    for (const Part& p : parts) {
      authorizers.push_back(std::make_unique<FakeAuthorizer>("a", p.category));
      if (p.manner == Manner::AtOnce) authorizers.back()->answers_at_once({say(p.kind)});
      if (p.manner == Manner::TwiceAtOnce) authorizers.back()->answers_at_once({say(p.kind), say(AnswerKind::Allow)});
      Step step;
      step.authorizer = authorizers.back().get();
      if (p.manner == Manner::SourceAbsent) {
        step.identity_sources.push_back(absent);
        step.require_identity_sources = true;
      }
      plan.steps.push_back(std::move(step));
    }
    const auto speak_out_of_turn = [&](std::size_t before) {
      // Whoever was asked before says something more, always in favour.
      for (std::size_t i = 0; i < before; ++i)
        if (below(3) == 0)
          for (Question* q : authorizers[i]->questions) q->answered(say(AnswerKind::Allow));
    };

    Request r;
    r.start(plan);
    std::size_t waits = 0;
    bool gone = false;
    while (r.chain.pending()) {
      ASSERT_EQ(r.decisions, 0);
      ASSERT_EQ(r.waits.size(), ++waits);
      std::size_t at = authorizers.size();
      while (at > 0 && authorizers[at - 1]->asked == 0) --at;
      ASSERT_GT(at, 0u);
      speak_out_of_turn(at - 1);
      if (below(50) == 0) {
        r.chain.cancel();
        gone = true;
        break;
      }
      if (parts[at - 1].manner == Manner::Never)
        r.chain.expire();
      else
        authorizers[at - 1]->answer(say(parts[at - 1].kind));
    }
    speak_out_of_turn(authorizers.size());
    r.chain.expire();
    if (gone) {
      ASSERT_EQ(r.decisions, 0);
      ++cancelled;
      continue;
    }
    const Expected expected = by_rules(parts, has_identity);
    ASSERT_EQ(r.decisions, 1);
    ASSERT_EQ(r.last->verdict, expected.verdict) << "round " << round;
    ASSERT_EQ(r.trace.records().size(), expected.reached);
    for (std::size_t i = 0; i < parts.size(); ++i)
      ASSERT_EQ(authorizers[i]->asked, i < expected.reached && parts[i].manner != Manner::SourceAbsent ? 1 : 0);
    ++verdicts[static_cast<std::size_t>(expected.verdict)];
  }
  for (const int count : verdicts) EXPECT_GT(count, 1'000);
  EXPECT_GT(cancelled, 500);
}

}  // namespace
}  // namespace gatehouse::access
