#include "identity/session.hpp"

#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "sessions.hpp"

namespace gatehouse::identity {
namespace {

std::string key_line(const char* id, char byte) {
  return std::string(id) + " " + base::base64(std::string(31, byte) + "!") + "\n";
}

KeyRing ring_of(const std::string& text) {
  auto out = KeyRing::parse(text);
  EXPECT_TRUE(out) << (out ? "" : out.error().text);
  return std::move(*out);
}

class SealedSession : public ::testing::Test {
 protected:
  std::string seal(const Session& session, const KeyRing& ring) {
    auto out = seal_session(session, ring, random_);
    EXPECT_TRUE(out) << (out ? "" : out.error().text);
    return out.value_or("");
  }
  base::SystemRandom random_;
  const KeyRing ring_ = ring_of(key_line("a", 'a'));
};

TEST_F(SealedSession, OpensAsItWas) {
  const Session session = full_session();
  const std::string token = seal(session, ring_);
  EXPECT_LE(token.size(), kMaxTokenBytes);
  EXPECT_EQ(token.find("blue"), std::string::npos);
  const auto opened = open_session(token, session.access_key_id, ring_);
  ASSERT_TRUE(opened) << opened.error().text;
  expect_same(session, *opened);
  EXPECT_EQ(opened->access_key_id, session.access_key_id);
  EXPECT_NE(token, seal(session, ring_)) << "a nonce is used once";
}

TEST_F(SealedSession, STS_18_ATokenIsOfItsKeyAlone) {
  const Session session = full_session();
  const auto opened = open_session(seal(session, ring_), "ASIAQQQQQQQQQQQQQQQA", ring_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::Invalid);
}

TEST_F(SealedSession, STS_19_AFlippedBitAnywhereRefusesIt) {
  const Session session = full_session();
  const std::string token = seal(session, ring_);
  const std::string bytes = base::decode_base64(token).value();
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string other = bytes;
      other[at] = static_cast<char>(other[at] ^ (1 << bit));
      EXPECT_FALSE(open_session(base::base64(other), session.access_key_id, ring_)) << at << "." << bit;
    }
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string other = token;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(open_session(other, session.access_key_id, ring_)) << at;
  }
}

TEST_F(SealedSession, ATextThatIsNoTokenIsRefused) {
  const std::string token = seal(full_session(), ring_);
  const std::string_view id = "ASIAQQQQQQQQQQQQQQQQ";
  for (const std::string& other :
       {std::string(), std::string("A"), std::string("not base64!"), token + "AAAA", token.substr(0, token.size() - 4),
        token + "\n", " " + token, std::string(kMaxTokenBytes + 4, 'A')})
    EXPECT_FALSE(open_session(other, id, ring_)) << other.size();
}

TEST_F(SealedSession, KeysAreChangedWithoutAnySessionEndingEarly) {
  const Session session = full_session();
  const std::string before = seal(session, ring_);
  const KeyRing both = ring_of(key_line("b", 'b') + key_line("a", 'a'));
  const std::string after = seal(session, both);
  EXPECT_TRUE(open_session(before, session.access_key_id, both));
  EXPECT_TRUE(open_session(after, session.access_key_id, both));
  const KeyRing later = ring_of(key_line("b", 'b'));
  EXPECT_TRUE(open_session(after, session.access_key_id, later));
  const auto gone = open_session(before, session.access_key_id, later);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::NotFound);
  // The same id with other bytes is another key.
  EXPECT_FALSE(open_session(before, session.access_key_id, ring_of(key_line("a", 'c'))));
}

TEST_F(SealedSession, WhatDoesNotFitIsRefused) {
  Session session = full_session();
  session.policy.assign(3200, 'p');
  const auto token = seal_session(session, ring_, random_);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Code::Limit);
}

}  // namespace
}  // namespace gatehouse::identity
