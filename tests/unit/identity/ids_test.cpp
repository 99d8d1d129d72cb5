#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "identity/session.hpp"

namespace gatehouse::identity {
namespace {

TEST(Ids, STS_4_HaveTheirPrefixAndLength) {
  base::SystemRandom random;
  struct Case {
    const char* prefix;
    std::size_t letters;
  };
  for (const Case& one :
       {Case{"AKIA", 16}, Case{"ASIA", 16}, Case{"AIDA", 17}, Case{"AROA", 17}, Case{"AGPA", 17}, Case{"ANPA", 17}}) {
    const std::string id = new_id(one.prefix, random);
    const std::regex form(std::string(one.prefix) + "[A-Z2-7]{" + std::to_string(one.letters) + "}");
    EXPECT_TRUE(std::regex_match(id, form)) << id;
  }
}

TEST(Ids, STS_4_SecretsAreFortyCharactersOfBase64) {
  base::SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const base::Secret secret = new_secret(random);
    const std::string text(secret.reveal());
    ASSERT_TRUE(std::regex_match(text, std::regex("[A-Za-z0-9+/]{40}"))) << text;
    ASSERT_TRUE(seen.insert(text).second);
  }
}

TEST(Ids, UseEveryLetterAboutEquallyOften) {
  base::SystemRandom random;
  std::array<int, 256> count{};
  for (int i = 0; i < 2000; ++i)
    for (const char c : new_id("AKIA", random).substr(4)) ++count[static_cast<unsigned char>(c)];
  for (const char c : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")) {  // 1000 of each on average
    EXPECT_GT(count[static_cast<unsigned char>(c)], 800) << c;
    EXPECT_LT(count[static_cast<unsigned char>(c)], 1200) << c;
  }
}

}  // namespace
}  // namespace gatehouse::identity
