// What a warm verification takes from the heap: nothing.
#include <gtest/gtest.h>

#include "own_vectors.hpp"
#include "support/count_news.hpp"

namespace gatehouse::kit::sigv4::test {
namespace {

TEST(SigV4Cost, AWarmVerificationTakesNoMemory) {
  for (const OwnVector& v : own_vectors()) {
    const Verifier verifier{Rules{}};
    Workspace w;
    const Shown shown(v.sent);
    Credentials c;
    Refusal why;
    ASSERT_TRUE(verifier.read(shown.request, kNow * 1000, w, c, why));
    const Digest key = signing_key(w.hasher, kSecret, c.date, c.region, c.service);
    const Digest payload = w.hasher.sha256(v.sent.body);
    std::size_t taken = 0;
    for (int round = 0; round < 3; ++round) {
      const std::size_t before = gatehouse::test::news();
      const bool read = verifier.read(shown.request, kNow * 1000, w, c, why);
      const bool verified = verifier.match(shown.request, c, key, payload, w).verified;
      taken = gatehouse::test::news() - before;
      ASSERT_TRUE(read && verified) << v.name;
    }
    EXPECT_EQ(taken, 0u) << v.name;
  }
}

}  // namespace
}  // namespace gatehouse::kit::sigv4::test
