// The engine against an evaluator that follows the spec word by word, over random policies and requests.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

#include "property/policy/generate.hpp"
#include "property/policy/twin.hpp"

namespace gatehouse::policy::naive {
namespace {

Generator seeded(std::uint32_t seed) {
  auto engine = std::make_shared<std::mt19937>(seed);
  return Generator([engine](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(*engine); });
}

class Evaluator : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, Evaluator, testing::Range(1u, 17u));

TEST_P(Evaluator, EveryDocumentSaysWhatTheRulesSay) {
  Generator make = seeded(GetParam());
  std::map<Effect, int> said;
  for (int i = 0; i < 1'500; ++i) {
    const Document document = make.document(i % 2 == 0, i % 50 == 0 ? 60 : 4);
    for (int k = 0; k < 4; ++k) {
      const Request request = make.request();
      ASSERT_EQ(difference(document, request), "") << "round " << i << "\n" << told(request);
      ++said[weigh(document, request).effect];
    }
  }
  // What never applies shows nothing.
  EXPECT_GT(said[Effect::Allow], 300);
  EXPECT_GT(said[Effect::Deny], 300);
  EXPECT_GT(said[Effect::None], 500);
}

TEST_P(Evaluator, AllSetsTogetherComeToWhatTheRulesSay) {
  Generator make = seeded(GetParam() + 1'000);
  std::map<std::string, int> said;
  for (int i = 0; i < 600; ++i) {
    const Sets sets = make.sets();
    for (int k = 0; k < 4; ++k) {
      const Request request = make.request();
      ASSERT_EQ(difference(sets, request), "") << "round " << i << "\n" << told(request);
      ++said[combine(sets, request)];
    }
  }
  EXPECT_GT(said["Allowed"], 100);
  EXPECT_GT(said["ExplicitlyDenied"], 300);
  EXPECT_GT(said["ImplicitlyDenied"], 300);
}

}  // namespace
}  // namespace gatehouse::policy::naive
