// What `gatehouse sign` reads: profiles, and canonical requests of others.
#include <gtest/gtest.h>

#include "app/sign_command_compare.hpp"
#include "app/sign_command_keys.hpp"

namespace gatehouse::app {
namespace {

constexpr const char* kFile =
    "# comment\n\n[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key=a/b+c==\n\n"
    "[ other ]\r\naws_access_key_id=AKIDOTHER\r\naws_secret_access_key = s \r\naws_session_token = t/+=\r\nregion = "
    "eu-west-1\r\n"
    "unknown = x\n[empty]\n";

TEST(SignKeys, ProfilesOfACredentialsFile) {
  const auto other = read_profile(kFile, "other");
  ASSERT_TRUE(other && *other);
  EXPECT_EQ((*other)->id, "AKIDOTHER");
  EXPECT_EQ((*other)->secret.reveal(), "s");
  EXPECT_EQ((*other)->session_token.reveal(), "t/+=");
  EXPECT_EQ((*other)->region, "eu-west-1");
  const auto first = read_profile(kFile, "default");
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->secret.reveal(), "a/b+c==");
  EXPECT_TRUE((*first)->session_token.empty());
  const auto none = read_profile(kFile, "none");
  EXPECT_TRUE(none && !*none);
  const auto empty = read_profile(kFile, "empty");
  EXPECT_TRUE(empty && *empty && (*empty)->id.empty());
  EXPECT_EQ(read_profile("[a]\nnonsense\n", "b").error().text, "line 2 is neither `[profile]` nor `name = value`");
}

TEST(SignKeys, HalfAKeyIsNone) {
  GivenAccessKey given;
  given.id = "AKID";
  EXPECT_EQ(find_access_key(given).error().text, "--access-key-id needs --secret-access-key");
  given = {};
  given.secret = "s";
  EXPECT_EQ(find_access_key(given).error().text, "--secret-access-key needs --access-key-id");
  given.id = "AKID";
  given.region = "eu-west-3";
  const auto key = find_access_key(given);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->region, "eu-west-3");
}

constexpr const char* kHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string canonical(std::string_view path = "/p", std::string_view query = "a=1",
                      std::string_view headers = "host:h\nx-amz-date:20260115T101530Z\n",
                      std::string_view names = "host;x-amz-date", std::string_view hash = kHash) {
  return std::string("GET\n").append(path).append("\n").append(query).append("\n").append(headers).append("\n").append(
             names) +
         "\n" + std::string(hash);
}

TEST(SignCompare, WhereACanonicalRequestIsFound) {
  const std::string wanted = canonical();
  const std::string message =
      "The request signature we calculated does not match.\n\nThe Canonical String for this request should have "
      "been\n'" +
      wanted + "'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\nx'\n";
  std::string json = "{\"message\":\"";
  for (const char c : message) json += c == '\n' ? std::string("\\n") : std::string(1, c);
  for (const std::string& text :
       {wanted, "\n" + wanted + "\n", "CanonicalRequest:\n" + wanted, message, json + "\"}"}) {
    const auto found = canonical_request_in(text);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(*found, wanted);
  }
  for (const std::string& text : {std::string(), std::string("{\"message\":\"Forbidden\"}"), std::string("GET\n/\n"),
                                  message.substr(0, message.find("The String"))})
    EXPECT_FALSE(canonical_request_in(text)) << text;
}

kit::sigv4::Unsigned request(std::string path = "/p", std::string query = "a=1") {
  kit::sigv4::Unsigned out;
  out.host = "h";
  out.path = std::move(path);
  out.raw_query = std::move(query);
  return out;
}

TEST(SignCompare, TheSameIsTheSame) {
  const auto both = compare_canonical(canonical(), request());
  ASSERT_TRUE(both);
  EXPECT_TRUE(both->same());
  EXPECT_TRUE(both->hints.empty());
  // What only the signer knows is taken over.
  const auto presigned = compare_canonical(
      canonical("/p", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb&a=1", "host:h\n", "host"), request());
  ASSERT_TRUE(presigned);
  EXPECT_TRUE(presigned->same());
}

TEST(SignCompare, WhatDiffersIsTold) {
  const struct {
    std::string theirs;
    kit::sigv4::Unsigned ours;
    const char *part, *hint;
  } cases[] = {
      {canonical("/caf%C3%A9"), request("/caf%C3%A9"), "path", "path: theirs is encoded once."},
      {canonical("/a/b"), request("/a//b"), "path", "path: theirs is without `//`"},
      {canonical("/p", "a=*"), request("/p", "a=*"), "query", "query: everything but letters"},
      {canonical("/p", "b=1&a=1"), request("/p", "b=1&a=1"), "query", "query: parameters are sorted"},
      {canonical("/p", "a=1&b=2"), request("/p", "a=1"), "query", "query: another number"},
      {canonical("/p", "a=1", "accept:x\nhost:h\n", "accept;host"), request(), "header accept",
       "header accept: not given here"},
      {canonical("/p", "a=1", "host:other\n", "host"), request(), "header host", ""},
      {canonical("/p", "a=1", "host:h\n", "host", "UNSIGNED-PAYLOAD"), request(), "body hash",
       "body hash: theirs is UNSIGNED-PAYLOAD"},
      {canonical("/p", "a=1", "host:h\n", "host", std::string(64, '0')), request(), "body hash",
       "body hash: theirs is of a body"},
  };
  for (const auto& c : cases) {
    const auto both = compare_canonical(c.theirs, c.ours);
    ASSERT_TRUE(both) << c.part;
    EXPECT_FALSE(both->same());
    for (const auto& line : both->lines) EXPECT_EQ(!line.same(), line.part == c.part) << line.part;
    const std::string hint = both->hints.empty() ? "" : both->hints.front();
    EXPECT_EQ(hint.substr(0, std::string(c.hint).size()), c.hint) << c.part << hint;
    EXPECT_EQ(hint.empty(), *c.hint == '\0') << hint;
  }
}

}  // namespace
}  // namespace gatehouse::app
