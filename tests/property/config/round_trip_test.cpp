// A configuration, written as YAML in any spelling, is read as the same configuration.
#include <gtest/gtest.h>

#include <cstdlib>

#include "config/load.hpp"
#include "emit.hpp"
#include "random_config.hpp"

namespace gatehouse::config {
namespace {

TEST(RoundTrip, AnySpellingIsReadAsTheSameConfiguration) {
  const char* given = std::getenv("GATEHOUSE_PROPERTY_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::atoi(given)) : 20'261;
  std::mt19937 random(seed);
  std::size_t routes = 0, authorizers = 0;
  for (int round = 0; round < 400; ++round) {
    const Config config = random_config(random);
    const std::string text = emit(config, &random);
    Diagnostics diagnostics;
    const auto read = load_text(text, "random.yaml", ".", diagnostics);
    std::string said;
    for (const Error& error : diagnostics.errors()) said += error.what() + "\n";
    ASSERT_TRUE(read) << "seed " << seed << " round " << round << "\n" << said << text;
    ASSERT_EQ(emit(*read, nullptr), emit(config, nullptr)) << "seed " << seed << " round " << round << "\n" << text;
    for (const Api& api : config.apis) routes += api.routes.size();
    authorizers += config.authorizers.size();
  }
  EXPECT_GT(routes, 400u) << "the maker makes too little";
  EXPECT_GT(authorizers, 400u);
}

// What emit() without chance writes is itself a file: the second reading gives the first.
TEST(RoundTrip, CanonicalTextIsAFixedPoint) {
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    const std::string text = emit(random_config(random), nullptr);
    Diagnostics diagnostics;
    const auto read = load_text(text, "random.yaml", ".", diagnostics);
    ASSERT_TRUE(read) << (diagnostics.ok() ? "" : diagnostics.errors()[0].what()) << text;
    ASSERT_EQ(emit(*read, nullptr), text);
  }
}

}  // namespace
}  // namespace gatehouse::config
