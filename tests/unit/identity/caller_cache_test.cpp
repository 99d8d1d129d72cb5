#include "identity/caller_cache.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace gatehouse::identity {
namespace {

// Spec sigv4 section 14.
TEST(SigningKey, S14_TheKeyOfTheVectors) {
  SigningKey key{};
  ASSERT_TRUE(
      derive_signing_key("gatehouse/test/secret+key/0123456789ABCD", "20260115", "us-east-1", "execute-api", key));
  EXPECT_EQ(base::hex({reinterpret_cast<const char*>(key.data()), key.size()}),
            "5910c2015d8995d4342712196a29364756249922b8d0d369d2ae20f06012bace");
}

TEST(CallerCache, KeepsFourSigningKeysOfAKey) {
  CallerCache cache(2, 2);
  CallerCache::Entry fresh;
  fresh.key = "AKIA";
  fresh.credentials.status = KeyStatus::Ok;
  CallerCache::Entry& entry = cache.keep(std::move(fresh));
  for (int day = 10; day < 20; ++day)
    ASSERT_NE(CallerCache::derive(entry, "s", "202601" + std::to_string(day), "r", "s"), nullptr);
  EXPECT_EQ(entry.derived.size(), CallerCache::kMostDerived);
  SigningKey expected{};
  ASSERT_TRUE(derive_signing_key("s", "20260110", "r", "s", expected));
  EXPECT_EQ(*CallerCache::derive(entry, "s", "20260110", "r", "s"), expected);
}

TEST(CallerCache, TheLeastRecentlyUsedGoesFirst) {
  CallerCache cache(2, 2);
  const auto keep = [&](const char* name) {
    CallerCache::Entry entry;
    entry.key = name;
    entry.credentials.status = KeyStatus::Ok;
    cache.keep(std::move(entry));
  };
  keep("a");
  keep("b");
  EXPECT_NE(cache.find("a", 0, 0), nullptr);
  keep("c");
  EXPECT_EQ(cache.find("b", 0, 0), nullptr);
  EXPECT_NE(cache.find("a", 0, 0), nullptr);
  EXPECT_EQ(cache.find("a", 1, 0), nullptr) << "another version of the store";
  EXPECT_EQ(cache.size(), 1u);
}

TEST(CallerCache, IdsAndTokensDoNotRunIntoOneAnother) {
  std::string a, b, c;
  CallerCache::key_of("AB", "C", a);
  CallerCache::key_of("A", "BC", b);
  CallerCache::key_of("ABC", std::nullopt, c);
  EXPECT_NE(a, b);
  EXPECT_NE(a, c);
  CallerCache::key_of("ABC", "", b);
  EXPECT_NE(b, c);
}

}  // namespace
}  // namespace gatehouse::identity
