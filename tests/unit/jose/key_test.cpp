#include "gatehouse/kit/jose/key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>

#include "support/jose_signer.hpp"

namespace gatehouse::kit::jose {
namespace {

using test::SigningKey;
using ::testing::HasSubstr;
using ::testing::Not;

/// `kind`, or why it is no key.
std::string read(const std::string& jwk) {
  JsonFault broken;
  const auto json = parse_json(jwk, broken);
  if (!json) return "not JSON: " + broken.text;
  std::string fault;
  const auto key = Key::parse(*json, fault);
  return key ? key->kind() : "no key: " + fault;
}

const SigningKey& rsa() {
  static const SigningKey key = SigningKey::rsa();
  return key;
}
const SigningKey& p256() {
  static const SigningKey key = SigningKey::ec("P-256");
  return key;
}

std::string rsa_of(const std::string& n, const std::string& e) {
  return R"({"kty":"RSA","n":")" + test::base64url(n) + R"(","e":")" + test::base64url(e) + "\"}";
}
std::string ones(std::size_t bytes) {
  return std::string(bytes, '\xff');
}

TEST(Key, JW_61_KeysAreWhatTheirTypeAndCurveSay) {
  EXPECT_EQ(read(rsa().jwk("")), "RSA 2048");
  EXPECT_EQ(read(p256().jwk("")), "EC P-256");
  EXPECT_EQ(read(SigningKey::ec("P-384").jwk("")), "EC P-384");
  EXPECT_EQ(read(SigningKey::ec("P-521").jwk("")), "EC P-521");
  EXPECT_EQ(read(SigningKey::ed25519().jwk("")), "OKP Ed25519");
  for (const char* jwk :
       {R"([])", R"("RSA")", R"({})", R"({"kty":"rsa"})", R"({"kty":5})", R"({"kty":"oct","k":"AAAA"})",
        R"({"kty":"RSA"})", R"({"kty":"EC","crv":"P-256"})", R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})",
        R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
        R"({"kty":"OKP","crv":"Ed448","x":"AA"})", R"({"kty":"OKP","crv":"Ed25519","x":"AA"})"})
    EXPECT_THAT(read(jwk), HasSubstr("no key: ")) << jwk;
}

TEST(Key, JW_61_UseOperationsAndAlgorithm) {
  const struct {
    const char* members;
    const char* fault;  // a part; empty: a key
  } cases[] = {
      {R"("use":"sig")", ""},
      {R"("use":"enc")", "`use`"},
      {R"("use":"SIG")", "`use`"},
      {R"("use":["sig"])", "`use`"},
      {R"("use":null)", "`use`"},
      {R"("key_ops":["verify"])", ""},
      {R"("key_ops":["sign","verify"])", ""},
      {R"("key_ops":["sign"])", "`key_ops`"},
      {R"("key_ops":[])", "`key_ops`"},
      {R"("key_ops":"verify")", "`key_ops`"},
      {R"("key_ops":["verify",5])", "`key_ops`"},
      {R"("use":"sig","key_ops":["encrypt"])", "`key_ops`"},
      {R"("alg":"RS256")", ""},
      {R"("alg":"PS512")", ""},
      {R"("alg":"ES256")", "does not fit RSA 2048"},
      {R"("alg":"EdDSA")", "does not fit"},
      {R"("alg":"HS256")", "none that can be verified"},
      {R"("alg":"none")", "none that can be verified"},
      {R"("alg":"RSA-OAEP")", "none that can be verified"},
      {R"("alg":"rs256")", "none that can be verified"},
      {R"("alg":"")", "none that can be verified"},
      {R"("alg":256)", "`alg` is no text"},
      {R"("kid":"a")", ""},
      {R"("kid":"")", "`kid`"},
      {R"("kid":5)", "`kid`"},
      {R"("d":"AAAA")", "private"},
      {R"("p":"AAAA")", "private"},
      {R"("d":null)", "private"},
      {R"("x5c":["AAAA"],"x5u":"https://evil.example","nobody knows":{"a":[]})", ""},
  };
  for (const auto& c : cases) {
    const std::string got = read(rsa().jwk(c.members));
    if (*c.fault == '\0')
      EXPECT_EQ(got, "RSA 2048") << c.members;
    else
      EXPECT_THAT(got, HasSubstr(c.fault)) << c.members;
  }
  EXPECT_EQ(read(rsa().jwk("\"kid\":\"" + std::string(256, 'k') + "\"")), "RSA 2048");
  EXPECT_THAT(read(rsa().jwk("\"kid\":\"" + std::string(257, 'k') + "\"")), HasSubstr("`kid`"));
}

TEST(Key, JW_61_FitsWhatTypeCurveAndAlgorithmAllow) {
  const auto fits = [](const std::string& jwk) {
    JsonFault broken;
    std::string fault, out;
    const auto key = Key::parse(*parse_json(jwk, broken), fault);
    if (!key) return fault;
    for (int i = 0; i < 10; ++i)
      if (key->fits(static_cast<Algorithm>(i))) out += std::string(name(static_cast<Algorithm>(i))) + " ";
    return out;
  };
  EXPECT_EQ(fits(rsa().jwk("")), "RS256 RS384 RS512 PS256 PS384 PS512 ");
  EXPECT_EQ(fits(rsa().jwk(R"("alg":"PS384")")), "PS384 ");
  EXPECT_EQ(fits(p256().jwk("")), "ES256 ");
  EXPECT_EQ(fits(SigningKey::ec("P-384").jwk("")), "ES384 ");
  EXPECT_EQ(fits(SigningKey::ec("P-521").jwk("")), "ES512 ");
  EXPECT_EQ(fits(SigningKey::ed25519().jwk("")), "EdDSA ");
  EXPECT_EQ(fits(SigningKey::ed25519().jwk(R"("alg":"Ed25519")")), "EdDSA ");
}

TEST(Key, JW_62_RsaSizeAndExponent) {
  const std::string f4("\x01\x00\x01", 3);
  EXPECT_THAT(read(rsa_of(ones(128), f4)), HasSubstr("RSA of 1024 bits"));
  EXPECT_THAT(read(rsa_of("\x7f" + ones(255), f4)), HasSubstr("RSA of 2047 bits"));
  EXPECT_EQ(read(rsa_of(ones(256), f4)), "RSA 2048");
  EXPECT_EQ(read(rsa_of(ones(1024), f4)), "RSA 8192");
  EXPECT_THAT(read(rsa_of("\x01" + ones(1024), f4)), HasSubstr("more than 8,192"));
  EXPECT_THAT(read(rsa_of(ones(255) + "\xfe", f4)), HasSubstr("even modulus"));
  EXPECT_EQ(read(rsa_of(ones(256), "\x03")), "RSA 2048");
  EXPECT_EQ(read(rsa_of(ones(256), ones(8))), "RSA 2048");
  EXPECT_THAT(read(rsa_of(ones(256), "\x01" + ones(8))), HasSubstr("more than 64 bits"));
  EXPECT_THAT(read(rsa_of(ones(256), "\x01")), HasSubstr("even or 1"));
  EXPECT_THAT(read(rsa_of(ones(256), "\x02")), HasSubstr("even or 1"));
  EXPECT_THAT(read(rsa_of(ones(256), std::string(1, '\0'))), HasSubstr("even or 1"));
  EXPECT_THAT(read(rsa_of(std::string(256, '\0'), f4)), HasSubstr("RSA of 0 bits"));
  // Zeros before a number are none of its bits.
  EXPECT_EQ(read(rsa_of('\0' + ones(256), '\0' + f4)), "RSA 2048");
  EXPECT_THAT(read(rsa_of(std::string(128, '\0') + ones(128), f4)), HasSubstr("RSA of 1024 bits"));
}

TEST(Key, JW_62_ShapeOfKeysThatCanBeFactored) {
  BIGNUM *base = BN_new(), *power = BN_new(), *n = BN_new();
  BN_CTX* context = BN_CTX_new();
  ASSERT_EQ(BN_set_word(base, 65'537), 1);
  ASSERT_EQ(BN_set_word(power, 128), 1);
  ASSERT_EQ(BN_exp(n, base, power, context), 1);
  const auto text = [&] {
    std::string out(static_cast<std::size_t>(BN_num_bytes(n)), '\0');
    BN_bn2bin(n, reinterpret_cast<unsigned char*>(out.data()));
    return rsa_of(out, std::string("\x01\x00\x01", 3));
  };
  EXPECT_THAT(read(text()), HasSubstr("CVE-2017-15361"));
  ASSERT_EQ(BN_add_word(n, 2), 1);
  EXPECT_EQ(read(text()), "RSA 2049");
  BN_free(base), BN_free(power), BN_free(n), BN_CTX_free(context);
}

TEST(Key, JW_63_PointsOnTheCurve) {
  const auto ec = [](const char* curve, const std::string& x, const std::string& y) {
    return read(std::string(R"({"kty":"EC","crv":")") + curve + R"(","x":")" + test::base64url(x) + R"(","y":")" +
                test::base64url(y) + "\"}");
  };
  EXPECT_THAT(ec("P-256", std::string(32, '\0'), std::string(32, '\0')), HasSubstr("not on the curve"));
  EXPECT_THAT(ec("P-256", ones(32), ones(32)), HasSubstr("not on the curve"));
  EXPECT_THAT(ec("P-256", std::string(31, '\0') + '\x01', std::string(31, '\0') + '\x01'), HasSubstr("not on"));
  EXPECT_THAT(ec("P-256", std::string(31, '\1'), std::string(32, '\1')), HasSubstr("not 32 bytes each"));
  EXPECT_THAT(ec("P-256", std::string(33, '\0'), std::string(32, '\1')), HasSubstr("not 32 bytes each"));
  EXPECT_THAT(ec("P-521", std::string(65, '\1'), std::string(66, '\1')), HasSubstr("not 66 bytes each"));
  // A point of another curve.
  std::string jwk = p256().jwk("");
  jwk.replace(jwk.find("P-256"), 5, "P-384");
  EXPECT_THAT(read(jwk), HasSubstr("not 48 bytes each"));
  jwk.replace(jwk.find("P-384"), 5, "P-255");
  EXPECT_THAT(read(jwk), HasSubstr("`crv` other than"));
}

TEST(Key, JW_63_Ed25519PointsOfSmallOrder) {
  const auto okp = [](std::string x) {
    return read(R"({"kty":"OKP","crv":"Ed25519","x":")" + test::base64url(x) + "\"}");
  };
  std::string x(32, '\0');
  EXPECT_THAT(okp(x), HasSubstr("small order"));
  x[31] = '\x80';
  EXPECT_THAT(okp(x), HasSubstr("small order"));
  x[31] = '\0';
  x[0] = '\1';
  EXPECT_THAT(okp(x), HasSubstr("small order"));
  for (const char last : {'\xec', '\xed', '\xee'})
    EXPECT_THAT(okp(last + ones(30) + '\x7f'), HasSubstr("small order")) << int(last);
  EXPECT_THAT(read(R"({"kty":"OKP","crv":"Ed25519","x":"JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU"})"),
              HasSubstr("small order"));
  EXPECT_THAT(read(R"({"kty":"OKP","crv":"Ed25519","x":"xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o"})"),
              HasSubstr("small order"));
}

TEST(Key, ThumbprintsOfTheRfcs) {
  const auto thumbprint = [](const char* jwk) {
    JsonFault broken;
    std::string fault;
    const auto key = Key::parse(*parse_json(jwk, broken), fault);
    return key ? key->thumbprint() : fault;
  };
  EXPECT_EQ(
      thumbprint(
          R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})"),
      "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");  // RFC 7638, section 3.1
  EXPECT_EQ(thumbprint(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");  // RFC 8037, appendix A.3
  // Of the key, however it is written.
  const std::string f4("\x01\x00\x01", 3);
  EXPECT_EQ(thumbprint(rsa_of(ones(256), f4).c_str()), thumbprint(rsa_of('\0' + ones(256), '\0' + f4).c_str()));
}

TEST(Key, JW_6I_FaultsQuoteNoKeyMaterial) {
  std::string jwk = rsa().jwk(R"("use":"enc")");
  const std::string n = jwk.substr(jwk.find("\"n\":\"") + 5, 40);
  EXPECT_THAT(read(jwk), Not(HasSubstr(n)));
  EXPECT_THAT(read(R"({"kty":"oct","k":"c2VjcmV0"})"), Not(HasSubstr("c2VjcmV0")));
}

}  // namespace
}  // namespace gatehouse::kit::jose
