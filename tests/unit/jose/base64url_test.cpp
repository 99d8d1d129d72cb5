#include "gatehouse/kit/jose/base64url.hpp"

#include <gtest/gtest.h>

namespace gatehouse::kit::jose {
namespace {

TEST(Base64Url, JW_65_ReadsAndWritesWithoutPadding) {
  const struct {
    std::string_view bytes, text;
  } cases[] = {
      {"", ""},
      {"f", "Zg"},
      {"fo", "Zm8"},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg"},
      {"fooba", "Zm9vYmE"},
      {"foobar", "Zm9vYmFy"},  // RFC 4648, section 10
      {"\xfb\xff", "-_8"},
      {"\xff\xff\xff", "____"},
      {{"\0\0\0\0", 4}, "AAAAAA"},
      {{"\x03\xec\xff\xe0\xc1", 5}, "A-z_4ME"},  // RFC 7515, appendix C
  };
  for (const auto& c : cases) {
    EXPECT_EQ(encode_base64url(c.bytes), c.text);
    EXPECT_EQ(decode_base64url(c.text), c.bytes) << c.text;
  }
}

TEST(Base64Url, JW_65_RefusesEveryOtherSpelling) {
  for (const std::string_view text :
       {"Zg==", "Zg=",   "Zm8=", "=",  "Zm9v====", "Zm+v", "Zm/v", "Zm 9v",     "Zm9v\n",    "\tZm9v",
        " ",    "Zm9vY", "A",    "Zh", "Zn",       "Zm9",  "Zm-",  "Z\xc3\xb6", "Zm9v.Zm9v", "Zm9v#"})
    EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
  EXPECT_EQ(decode_base64url({"Zm9\0", 4}), std::nullopt);
  EXPECT_EQ(decode_base64url({"Zg\0", 3}), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::kit::jose
