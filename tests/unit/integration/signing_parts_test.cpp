#include "integration/signing_parts.hpp"

#include <gtest/gtest.h>

namespace gatehouse::integration {
namespace {

TEST(SigningParts, S10_WhatOfTheQueryIsTakenOut) {
  base::Arena arena;
  const std::pair<std::string_view, std::string_view> kRows[] = {
      {"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb&X-Amz-Date=1&X-Amz-Expires=60&X-Amz-Security-Token=t&"
       "X-Amz-SignedHeaders=host&X-Amz-Signature=0",
       ""},
      {"a=1&X-Amz-Algorithm=x&b=2&X-Amz-Signature=0&a=1", "a=1&b=2&a=1"},
      {"X%2DAmz-Credential=c&%58-Amz-Date=d&x=1", "x=1"},
      {"x-amz-date=1&X-Amz-Other=2&X-Amz-Dates=3&X-Amz-Dat=4", "x-amz-date=1&X-Amz-Other=2&X-Amz-Dates=3&X-Amz-Dat=4"},
      {"flag&X-Amz-Signature&=v&", "flag&=v&"},
      {"", ""},
  };
  for (const auto& [query, left] : kRows) EXPECT_EQ(without_signature(query, arena), left) << query;
}

TEST(SigningParts, S1_AQueryIsSignedByItsAlgorithm) {
  EXPECT_TRUE(is_presigned("a=b&X-Amz-Algorithm=x"));
  EXPECT_TRUE(is_presigned("X%2dAmz-Algorithm"));
  EXPECT_FALSE(is_presigned("X-Amz-Signature=0&X-Amz-Credential=a"));
  EXPECT_FALSE(is_presigned("a=X-Amz-Algorithm"));
}

TEST(SigningParts, S10_WhichHeadersStayHere) {
  const auto stays = [](const char* name, bool rest, SigningParts parts) {
    const std::string_view text(name);
    return stays_here(parts, {text, "v", http::header_id(text), false, false}, rest);
  };
  const SigningParts by_default{true, false, false}, all{true, false, true}, token{true, true, false}, nobody{};
  EXPECT_TRUE(stays("Authorization", true, by_default));
  EXPECT_FALSE(stays("Authorization", false, by_default)) << "an HTTP API hands it on";
  EXPECT_TRUE(stays("X-Amz-Security-Token", false, by_default));
  EXPECT_FALSE(stays("x-amz-security-token", true, token));
  EXPECT_FALSE(stays("X-Amz-Date", true, by_default));
  for (const char* name : {"authorization", "x-amz-date", "X-Amz-Content-Sha256", "x-amz-security-token"}) {
    EXPECT_TRUE(stays(name, false, all)) << name;
    EXPECT_FALSE(stays(name, true, nobody)) << name;
  }
  EXPECT_FALSE(stays("x-amz-meta-a", true, all));
}

}  // namespace
}  // namespace gatehouse::integration
