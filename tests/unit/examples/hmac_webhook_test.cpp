// plugins/examples/hmac_webhook, as its README describes it.
#include <gtest/gtest.h>
#include <gatehouse/testing.hpp>

namespace {

namespace gt = gatehouse::testing;
constexpr const char* kKey = "0123456789abcdef0123456789abcdef";
constexpr const char* kNow = "1767225600";
const std::string kBody = R"({"event": "paid"})";

/// RFC 2104 over the harness's SHA-256: the plugin's is OpenSSL's.
std::string hmac(std::string key, const std::string& text) {
  key.resize(64, '\0');
  std::string inner, outer;
  for (const char c : key) inner += static_cast<char>(c ^ 0x36), outer += static_cast<char>(c ^ 0x5c);
  const std::string digest = gt::sha256(outer + gt::sha256(inner + text));
  std::string out;
  for (const char c : digest) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += two;
  }
  return out;
}

std::string signed_at(const std::string& t, const std::string& body = kBody, const char* key = kKey) {
  return "t=" + t + ",v1=" + hmac(key, t + "." + body);
}

class HmacWebhook : public ::testing::Test {
 protected:
  explicit HmacWebhook(const char* settings = "{}") : h(settings) { h.secret("key", kKey); }
  gt::TestAnswer ask(const std::string& header, const std::string& body = kBody) {
    return h.authorize(gt::request("POST", "/hook").header("Webhook-Signature", header).with_body(body));
  }
  gt::Harness h;
};

TEST(Hmac, OfTheTestIsRight) {  // RFC 4231, case 2
  EXPECT_EQ(hmac("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_F(HmacWebhook, ASignedBodyIsLetInOnce) {
  const auto a = ask(signed_at(kNow));
  EXPECT_TRUE(a.allowed()) << a.reason();
  EXPECT_EQ(a.principal(), "webhook");
  EXPECT_EQ(a.context("signed_at"), kNow);
  EXPECT_EQ(a.ttl(), 0);
  const auto again = ask(signed_at(kNow));
  EXPECT_TRUE(again.denied());
  EXPECT_NE(again.reason().find("replay"), std::string::npos);
  EXPECT_TRUE(ask(signed_at(kNow) + ",v0=old").denied());  // the same signature in another dress
  EXPECT_TRUE(ask(signed_at("1767225601")).allowed());
  EXPECT_TRUE(ask(signed_at(kNow, ""), "").allowed());
  EXPECT_TRUE(ask(signed_at(kNow, std::string("a\0b", 3)), std::string("a\0b", 3)).allowed());
}

TEST_F(HmacWebhook, WhatIsNoSoundSignatureIsDenied) {
  const std::string good = hmac(kKey, std::string(kNow) + "." + kBody), t = std::string("t=") + kNow;
  for (const std::string& header :
       std::vector<std::string>{t,
                                "v1=" + good,
                                t + ",v1=",
                                t + ",v1=" + good.substr(1),
                                t + ",v1=" + good + "0",
                                t + ",v1=" + std::string(64, 'g'),
                                t + "," + t + ",v1=" + good,
                                "t=,v1=" + good,
                                "t=-1,v1=" + good,
                                "t=+1767225600,v1=" + good,
                                "t= 1767225600,v1=" + good,
                                "t=1767225600.0,v1=" + good,
                                "t=9999999999999,v1=" + good,
                                t + ",v1=" + std::string(64, '0'),
                                t + ",,v1=" + good,
                                t + ";v1=" + good,
                                "=",
                                std::string(2000, 'a'),
                                t + " ,v1=" + good,
                                signed_at("01767225600", "x"),
                                signed_at(kNow, kBody + " "),
                                signed_at(kNow, kBody, "another key of 32 bytes in length")}) {
    EXPECT_TRUE(ask(header).denied()) << header;
  }
  EXPECT_TRUE(ask(signed_at(kNow), kBody + "x").denied());
  const auto none = h.authorize(gt::request("POST", "/hook").with_body(kBody));
  EXPECT_TRUE(none.unauthorized());
  EXPECT_EQ(none.challenge(), "HMAC-SHA256");
  const auto two = gt::request("POST", "/hook")
                       .header("webhook-signature", signed_at(kNow))
                       .header("webhook-signature", "t=1")
                       .with_body(kBody);
  EXPECT_TRUE(h.authorize(two).denied());
  EXPECT_TRUE(ask(signed_at(kNow)).allowed());  // none of these used it up
}

TEST_F(HmacWebhook, TimeIsBoundedOnBothSides) {
  const struct {
    const char* t;
    bool allowed;
  } cases[] = {{"1767225300", true}, {"1767225299", false}, {"1767225900", true}, {"1767225901", false}, {"0", false}};
  for (const auto& c : cases) EXPECT_EQ(ask(signed_at(c.t)).allowed(), c.allowed) << c.t;
  // Replays stay known as long as the timestamp is good: that of the future for ten minutes.
  h.advance(600'000);
  EXPECT_NE(ask(signed_at("1767225900")).reason().find("replay"), std::string::npos);
  h.advance(1000);
  EXPECT_NE(ask(signed_at("1767225900")).reason().find("timestamp"), std::string::npos);
}

TEST_F(HmacWebhook, OneOfSeveralSignaturesIsEnough) {
  const std::string zeros(64, '0');
  std::string header = std::string("t=") + kNow;
  for (int i = 0; i < 7; ++i) header += ",v1=" + zeros;
  EXPECT_TRUE(ask(header + ",v1=" + hmac(kKey, std::string(kNow) + "." + kBody)).allowed());
  EXPECT_TRUE(ask(header + ",v1=" + zeros + ",v1=" + hmac(kKey, std::string(kNow) + "." + kBody)).denied());
}

TEST_F(HmacWebhook, KeysAreReadEachTime) {
  EXPECT_TRUE(ask(signed_at(kNow)).allowed());
  h.secret("key", "a new key of at least 16 bytes");
  EXPECT_TRUE(ask(signed_at("1767225601")).denied());
  h.secret("previous_key", kKey);
  EXPECT_TRUE(ask(signed_at("1767225601")).allowed());
  EXPECT_TRUE(ask(signed_at("1767225602", kBody, "a new key of at least 16 bytes")).allowed());
  h.secret("previous_key", "");
  EXPECT_TRUE(ask(signed_at("1767225603", kBody, "")).denied());
  h.fail_service(GH_SVC_SECRETS, GH_E_NOTFOUND);
  EXPECT_TRUE(ask(signed_at("1767225604")).failed());
}

TEST_F(HmacWebhook, ABodyThatCannotBeRead) {
  auto request = gt::request("POST", "/hook").header("webhook-signature", signed_at(kNow)).with_body(kBody);
  for (const std::int32_t why : {GH_E_CONNECT, GH_E_LIMIT, -999})
    EXPECT_TRUE(h.authorize(request.body_fails(why)).failed()) << why;
  EXPECT_TRUE(h.authorize(request.body_fails(GH_E_TOO_LARGE)).denied());
  h.fail_service(GH_SVC_BODY);
  EXPECT_TRUE(h.authorize(request.body_fails(GH_OK)).failed());
}

struct Small : HmacWebhook {
  Small()
      : HmacWebhook(R"({"max_body_bytes": 4, "max_remembered": 2, "tolerance_seconds": 10, "principal": "shop"})") {}
};
TEST_F(Small, Bounds) {
  EXPECT_TRUE(ask(signed_at(kNow, "12345"), "12345").denied());
  EXPECT_EQ(ask(signed_at(kNow, "1234"), "1234").principal(), "shop");
  EXPECT_TRUE(ask(signed_at(kNow, "2"), "2").allowed());
  EXPECT_TRUE(ask(signed_at(kNow, "3"), "3").failed());  // closed, not forgetful
  h.advance(11'000);
  EXPECT_TRUE(ask(signed_at("1767225611", "3"), "3").allowed());
}

TEST_F(HmacWebhook, OneOfManyReplaysAtOnce) {
  const auto tally =
      h.threads(8).repeat(50, gt::request("POST", "/").header("webhook-signature", signed_at(kNow)).with_body(kBody));
  EXPECT_EQ(tally.allowed, 1u);
  EXPECT_EQ(tally.denied, 399u);
}

TEST(HmacWebhookSettings, AreHeldAtTheStart) {
  EXPECT_EQ(gt::Harness().secret("key", "short").refusal(), "the secret `key` has less than 16 bytes");
  EXPECT_NE(gt::Harness().refusal().find("no secret `key`"), std::string::npos);
  EXPECT_EQ(gt::Harness(R"({"header": "X-Signature"})").secret("key", kKey).refusal(),
            "`header` must be in lower case");
  EXPECT_NE(gt::Harness().without_service(GH_SVC_BODY).refusal().find("gatehouse.body/1"), std::string::npos);
}

}  // namespace
