#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace gatehouse::base {
namespace {

TEST(Base64, EncodesAsRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64(std::string_view("\xff\xff\xfe", 3)), "///+");
}

TEST(Base64, DecodesStrictly) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("aGVsbG8="), "hello");
  EXPECT_EQ(decode_base64("aGVsbG8"), "hello");
  EXPECT_EQ(decode_base64("YQ=="), "a");
  EXPECT_EQ(decode_base64("//79"), "\xff\xfe\xfd");
  for (const char* text : {"a", "YQ=", "YQ===", "Y=Q=", "Y Q=", "YR==", "aGVsbG9=", "-_79", "=", "===="})
    EXPECT_FALSE(decode_base64(text)) << text;
}

}  // namespace
}  // namespace gatehouse::base
