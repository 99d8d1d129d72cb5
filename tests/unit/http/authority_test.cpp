#include <gtest/gtest.h>

#include <string>

#include "http/parser.hpp"

namespace gatehouse::http {
namespace {

TEST(Authority, TakesNamesAndAddresses) {
  for (const std::string_view text :
       {"a", "localhost", "api.example.com", "API.Example.COM.", "a_b-c~d", "a:80", "a:1", "a:65535", "a:00080",
        "10.1.2.3", "10.1.2.3:8080", "[::1]", "[::1]:443", "[2001:db8::7]", "[::ffff:10.1.2.3]:80",
        "xn--bcher-kva.example", "0.0.0.0=5000", "a!$&'()*+,;=b"})
    EXPECT_TRUE(is_valid_authority(text)) << text;
  EXPECT_TRUE(is_valid_authority(std::string(255, 'a')));
}

TEST(Authority, RefusesTheRest) {
  for (const std::string_view text : {"",
                                      ":",
                                      ":80",
                                      "a:",
                                      "a:0",
                                      "a:65536",
                                      "a:99999",
                                      "a:100000",
                                      "a:-1",
                                      "a:+1",
                                      "a:8 0",
                                      "a:80:80",
                                      "a b",
                                      " a",
                                      "a ",
                                      "a/b",
                                      "a?b",
                                      "a#b",
                                      "u@a",
                                      "u:p@a",
                                      "a\\b",
                                      "a%41",
                                      "a%2e",
                                      "::1",
                                      "[::1",
                                      "::1]",
                                      "[]",
                                      "[]:80",
                                      "[::1]80",
                                      "[::1]:",
                                      "[::1]a",
                                      "[10.1.2.3]",
                                      "[::1%25eth0]",
                                      "[fe80::1%eth0]",
                                      "[v1.a]",
                                      "[:::]",
                                      "[1:2]",
                                      "a[::1]",
                                      "[[::1]]",
                                      "<a>",
                                      "\"a\"",
                                      "a|b",
                                      "{a}",
                                      "a^b",
                                      "a`b",
                                      "b\xc3\xbc"
                                      "cher.example",
                                      "a\t",
                                      "a\r",
                                      "a\x7f"})
    EXPECT_FALSE(is_valid_authority(text)) << text;
  EXPECT_FALSE(is_valid_authority(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_valid_authority(std::string(256, 'a')));
}

}  // namespace
}  // namespace gatehouse::http
