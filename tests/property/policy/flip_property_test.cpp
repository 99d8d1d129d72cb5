// What an explanation says would turn a decision round does: the changed request, judged by the slow evaluator.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

#include "policy/flip_text.hpp"
#include "property/policy/generate.hpp"
#include "property/policy/twin.hpp"

namespace gatehouse::policy::naive {
namespace {

class Flips : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, Flips, testing::Range(1u, 9u));

policy::Flip flip_of(const CompiledSets& sets, const policy::Question& question, const std::string& owner) {
  std::vector<Layered> layers;
  for (const auto& level : sets.spans) layers.push_back({Layer::Guardrail, level});
  layers.push_back({Layer::Endpoint, sets.endpoint});
  layers.push_back({Layer::Resource, sets.resource});
  layers.push_back({Layer::Identity, sets.identity});
  layers.push_back({Layer::Boundary, sets.boundary});
  layers.push_back({Layer::Session, sets.session});
  const auto judge = [&](const policy::Question& q) { return policy::combine(sets.all, q, owner); };
  return find_flip(question, judge(question), layers, judge);
}

/// The request as the explanation would have it.
Request changed(const Request& r, const policy::Flip& flip) {
  Request out = r;
  for (const StatementChange& s : flip.statements)
    for (const Change& c : s.changes) {
      if (c.element == Miss::Action) out.action = c.example_text;
      if (c.element == Miss::Resource) out.resources = {c.example_text};
      if (c.element != Miss::Condition || !c.example) continue;
      out.context.erase(c.example->key.lower);
      if (!c.example->texts.empty()) out.context[c.example->key.lower] = {c.example->texts, c.example->multi};
    }
  return out;
}

bool is_allowed(const Sets& sets, const Request& r) {
  return combine(sets, r) == "Allowed";
}

TEST_P(Flips, WhatIsSaidToTurnItRoundDoes) {
  auto engine = std::make_shared<std::mt19937>(GetParam());
  Generator make([engine](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(*engine); });
  std::map<policy::Flip::Kind, int> seen;
  std::map<Miss, int> by;
  for (int i = 0; i < 1'500; ++i) {
    const Sets sets = make.sets();
    const CompiledSets fast(sets);
    for (int k = 0; k < 3; ++k) {
      const Request request = make.request();
      const Asked asked(request);
      const policy::Question question = asked.question();
      const policy::Flip flip = flip_of(fast, question, request.owner);
      const std::string text = policy::text(flip, question, [](const policy::Policy&, const policy::Statement& s) {
        return "S" + std::to_string(s.index);
      });
      const bool before = is_allowed(sets, request);
      ASSERT_TRUE(before || !text.empty()) << told(request);
      ASSERT_LE(text.size(), 2'100u);
      if (!flip.flips || flip.left_out > 0) continue;
      const Request after = changed(request, flip);
      ASSERT_NE(before, is_allowed(sets, after)) << text << "\n" << told(request) << "\nchanged: " << told(after);
      ++seen[flip.kind];
      for (const StatementChange& s : flip.statements)
        for (const Change& c : s.changes) ++by[c.element];
    }
  }
  EXPECT_GT(seen[policy::Flip::Kind::Allow], 20);
  EXPECT_GT(seen[policy::Flip::Kind::Escape], 10);
  EXPECT_GT(seen[policy::Flip::Kind::Deny], 5);
  EXPECT_GT(seen[policy::Flip::Kind::Silence], 5);
  EXPECT_GT(by[Miss::Resource], 10);
  EXPECT_GT(by[Miss::Action], 5);
}

/// One condition alone, of any operator, on a key that it fits or does not: found where there is one.
TEST_P(Flips, OneConditionIsFound) {
  auto engine = std::make_shared<std::mt19937>(GetParam() + 500);
  Generator make([engine](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(*engine); });
  int denials = 0, found = 0;
  for (int i = 0; i < 2'000; ++i) {
    Sets sets;
    Document& document = sets.resource.emplace_back(make.document(true, 1));
    Statement& only = document.statements[0];
    if (only.conditions.empty()) continue;
    only.deny = only.not_action = only.not_resource = only.not_principal = false;
    only.everybody = true;
    only.principals.clear();
    only.actions = only.resources = {"*"};
    only.conditions.resize(1);
    Request request = make.request();
    request.caller = {};
    if (is_allowed(sets, request)) continue;
    ++denials;
    const CompiledSets fast(sets);
    const Asked asked(request);
    const policy::Flip flip = flip_of(fast, asked.question(), request.owner);
    ASSERT_EQ(flip.kind, policy::Flip::Kind::Allow);
    if (!flip.flips) continue;
    ASSERT_TRUE(is_allowed(sets, changed(request, flip))) << json(document) << "\n" << told(request);
    ++found;
  }
  // The others: a bare operator on a multi-valued key, a variable that nobody fills.
  EXPECT_GT(denials, 300);
  EXPECT_GT(found, denials * 7 / 10);
}

}  // namespace
}  // namespace gatehouse::policy::naive
