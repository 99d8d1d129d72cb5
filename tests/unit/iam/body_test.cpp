#include "iam/body.hpp"

#include <gtest/gtest.h>

#include "signed.hpp"

namespace gatehouse::iam::test {
namespace {

bool may(std::vector<std::pair<const char*, const char*>> headers, const char* version = "1.1") {
  gt::TestRequest request = gt::request("GET", "/");
  request.http_version = version;
  for (const auto& [name, value] : headers) request.header(name, value);
  const gt::ShownRequest shown(request, GH_NEED_HEADERS);
  return may_have_body(Request(&shown.c));
}

TEST(IamBody, S35_WhoAsksForTheHash) {
  EXPECT_FALSE(may({}));
  EXPECT_FALSE(may({{"content-length", "0"}, {"connection", "keep-alive"}}));
  EXPECT_FALSE(may({{"connection", "Upgrade, Keep-Alive ,\tCLOSE"}}));
  EXPECT_FALSE(may({}, "1.0"));
  EXPECT_TRUE(may({{"content-length", "1"}}));
  EXPECT_TRUE(may({{"content-length", "00"}}));
  EXPECT_TRUE(may({{"transfer-encoding", "chunked"}}));
  // These lines frame the message, but are not shown: nobody must take their absence for an empty body.
  EXPECT_TRUE(may({{"connection", "content-length"}}));
  EXPECT_TRUE(may({{"connection", "close, Transfer-Encoding"}}));
  EXPECT_TRUE(may({{"connection", "close"}, {"connection", "x"}}));
  EXPECT_TRUE(may({}, "2"));
}

TEST(IamBody, S35_ABodyBehindAHiddenLengthIsHashed) {
  Gate g;
  gt::TestRequest hidden = Asked().sent();
  hidden.header("connection", "content-length").with_body("not signed");
  const auto a = g.h.authorize(hidden);
  EXPECT_TRUE(a.denied());
  EXPECT_EQ(g.count("mismatch"), 1u);
}

}  // namespace
}  // namespace gatehouse::iam::test
