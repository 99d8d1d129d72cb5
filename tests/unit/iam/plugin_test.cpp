// plugins/iam through the C entry, in a gateway of fakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "signed.hpp"

namespace gatehouse::iam::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Iam, ASignedRequestNamesItsCaller) {
  for (const bool presigned : {false, true})
    for (const char* method : {"GET", "POST"}) {
      Gate g;
      Asked asked;
      asked.presigned = presigned;
      asked.method = method;
      if (asked.method == "POST") asked.body = R"({"id":1})";
      const auto a = g.ask(asked);
      EXPECT_TRUE(a.allowed()) << a.message() << a.reason();
      EXPECT_NE(a.caller(), 0u);
      EXPECT_EQ(a.principal(), "") << "the gateway knows him";
      EXPECT_EQ(a.path_form(), GH_PATH_NORMALISED);
      EXPECT_EQ(a.ttl(), 0);
      EXPECT_EQ(g.count("verified"), 1u);
    }
}

void expect_refused(const gt::TestAnswer& a, const char* message, const char* error_type,
                    const char* response_type = "INVALID_SIGNATURE") {
  EXPECT_TRUE(a.denied()) << a.reason();
  EXPECT_EQ(a.message(), message);
  EXPECT_EQ(a.error_type(), error_type);
  EXPECT_EQ(a.response_type(), response_type);
}

TEST(Iam, E1_UnsignedIsRefused) {
  Gate g;
  const auto a = g.h.authorize(gt::request("GET", "/"));
  expect_refused(a, "Missing Authentication Token", "MissingAuthenticationTokenException",
                 "MISSING_AUTHENTICATION_TOKEN");
  EXPECT_EQ(g.count("not_signed"), 1u);
  EXPECT_EQ(g.h.lookups(), 0u);
}

TEST(Iam, UnsignedMayBeAnonymousButOnlyUnsigned) {
  Gate g(R"({"unsigned": "anonymous"})");
  const auto a = g.h.authorize(gt::request("POST", "/"));
  EXPECT_TRUE(a.allowed());
  EXPECT_EQ(a.caller(), 0u);
  EXPECT_EQ(a.principal(), "");
  EXPECT_EQ(g.count("anonymous"), 1u);
  // A bad signature is no signature that is missing.
  EXPECT_TRUE(g.h.authorize(gt::request("POST", "/").header("authorization", "Bearer x")).denied());
  auto half = gt::request("POST", "/");
  half.raw_query = "X-Amz-Algorithm=AWS4-HMAC-SHA256";
  EXPECT_TRUE(g.h.authorize(half).denied());
  half.raw_query = "a=%";
  EXPECT_TRUE(g.h.authorize(half).denied());
  Asked wrong;
  wrong.key.secret = "wrong";
  EXPECT_TRUE(g.ask(wrong).denied());
  EXPECT_TRUE(g.ask(Asked()).allowed());
}

TEST(Iam, E4_E4b_E5_Keys) {
  constexpr const char* kE4 = "The security token included in the request is invalid.";
  constexpr const char* kE4b = "The security token included in the request is invalid";
  constexpr const char* kE5 = "The security token included in the request is expired";
  constexpr const char* kUnknown = "UnrecognizedClientException";
  Gate g;
  g.h.access_key(access_key("ASIATEMPORARY", "token/+="));
  const auto with = [](const char* id, const char* token) {
    Asked out;
    out.key = {id, kSecret, token};
    return out;
  };
  EXPECT_TRUE(g.ask(with("ASIATEMPORARY", "token/+=")).allowed());
  Asked not_signed = with("ASIATEMPORARY", "token/+=");
  not_signed.sign_token = false;
  EXPECT_TRUE(g.ask(not_signed).allowed()) << "spec 6: a header need not be signed";
  not_signed.presigned = true;
  EXPECT_TRUE(g.ask(not_signed).denied()) << "a parameter must";
  expect_refused(g.ask(with("AKIANOBODY", "")), kE4, kUnknown);
  expect_refused(g.ask(with("ASIATEMPORARY", "")), kE4, kUnknown);
  expect_refused(g.ask(with("ASIATEMPORARY", "other")), kE4b, kUnknown);
  expect_refused(g.ask(with(kKeyId, "token/+=")), kE4b, kUnknown);
  g.h.access_key(access_key("ASIATEMPORARY", "token/+=", GH_KEY_EXPIRED));
  expect_refused(g.ask(with("ASIATEMPORARY", "token/+=")), kE5, "ExpiredTokenException", "EXPIRED_TOKEN");
  g.h.access_key(access_key(kKeyId, std::nullopt, GH_KEY_INACTIVE));
  const auto inactive = g.ask(with(kKeyId, ""));
  expect_refused(inactive, kE4, kUnknown);
  EXPECT_EQ(inactive.reason(), "unknown_key: access key `AKIDGATEHOUSE0000001` is inactive");
  g.h.access_key(access_key(kKeyId, std::nullopt, 99));
  expect_refused(g.ask(with(kKeyId, "")), kE4, kUnknown);
  EXPECT_EQ(g.count("unknown_key"), 4u);
  EXPECT_EQ(g.count("bad_token"), 2u);
  EXPECT_EQ(g.count("expired_token"), 1u);
}

TEST(Iam, E4_WhatCannotBeAKeyIsNotLookedUp) {
  Gate g;
  Asked asked;
  asked.key.id = std::string(129, 'A');
  EXPECT_EQ(g.ask(asked).reason(), "unknown_key: an access key id that none can be");
  asked.key = {kKeyId, kSecret, std::string(8193, 't')};
  EXPECT_EQ(g.ask(asked).reason(), "bad_token: a session token that is too long");
  asked.key.session_token = "t";
  gt::TestRequest twice = asked.sent();
  twice.header("x-amz-security-token", "u");
  EXPECT_EQ(g.h.authorize(twice).reason(), "bad_token: several X-Amz-Security-Token headers");
  EXPECT_EQ(g.h.lookups(), 0u);
}

TEST(Iam, S7_CheapChecksComeFirst) {
  Gate g;
  Asked stale;
  stale.time_s = kNow - 301;
  stale.method = "POST";
  stale.body = "x";
  gt::TestRequest request = stale.sent();
  request.body_fails(GH_E_TOO_LARGE);
  expect_refused(g.h.authorize(request),
                 "Signature expired: 20260115T101029Z is now earlier than 20260115T101030Z (20260115T101530Z - 5 min.)",
                 "InvalidSignatureException");
  EXPECT_EQ(g.h.lookups(), 0u);
  EXPECT_EQ(g.count("expired"), 1u);
}

TEST(Iam, E16_MismatchTellsClientsWhatTheOperatorAllows) {
  Asked asked;
  asked.key.secret = "wrong";
  Gate terse;
  const auto a = terse.ask(asked);
  expect_refused(a,
                 "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                 "Access Key and signing method. Consult the service documentation for details.",
                 "InvalidSignatureException");
  EXPECT_EQ(a.reason(), "mismatch: the signature does not match");
  const auto full = Gate(R"({"error_detail": "full"})").ask(asked);
  EXPECT_THAT(full.message(), StartsWith(a.message() + "\n\nThe Canonical String for this request should have "
                                                       "been\n'GET\n/prod/pets\na=1&b=2\nhost:api.example.com\n"));
  EXPECT_THAT(full.message(),
              HasSubstr("\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260115T101530Z\n"));
  EXPECT_THAT(full.reason(), Not(HasSubstr("host:"))) << "the log is not told what headers say";
}

TEST(Iam, S32_FormsOfThePath) {
  const struct {
    const char *wire, *routed;
    bool normalised, allowed;
    std::uint32_t form;
  } cases[] = {
      {"/prod//pets", "/prod//pets", false, true, GH_PATH_NORMALISED},
      {"/prod//pets", "/prod//pets", true, true, GH_PATH_SLASHES_COLLAPSED},
      {"/prod/x/../pets", "/prod/pets", true, true, GH_PATH_NORMALISED},
      {"/prod//../pets", "/prod/pets", true, false, GH_PATH_NORMALISED},
  };
  for (const auto& c : cases) {
    Gate g;
    Asked asked;
    asked.path = c.wire;
    asked.normalised = c.normalised;
    gt::TestRequest request = asked.sent();
    request.wire_path = c.wire;
    request.path = c.routed;
    const auto a = g.h.authorize(request);
    EXPECT_EQ(a.allowed(), c.allowed) << c.wire << a.reason();
    EXPECT_EQ(a.path_form(), c.form) << c.wire;
  }
}

TEST(Iam, S35_TheBodyIsHashed) {
  Gate g;
  Asked asked;
  asked.method = "POST";
  asked.body = "hello";
  gt::TestRequest other = asked.sent();
  other.body = "hullo";
  EXPECT_TRUE(g.h.authorize(other).denied());
  EXPECT_EQ(g.count("mismatch"), 1u);
  gt::TestRequest broken = asked.sent();
  broken.body_fails(GH_E_CONNECT);
  const auto a = g.h.authorize(broken);
  EXPECT_TRUE(a.failed());
  EXPECT_EQ(a.reason(), "no connection");
  EXPECT_EQ(g.count("failed"), 1u);
}

}  // namespace
}  // namespace gatehouse::iam::test
