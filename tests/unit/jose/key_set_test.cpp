#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "gatehouse/kit/jose/key.hpp"
#include "support/jose_signer.hpp"

namespace gatehouse::kit::jose {
namespace {

using test::SigningKey;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string set_of(const std::vector<std::string>& keys) {
  std::string out = "{\"keys\":[";
  for (std::size_t i = 0; i < keys.size(); ++i) out += (i != 0 ? "," : "") + keys[i];
  return out + "]}";
}

class KeySets : public testing::Test {
 protected:
  const SigningKey a_ = SigningKey::ec("P-256"), b_ = SigningKey::ed25519();
  KeySetReport report_;
};

TEST_F(KeySets, JW_58_FindByIdAndKeepTheOrder) {
  const auto set = KeySet::parse(set_of({a_.jwk(R"("kid":"a")"), b_.jwk(R"("kid":"b \u0000")")}), report_);
  ASSERT_TRUE(set) << report_.fault;
  EXPECT_THAT(report_.ignored, IsEmpty());
  ASSERT_EQ(set->keys().size(), 2u);
  EXPECT_EQ(set->find("a"), &set->keys()[0]);
  EXPECT_EQ(set->find({"b \0", 3}), &set->keys()[1]);
  for (const char* kid : {"", "A", "b ", "../../dev/null", "' OR 1=1"}) EXPECT_EQ(set->find(kid), nullptr) << kid;
}

TEST_F(KeySets, JW_59_WhatIsNoSet) {
  const std::string good = set_of({a_.jwk(R"("kid":"a")")});
  const struct {
    std::string text;
    const char* fault;
  } cases[] = {
      {"", "malformed JSON"},
      {"<html>", "malformed JSON"},
      {good + "x", "malformed JSON"},
      {"\xef\xbb\xbf" + good, "malformed JSON"},
      {R"({"keys":[],"keys":[]})", "twice"},
      {"[" + a_.jwk(R"("kid":"a")") + "]", "no JWK set"},
      {a_.jwk(R"("kid":"a")"), "no JWK set"},
      {R"({"keys":{}})", "no JWK set"},
      {R"({"keys":null})", "no JWK set"},
      {R"({"keys":[]})", "no key that"},
      {R"({"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]})", "no key that"},
      {set_of({a_.jwk("")}), "no key that"},
      {R"({"keys":)" + std::string(20, '[') + std::string(20, ']') + "}", "nested too deep"},
      {set_of(std::vector<std::string>(501, "{}")), "more than 500 keys"},
      {good + std::string(150'000, ' '), "more than 150000 bytes"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(KeySet::parse(c.text, report_), nullptr) << c.text.substr(0, 80);
    EXPECT_THAT(report_.fault, HasSubstr(c.fault)) << c.text.substr(0, 80);
  }
  EXPECT_EQ(KeySet::parse(good, report_, good.size() - 1), nullptr);
  EXPECT_TRUE(KeySet::parse(good, report_, good.size()));
  EXPECT_EQ(report_.fault, "") << "a report is of the last set";
}

TEST_F(KeySets, JW_62_WhatIsNoKeyIsIgnoredWithALine) {
  const auto set = KeySet::parse(
      set_of({"5", R"({"kty":"oct","kid":"x","k":"AAAA"})", b_.jwk(""), a_.jwk(R"("kid":"a","use":"enc")"),
              SigningKey::rsa(1024).jwk(R"("kid":"short")"), b_.jwk(R"("kid":"b")")}),
      report_);
  ASSERT_TRUE(set) << report_.fault;
  EXPECT_EQ(set->keys().size(), 1u);
  EXPECT_TRUE(set->find("b"));
  EXPECT_EQ(set->find("short"), nullptr);
  EXPECT_THAT(report_.ignored, ElementsAre("/keys/0: no JSON object", HasSubstr("/keys/1: a shared secret"),
                                           HasSubstr("/keys/2: has no `kid`"), HasSubstr("/keys/3: its `use`"),
                                           HasSubstr("/keys/4: RSA of 1024 bits")));
}

TEST_F(KeySets, JW_69_TwoKeysOfOneIdAreOfNoUse) {
  const std::string a = a_.jwk(R"("kid":"k")"), b = b_.jwk(R"("kid":"k")"), other = b_.jwk(R"("kid":"o")");
  auto set = KeySet::parse(set_of({a, other, b}), report_);
  ASSERT_TRUE(set);
  EXPECT_EQ(set->find("k"), nullptr);
  EXPECT_TRUE(set->find("o"));
  EXPECT_THAT(report_.ignored, ElementsAre("/keys/0: another key has the same `kid` `k`",
                                           "/keys/2: another key has the same `kid` `k`"));
  EXPECT_EQ(KeySet::parse(set_of({a, b, a}), report_), nullptr);
  // The same twice is one; for another algorithm it is another.
  set = KeySet::parse(set_of({a, a, other}), report_);
  ASSERT_TRUE(set);
  EXPECT_EQ(set->keys().size(), 2u);
  EXPECT_THAT(report_.ignored, IsEmpty());
  set = KeySet::parse(set_of({a, a_.jwk(R"("kid":"k","alg":"ES256")"), other}), report_);
  ASSERT_TRUE(set);
  EXPECT_EQ(set->find("k"), nullptr);
  // One that is of no use anyway takes nothing away.
  set = KeySet::parse(set_of({a, b_.jwk(R"("kid":"k","use":"enc")")}), report_);
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->find("k"));
}

TEST_F(KeySets, SameKeysUnderTheSameIds) {
  const auto parse = [&](const std::vector<std::string>& keys) {
    auto out = KeySet::parse(set_of(keys), report_);
    EXPECT_TRUE(out) << report_.fault;
    return out;
  };
  const std::string a = a_.jwk(R"("kid":"a")"), b = b_.jwk(R"("kid":"b")");
  const auto set = parse({a, b});
  EXPECT_TRUE(set->same_as(*parse({b, a})));
  EXPECT_FALSE(set->same_as(*parse({a})));
  EXPECT_FALSE(parse({a})->same_as(*set));
  EXPECT_FALSE(set->same_as(*parse({a_.jwk(R"("kid":"b")"), b_.jwk(R"("kid":"a")")})));
  EXPECT_FALSE(set->same_as(*parse({a, b_.jwk(R"("kid":"c")")})));
  EXPECT_FALSE(set->same_as(*parse({a_.jwk(R"("kid":"a","alg":"ES256")"), b})));
}

}  // namespace
}  // namespace gatehouse::kit::jose
