#include "identity/session_form.hpp"

#include <gtest/gtest.h>

#include "sessions.hpp"

namespace gatehouse::identity {
namespace {

TEST(SessionForm, KeepsWhatASessionHolds) {
  const Session session = full_session();
  const auto back = unpack(pack(session).reveal());
  ASSERT_TRUE(back) << back.error().text;
  expect_same(session, *back);
  EXPECT_TRUE(back->access_key_id.empty()) << "the token is bound to it instead";
  const auto bare = unpack(pack(Session{}).reveal());
  ASSERT_TRUE(bare) << bare.error().text;
  expect_same(Session{}, *bare);
}

TEST(SessionForm, RefusesWhatIsCutShortOrFollowedBySomething) {
  const base::Secret packed = pack(full_session());
  const std::string whole(packed.reveal());
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(unpack(std::string_view(whole).substr(0, size))) << size;
  EXPECT_FALSE(unpack(whole + '\0'));
  EXPECT_FALSE(unpack(whole + whole));
}

TEST(SessionForm, RefusesOtherVersionsKindsAndFlags) {
  const std::string whole(pack(full_session()).reveal());
  const auto with = [&](std::size_t at, int byte) {
    std::string out = whole;
    out[at] = static_cast<char>(byte);
    return out;
  };
  EXPECT_TRUE(unpack(whole));
  for (const int version : {0, 2, 0xff}) EXPECT_FALSE(unpack(with(0, version))) << version;
  EXPECT_FALSE(unpack(with(1, 4)));
  EXPECT_FALSE(unpack(with(2, 8)));
}

TEST(SessionForm, EveryFormIsTheOnlyOne) {
  // Whatever bytes are taken, packing what they say gives them again.
  const std::string whole(pack(full_session()).reveal());
  std::size_t taken = 0;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int flip : {0x01, 0x40, 0x80}) {
      std::string other = whole;
      other[at] = static_cast<char>(other[at] ^ flip);
      const auto read = unpack(other);
      if (!read) continue;
      ++taken;
      EXPECT_EQ(pack(*read).reveal(), other) << at;
    }
  EXPECT_GT(taken, 100u);
  // A number that is longer than it needs to be: the length of the secret, 40, as two bytes.
  ASSERT_EQ(whole[3], 40);
  std::string longer = whole;
  longer[3] = static_cast<char>(40 | 0x80);
  longer.insert(4, 1, '\0');
  EXPECT_FALSE(unpack(longer));
}

TEST(SessionForm, ListsAreBounded) {
  Session session = full_session();
  session.transitive_tag_keys.assign(65, "k");
  EXPECT_FALSE(unpack(pack(session).reveal()));
}

TEST(SessionForm, CountsWhatTagsAndPoliciesTake) {
  Session session;
  session.secret = base::Secret(std::string(40, 's'));
  session.name = "job";
  EXPECT_EQ(packed_bytes(session), 0u);
  const std::size_t before = pack(session).reveal().size();
  session.tags = {{"team", "blue"}};
  session.transitive_tag_keys = {"team"};
  session.policy = "{}";
  session.policy_arns = {"arn:aws:iam::111122223333:policy/p"};
  EXPECT_EQ(packed_bytes(session), pack(session).reveal().size() - before);
}

}  // namespace
}  // namespace gatehouse::identity
