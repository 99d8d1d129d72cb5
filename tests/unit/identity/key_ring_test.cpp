#include "identity/key_ring.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "base/base64.hpp"
#include "unit/identity/store_support.hpp"

namespace gatehouse::identity {
namespace {

using testing::ring_of;
using Purpose = KeyRing::Purpose;

const std::string kKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

struct BadText {
  const char* name;
  std::string text;
  Code code;
};
void PrintTo(const BadText& text, std::ostream* out) {
  *out << text.name;
}
class KeyRingText : public ::testing::TestWithParam<BadText> {};

TEST_P(KeyRingText, Refuses) {
  const auto ring = KeyRing::parse(GetParam().text);
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().code, GetParam().code) << ring.error().text;
  EXPECT_EQ(ring.error().text.find("AAECAw"), std::string::npos) << "a message shows the key";
}
INSTANTIATE_TEST_SUITE_P(
    All, KeyRingText,
    ::testing::Values(BadText{"empty", "", Code::Invalid}, BadText{"comments", "# a\n\n  \n", Code::Invalid},
                      BadText{"no_id", kKey, Code::Invalid}, BadText{"upper_id", "K1 " + kKey, Code::Invalid},
                      BadText{"long_id", "abcdefghijklmnopq " + kKey, Code::Invalid},
                      BadText{"id_with_dot", "a.b " + kKey, Code::Invalid},
                      BadText{"short_key", "k1 AAECAwQFBgcICQoLDA0ODw==", Code::Invalid},
                      BadText{"long_key", "k1 " + base::base64(std::string(32, 'a') + "b"), Code::Invalid},
                      BadText{"not_base64", "k1 AAECAw*", Code::Invalid},
                      BadText{"third_word", "k1 " + kKey + " more", Code::Invalid},
                      BadText{"zeroes", "k1 " + base::base64(std::string(32, '\0')), Code::Refused},
                      BadText{"twice", "k1 " + kKey + "\nk1 " + kKey, Code::Conflict},
                      BadText{"huge", std::string(70'000, '#'), Code::Limit}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(KeyRing, ReadsItsTextForm) {
  const auto ring = KeyRing::parse("# the new one\r\n  2026-b \t" + kKey + "  \r\n\n2025-a " +
                                   base::base64("01234567890123456789012345678901"));
  ASSERT_TRUE(ring) << ring.error().text;
  EXPECT_EQ(ring->current(), "2026-b");
}

TEST(KeyRing, OpensWhatItSealed) {
  base::SystemRandom random;
  const KeyRing ring = ring_of({"k1"});
  for (const std::string& plain : {std::string(), std::string("x"), std::string(5000, 'y'), std::string("\0\xff", 2)}) {
    const std::string sealed = ring.seal(Purpose::AtRest, plain, "bound", random);
    EXPECT_EQ(KeyRing::key_id(sealed), "k1");
    const auto opened = ring.open(Purpose::AtRest, sealed, "bound");
    ASSERT_TRUE(opened) << opened.error().text;
    EXPECT_EQ(opened->reveal(), plain);
  }
}

TEST(KeyRing, NeverSealsTheSameTwiceAlike) {
  base::SystemRandom random;
  const KeyRing ring = ring_of({"k1"});
  EXPECT_NE(ring.seal(Purpose::AtRest, "x", "b", random), ring.seal(Purpose::AtRest, "x", "b", random));
}

TEST(KeyRing, RefusesEveryFlippedBit) {
  base::SystemRandom random;
  const KeyRing ring = ring_of({"k1", "k2"});
  const std::string sealed = ring.seal(Purpose::AtRest, "secret", "bound", random);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      ASSERT_FALSE(ring.open(Purpose::AtRest, changed, "bound")) << i << "." << bit;
    }
  }
}

TEST(KeyRing, RefusesEveryShortenedText) {
  base::SystemRandom random;
  const KeyRing ring = ring_of({"k1"});
  const std::string sealed = ring.seal(Purpose::Session, "secret", "bound", random);
  for (std::size_t size = 0; size < sealed.size(); ++size)
    ASSERT_FALSE(ring.open(Purpose::Session, sealed.substr(0, size), "bound")) << size;
  EXPECT_FALSE(ring.open(Purpose::Session, sealed + "x", "bound"));
}

TEST(KeyRing, RefusesAnotherPurposeAndAnotherBinding) {
  base::SystemRandom random;
  const KeyRing ring = ring_of({"k1"});
  const std::string sealed = ring.seal(Purpose::Session, "secret", "AKIA1", random);
  const auto purpose = ring.open(Purpose::AtRest, sealed, "AKIA1");
  ASSERT_FALSE(purpose);
  EXPECT_EQ(purpose.error().code, Code::Invalid);
  EXPECT_FALSE(ring.open(Purpose::Session, sealed, "AKIA2"));
  EXPECT_FALSE(ring.open(Purpose::Session, sealed, ""));
}

TEST(KeyRing, RotatesAndTellsAMissingKey) {
  base::SystemRandom random;
  const std::string sealed = ring_of({"old"}).seal(Purpose::Session, "secret", "b", random);
  const KeyRing both = ring_of({"new", "old"});
  EXPECT_EQ(both.current(), "new");
  EXPECT_TRUE(both.open(Purpose::Session, sealed, "b"));
  EXPECT_EQ(KeyRing::key_id(both.seal(Purpose::Session, "x", "b", random)), "new");
  const auto gone = ring_of({"new"}).open(Purpose::Session, sealed, "b");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::NotFound);
  EXPECT_THAT(gone.error().text, ::testing::HasSubstr("`old`"));
}

TEST(KeyRing, AnEmptyRingOpensNothing) {
  base::SystemRandom random;
  const std::string sealed = ring_of({"k1"}).seal(Purpose::Session, "secret", "b", random);
  EXPECT_FALSE(KeyRing().open(Purpose::Session, sealed, "b"));
  EXPECT_EQ(KeyRing().current(), "");
}

TEST(KeyRing, GeneratesALineThatItReads) {
  base::SystemRandom random;
  const base::Secret line = KeyRing::generate(random, 1'795'000'000);  // 2026-11-18
  const std::string text(line.reveal());
  EXPECT_TRUE(std::regex_match(text, std::regex("20261118-[a-z]{4} [A-Za-z0-9+/]{43}=\n"))) << text;
  ASSERT_TRUE(KeyRing::parse(text));
  EXPECT_NE(KeyRing::generate(random, 1'795'000'000).reveal(), line.reveal());
}

// Sealed by another implementation of the same form (HKDF-SHA256, AES-256-GCM): what is at rest has to stay readable.
TEST(KeyRing, OpensWhatAnotherImplementationSealed) {
  const KeyRing ring = KeyRing::parse("k1 " + kKey).value();
  const auto sealed = base::decode_base64("AQJrMWRlZmdoaWprbG1ub/VqKxY1CeWkRb2yPpPxyWklZtXntavBUldH8+2OY7bwMTQ=");
  ASSERT_TRUE(sealed);
  const auto opened = ring.open(Purpose::AtRest, *sealed, "bound");
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_EQ(opened->reveal(), "a secret from 2026");
}

}  // namespace
}  // namespace gatehouse::identity
