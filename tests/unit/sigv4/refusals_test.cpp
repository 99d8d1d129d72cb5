// Each row of spec sigv4 section 8, with the text letter by letter, and the order of section 7.
#include <gtest/gtest.h>

#include <functional>

#include "own_vectors.hpp"

namespace gatehouse::kit::sigv4::test {
namespace {

struct Case {
  const char* id;
  Fault fault;
  std::function<void(Sent&)> change;
  std::string message;
};

constexpr const char* kScope = "20260115/us-east-1/execute-api/aws4_request";

Sent v1() {
  return own_vector("V1").sent;
}
Sent v4() {
  return own_vector("V4").sent;
}

void expect_refused(const std::vector<Case>& cases, const Sent& from, std::int64_t now_s = kNow) {
  for (const Case& c : cases) {
    Sent sent = from;
    c.change(sent);
    const Judged got = judge(sent, now_s, kSecret);
    EXPECT_EQ(name(got.fault), std::string(name(c.fault))) << c.id;
    EXPECT_EQ(got.message, c.message) << c.id;
  }
}

/// Replaces the Authorization header; {H} in messages is its hash.
std::function<void(Sent&)> authorization(std::string value) {
  return [value = std::move(value)](Sent& s) { s.set("authorization", value); };
}

TEST(SigV4Refusals, ErrorTypesAndResponseTypes) {
  const struct {
    Fault fault;
    const char *error, *response;
  } cases[] = {
      {Fault::NotSigned, "MissingAuthenticationTokenException", "MISSING_AUTHENTICATION_TOKEN"},
      {Fault::BothForms, "InvalidSignatureException", "INVALID_SIGNATURE"},
      {Fault::Algorithm, "IncompleteSignatureException", "INVALID_SIGNATURE"},
      {Fault::UnknownKey, "UnrecognizedClientException", "INVALID_SIGNATURE"},
      {Fault::BadToken, "UnrecognizedClientException", "INVALID_SIGNATURE"},
      {Fault::ExpiredToken, "ExpiredTokenException", "EXPIRED_TOKEN"},
      {Fault::NoEqualSign, "IncompleteSignatureException", "INVALID_SIGNATURE"},
      {Fault::HeaderParts, "IncompleteSignatureException", "INVALID_SIGNATURE"},
      {Fault::QueryParts, "IncompleteSignatureException", "INVALID_SIGNATURE"},
      {Fault::HostNotSigned, "InvalidSignatureException", "INVALID_SIGNATURE"},
      {Fault::Expired, "InvalidSignatureException", "INVALID_SIGNATURE"},
      {Fault::NotYet, "InvalidSignatureException", "INVALID_SIGNATURE"},
      {Fault::BadDate, "IncompleteSignatureException", "INVALID_SIGNATURE"},
      {Fault::Scope, "InvalidSignatureException", "INVALID_SIGNATURE"},
      {Fault::BadEscape, "MalformedQueryStringException", "INVALID_SIGNATURE"},
      {Fault::CredentialParts, "IncompleteSignatureException", "INVALID_SIGNATURE"},
      {Fault::Mismatch, "InvalidSignatureException", "INVALID_SIGNATURE"},
      {Fault::UnsignedHeader, "InvalidSignatureException", "INVALID_SIGNATURE"},
      {Fault::Unusable, "IncompleteSignatureException", "INVALID_SIGNATURE"},
  };
  EXPECT_EQ(std::size(cases), kFaults - 1);
  for (const auto& c : cases) {
    EXPECT_STREQ(error_type(c.fault), c.error) << name(c.fault);
    EXPECT_STREQ(response_type(c.fault), c.response) << name(c.fault);
  }
  EXPECT_STREQ(fixed_message(Fault::UnknownKey), "The security token included in the request is invalid.");
  EXPECT_STREQ(fixed_message(Fault::BadToken), "The security token included in the request is invalid");
  EXPECT_STREQ(fixed_message(Fault::ExpiredToken), "The security token included in the request is expired");
}

TEST(SigV4Refusals, E1_E2_E3_Forms) {
  constexpr const char* kBoth =
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
  expect_refused(
      {
          {"E1", Fault::NotSigned, [](Sent& s) { s.drop("authorization"); }, "Missing Authentication Token"},
          {"E1, an empty header", Fault::NotSigned, authorization(" "), "Missing Authentication Token"},
          {"E1, names are spelt exactly", Fault::NotSigned,
           [](Sent& s) { s.drop("authorization").query = "x-amz-algorithm=AWS4-HMAC-SHA256"; },
           "Missing Authentication Token"},
          {"E2", Fault::BothForms, [](Sent& s) { s.query += "&X-Amz-Algorithm="; }, kBoth},
          {"E2, escaped", Fault::BothForms, [](Sent& s) { s.query = "%58-Amz-Algorith%6d"; }, kBoth},
          {"E3", Fault::Algorithm, [](Sent& s) { s.replace("SHA256", "SHA1"); },
           "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'."},
          {"E3, SigV4a (section 13)", Fault::Algorithm,
           [](Sent& s) { s.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"); },
           "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."},
          {"E3, spelt otherwise", Fault::Algorithm, [](Sent& s) { s.replace("AWS4-HMAC-SHA256", "aws4-hmac-sha256"); },
           "Unsupported AWS 'algorithm': 'aws4-hmac-sha256'."},
          {"E3, another scheme with all its parts", Fault::Algorithm,
           [](Sent& s) { s.replace("AWS4-HMAC-SHA256", "Bearer"); }, "Unsupported AWS 'algorithm': 'Bearer'."},
      },
      v1());
  expect_refused({{"E2", Fault::BothForms, [](Sent& s) { s.add("authorization", "Bearer x"); }, kBoth},
                  {"E3", Fault::Algorithm, [](Sent& s) { s.replace("SHA256", "SHA1"); },
                   "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'."}},
                 v4());
}

TEST(SigV4Refusals, E6_E7_PartsOfTheHeader) {
  const auto equal_sign = [](const char* hash) {
    return std::string(
               "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded "
               "with Base64): '") +
           hash + "'.";
  };
  // base64(SHA-256("Bearer x")), of OpenSSL.
  constexpr const char* kBearer = "uTem/WB082UJMN2ajD6lH6UChGpTAddMJSx2iu923No=";
  const auto missing = [](std::string parts, const std::string& header) {
    return parts + "(Hashed with SHA-256 and encoded with Base64) Authorization=" + hashed_header(header);
  };
  constexpr const char* kCredential = "Authorization header requires 'Credential' parameter. ";
  constexpr const char* kSignature = "Authorization header requires 'Signature' parameter. ";
  constexpr const char* kNames = "Authorization header requires 'SignedHeaders' parameter. ";
  constexpr const char* kDate = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  const std::string three = std::string(kCredential) + kSignature + kNames;
  expect_refused(
      {
          {"E6", Fault::NoEqualSign, authorization("Bearer x"), equal_sign(kBearer)},
          {"E6, hashed with single blanks", Fault::NoEqualSign, authorization("Bearer   x"), equal_sign(kBearer)},
          {"E6, before what is missing", Fault::NoEqualSign, authorization("AWS4-HMAC-SHA256 Credential"),
           equal_sign(hashed_header("AWS4-HMAC-SHA256 Credential").c_str())},
          {"E7", Fault::HeaderParts, authorization("AWS4-HMAC-SHA256"), missing(three, "AWS4-HMAC-SHA256")},
          {"E7, Basic", Fault::HeaderParts, authorization("Basic YTpiYw=="), missing(three, "Basic YTpiYw==")},
          {"E7, all four", Fault::HeaderParts,
           [](Sent& s) { s.drop("x-amz-date").set("authorization", "AWS4-HMAC-SHA256 a=b"); },
           missing(three + kDate, "AWS4-HMAC-SHA256 a=b")},
          {"E7, one", Fault::HeaderParts, authorization("AWS4-HMAC-SHA256 Credential=a, Signature=b"),
           missing(kNames, "AWS4-HMAC-SHA256 Credential=a, Signature=b")},
          {"E7, empty is missing", Fault::HeaderParts,
           authorization("AWS4-HMAC-SHA256 Credential=,Signature=b,SignedHeaders=host"),
           missing(kCredential, "AWS4-HMAC-SHA256 Credential=,Signature=b,SignedHeaders=host")},
          {"E7, a date", Fault::HeaderParts, [](Sent& s) { s.drop("x-amz-date"); },
           missing(kDate, v1().get("authorization"))},
          {"names are spelt exactly", Fault::HeaderParts, [](Sent& s) { s.replace("Credential=", "credential="); },
           missing(kCredential, Sent(v1()).replace("Credential=", "credential=").get("authorization"))},
      },
      v1());
}

TEST(SigV4Refusals, S2_WhatIsToleratedInTheHeader) {
  const std::string signature = own_vector("V1").signature;
  const std::string credential = std::string("Credential=") + kKeyId + "/" + kScope;
  const std::string names = "SignedHeaders=host;x-amz-date";
  for (const std::string& value : {
           "AWS4-HMAC-SHA256 " + credential + "," + names + ",Signature=" + signature,
           "AWS4-HMAC-SHA256 " + credential + " " + names + " Signature=" + signature,
           "AWS4-HMAC-SHA256   Signature=" + signature + " ,, " + names + " ,\t" + credential + ", Unknown=1",
           "AWS4-HMAC-SHA256 Signature=00, " + credential + ", " + names + ", Signature=" + signature,
           "  AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=x-amz-date;host,Signature=" + signature + " ",
       })
    EXPECT_EQ(judge(v1().set("authorization", value), kNow, kSecret).fault, Fault::None) << value;
}

TEST(SigV4Refusals, E8_PartsOfTheQuery) {
  const auto must = [](const char* name) {
    return std::string("AWS query-string parameters must include '") + name + "'. ";
  };
  constexpr const char* kLast = "Re-examine the query-string parameters.";
  const std::string expires =
      std::string("AWS query-string parameter 'X-Amz-Expires' must be a number of seconds from 1 to 604800. ") + kLast;
  const auto expiry = [](const char* value) {
    return [value](Sent& s) { s.replace("X-Amz-Expires=60", std::string("X-Amz-Expires=") + value); };
  };
  expect_refused(
      {
          {"all, in their order", Fault::QueryParts, [](Sent& s) { s.query = "X-Amz-Algorithm=AWS4-HMAC-SHA256"; },
           must("X-Amz-Credential") + must("X-Amz-Signature") + must("X-Amz-SignedHeaders") + must("X-Amz-Date") +
               kLast},
          {"an empty algorithm", Fault::QueryParts, [](Sent& s) { s.replace("AWS4-HMAC-SHA256", ""); },
           must("X-Amz-Algorithm") + kLast},
          {"a date in a header does not count", Fault::QueryParts,
           [](Sent& s) { s.add("x-amz-date", kTimestamp).replace("X-Amz-Date=", "Date="); },
           must("X-Amz-Date") + kLast},
          {"expiry 0", Fault::QueryParts, expiry("0"), expires},
          {"expiry -1", Fault::QueryParts, expiry("-1"), expires},
          {"expiry +1", Fault::QueryParts, expiry("%2B1"), expires},
          {"expiry of a fraction", Fault::QueryParts, expiry("1.5"), expires},
          {"no expiry at all", Fault::QueryParts, expiry(""), expires},
          {"expiry above seven days", Fault::QueryParts, expiry("604801"), expires},
          {"expiry that overflows", Fault::QueryParts, expiry("18446744073709551617"), expires},
      },
      v4());
}

TEST(SigV4Refusals, E9_HostMustBeSigned) {
  constexpr const char* kText = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
  expect_refused({{"E9", Fault::HostNotSigned, [](Sent& s) { s.replace("=host;", "=hos;"); }, kText}}, v1());
  expect_refused({{"E9", Fault::HostNotSigned, [](Sent& s) { s.replace("Headers=host", "Headers=date"); }, kText}},
                 v4());
}

TEST(SigV4Refusals, E10_E11_Times) {
  const auto at = [](std::int64_t seconds) { return judge(v1(), kNow + seconds, kSecret); };
  for (const int ok : {0, 299, 300, -299, -300}) EXPECT_EQ(at(ok).fault, Fault::None) << ok;
  EXPECT_EQ(at(301).fault, Fault::Expired);
  EXPECT_EQ(at(301).message,
            "Signature expired: 20260115T101530Z is now earlier than 20260115T101531Z (20260115T102031Z - 5 min.)");
  EXPECT_EQ(at(-301).fault, Fault::NotYet);
  EXPECT_EQ(at(-301).message,
            "Signature not yet current: 20260115T101530Z is still later than 20260115T101529Z (20260115T101029Z + 5 "
            "min.)");
  Rules wide;
  wide.skew_s = 900;
  EXPECT_EQ(judge(v1(), kNow + 900, kSecret, wide).fault, Fault::None);
  EXPECT_EQ(judge(v1(), kNow + 901, kSecret, wide).fault, Fault::Expired);
}

TEST(SigV4Refusals, S5_PresignedTimes) {
  const auto at = [](std::int64_t seconds, const Sent& sent, const Rules& rules = {}) {
    return judge(sent, kNow + seconds, kSecret, rules);
  };
  EXPECT_EQ(at(60, v4()).fault, Fault::None);
  EXPECT_EQ(at(61, v4()).message,
            "Signature expired: 20260115T101530Z is now earlier than 20260115T101531Z (20260115T101631Z - 1 min.)");
  EXPECT_EQ(at(-300, v4()).fault, Fault::None);
  EXPECT_EQ(at(-301, v4()).fault, Fault::NotYet);
  // A request for an hour, made for tests: the cap decides, unless the operator lifts it.
  const Sent hour = v4().replace("Expires=60", "Expires=3600");
  EXPECT_EQ(at(300, hour).fault, Fault::Mismatch) << "in time, though nobody signed it";
  EXPECT_EQ(at(301, hour).fault, Fault::Expired);
  Rules lifted;
  lifted.presign_cap_s = kMostExpirySeconds;
  EXPECT_EQ(at(3600, hour, lifted).fault, Fault::Mismatch);
  EXPECT_EQ(at(3601, hour, lifted).fault, Fault::Expired);
  const Sent silent = v4().replace("X-Amz-Expires=60&", "");
  EXPECT_EQ(at(300, silent, lifted).fault, Fault::Mismatch) << "300 seconds without X-Amz-Expires";
  EXPECT_EQ(at(301, silent, lifted).fault, Fault::Expired);
  EXPECT_EQ(at(91, v4().replace("Expires=60", "Expires=90")).message,
            "Signature expired: 20260115T101530Z is now earlier than 20260115T101531Z (20260115T101701Z - 90 sec.)");
}

TEST(SigV4Refusals, E12_Dates) {
  const auto text = [](const std::string& got) {
    return "Date must be in ISO-8601 'basic format'. Got '" + got + "'. See http://en.wikipedia.org/wiki/ISO_8601";
  };
  const auto date = [](const char* value) { return [value](Sent& s) { s.set("x-amz-date", value); }; };
  expect_refused(
      {
          {"extended", Fault::BadDate, date("2026-01-15T10:15:30Z"), text("2026-01-15T10:15:30Z")},
          {"a fraction", Fault::BadDate, date("20260115T101530.0Z"), text("20260115T101530.0Z")},
          {"no zone", Fault::BadDate, date("20260115T101530"), text("20260115T101530")},
          {"no such day", Fault::BadDate, date("20260230T101530Z"), text("20260230T101530Z")},
          {"RFC 1123 is for Date", Fault::BadDate, date("Thu, 15 Jan 2026 10:15:30 GMT"),
           text("Thu, 15 Jan 2026 10:15:30 GMT")},
          {"two of them", Fault::BadDate, [](Sent& s) { s.add("x-amz-date", kTimestamp); }, text(kTimestamp)},
          {"not UTF-8", Fault::BadDate, date("\xff"), text("\xef\xbf\xbd")},
          {"before what is wrong with the credential", Fault::BadDate,
           [](Sent& s) { s.set("x-amz-date", "x").replace("/aws4_request", ""); }, text("x")},
      },
      v1());
}

TEST(SigV4Refusals, E13_E15_Credential) {
  const auto scope = [](const char* other) { return [other](Sent& s) { s.replace(kScope, other); }; };
  constexpr const char* kRegion = "Credential should be scoped to a valid region, not 'eu-west-1'.";
  constexpr const char* kService = "Credential should be scoped to correct service: 'execute-api'.";
  constexpr const char* kEnd = "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'.";
  constexpr const char* kDay =
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260114' != "
      "'20260115', from '20260115T101530Z'.";
  const auto parts = [](const std::string& got) {
    return "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + got +
           "'";
  };
  const std::string id = std::string(kKeyId) + "/";
  expect_refused(
      {
          {"region", Fault::Scope, scope("20260115/eu-west-1/execute-api/aws4_request"), kRegion},
          {"service", Fault::Scope, scope("20260115/us-east-1/s3/aws4_request"), kService},
          {"terminator", Fault::Scope, scope("20260115/us-east-1/execute-api/aws4"), kEnd},
          {"date", Fault::Scope, scope("20260114/us-east-1/execute-api/aws4_request"), kDay},
          {"all, in their order", Fault::Scope, scope("20260114/eu-west-1/s3/aws4"),
           std::string(kRegion) + " " + kService + " " + kEnd + " " + kDay},
          {"E15, four", Fault::CredentialParts, scope("20260115/us-east-1/execute-api"),
           parts(id + "20260115/us-east-1/execute-api")},
          {"E15, six", Fault::CredentialParts, scope("20260115/us-east-1/execute-api/aws4_request/"),
           parts(id + std::string(kScope) + "/")},
          {"E15, one", Fault::CredentialParts, [](Sent& s) { s.replace(std::string(kKeyId) + "/" + kScope, "k"); },
           parts("k")},
      },
      v1());
  Rules rules;
  rules.regions = {"eu-west-1", "eu-west-2"};
  EXPECT_EQ(judge(v1(), kNow, kSecret, rules).fault, Fault::Scope) << "the gateway's own region does not count then";
  rules.regions.emplace_back("us-east-1");
  EXPECT_EQ(judge(v1(), kNow, kSecret, rules).fault, Fault::None);
  rules.services = {"sts", "execute-api"};
  EXPECT_EQ(judge(v1(), kNow, kSecret, rules).fault, Fault::None);
}

TEST(SigV4Refusals, E14_Escapes) {
  const auto query = [](const char* value) { return [value](Sent& s) { s.query = value; }; };
  constexpr const char* kTrailing = "Incomplete trailing escape % sequence";
  expect_refused(
      {
          {"at the end", Fault::BadEscape, query("a=%"), kTrailing},
          {"half", Fault::BadEscape, query("a=%4"), kTrailing},
          {"no hex", Fault::BadEscape, query("a=%4x&b"), "Illegal hex character in escape % pattern: %4x"},
          {"across parameters", Fault::BadEscape, query("a=%4&b"), "Illegal hex character in escape % pattern: %4&"},
          {"before everything else", Fault::BadEscape, [](Sent& s) { s.drop("authorization").query = "%zz"; },
           "Illegal hex character in escape % pattern: %zz"},
      },
      v1());
}

TEST(SigV4Refusals, E16_ShortAndFull) {
  const std::string first =
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
      "and signing method. Consult the service documentation for details.";
  const Sent wrong = v1().replace("b=2", "b=3");
  EXPECT_EQ(judge(wrong, kNow, kSecret).message, first);
  EXPECT_EQ(judge(wrong, kNow, kSecret, {}, true).message,
            first +
                "\n\nThe Canonical String for this request should have been\n'GET\n/prod/pets\nA=3&a=0&a=1&b=3&flag=\n"
                "host:abcde12345.execute-api.us-east-1.amazonaws.com\nx-amz-date:20260115T101530Z\n\nhost;x-amz-date\n"
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n\nThe String-to-Sign should have "
                "been\n'AWS4-HMAC-SHA256\n20260115T101530Z\n20260115/us-east-1/execute-api/aws4_request\n"
                "9710dbec7e572120cdddba69e1e12196dde41154669cf49c82f55fdb4b8032af'\n");
}

TEST(SigV4Refusals, E16_TooLongForAnAnswerIsToldShort) {
  Sent big = v1();
  big.query = "q=" + std::string(70'000, 'a');
  const Judged got = judge(big, kNow, kSecret, {}, true);
  EXPECT_EQ(got.fault, Fault::Mismatch);
  EXPECT_LT(got.message.size(), 300u);
}

TEST(SigV4Refusals, S34_UnsignedHeaders) {
  const auto text = [](const std::string& name) {
    return "There were headers present in the request which were not signed: " + name;
  };
  expect_refused(
      {{"any x-amz-", Fault::UnsignedHeader, [](Sent& s) { s.add("x-amz-foo", "1"); }, text("x-amz-foo")},
       {"as CGI reads it", Fault::UnsignedHeader, [](Sent& s) { s.add("x_amz-foo", "1"); }, text("x_amz-foo")},
       {"all of it", Fault::UnsignedHeader, [](Sent& s) { s.add("x_amz_foo", "1"); }, text("x_amz_foo")},
       {"the date", Fault::UnsignedHeader, [](Sent& s) { s.replace("host;x-amz-date", "host"); }, text("x-amz-date")},
       {"the hash", Fault::UnsignedHeader, [](Sent& s) { s.add("x-amz-content-sha256", "UNSIGNED-PAYLOAD"); },
        text("x-amz-content-sha256")}},
      v1());
  expect_refused({{"V4 with a second date", Fault::UnsignedHeader, [](Sent& s) { s.add("x-amz-date", kTimestamp); },
                   text("x-amz-date")},
                  {"a token beside the query's", Fault::UnsignedHeader,
                   [](Sent& s) { s.add("x-amz-security-token", "t"); }, text("x-amz-security-token")}},
                 v4());
  EXPECT_EQ(judge(v1().add("x-amz-security-token", "t"), kNow, kSecret).fault, Fault::None);
  EXPECT_EQ(judge(v1().add("x-amzn-trace-id", "t"), kNow, kSecret).fault, Fault::None);
  const Sent api = v1().add("x-apigw-api-id", "abcde12345");
  EXPECT_EQ(judge(api, kNow, kSecret).fault, Fault::None);
  Rules strict;
  strict.signed_api_id = true;
  EXPECT_EQ(judge(api, kNow, kSecret, strict).message, text("x-apigw-api-id"));
  EXPECT_EQ(judge(v1(), kNow, kSecret, strict).fault, Fault::None);
}

TEST(SigV4Refusals, S2_S11_OutOfForm) {
  const auto names = [](const char* value) { return [value](Sent& s) { s.replace("host;x-amz-date", value); }; };
  const auto text = [](const std::string& got) {
    return "'SignedHeaders' must be names of headers in lower case, each once, separated by ';'. Got '" + got + "'.";
  };
  std::string many = "host";
  for (int i = 0; i < 100; ++i) many += ";h" + std::to_string(i);
  expect_refused(
      {{"empty name", Fault::Unusable, names("host;;x-amz-date"), text("host;;x-amz-date")},
       {"at the end", Fault::Unusable, names("host;x-amz-date;"), text("host;x-amz-date;")},
       {"twice", Fault::Unusable, names("host;x-amz-date;host"), text("host;x-amz-date;host")},
       {"capitals", Fault::Unusable, names("Host;x-amz-date"), text("Host;x-amz-date")},
       {"101 names", Fault::Unusable, names(many.c_str()), text(many.substr(0, 256) + "...")},
       {"two headers", Fault::Unusable, [](Sent& s) { s.add("authorization", s.get("authorization")); },
        "Authorization header must be given once."},
       {"two, the first empty", Fault::Unusable,
        [](Sent& s) {
          const std::string value = s.get("authorization");
          s.set("authorization", "").add("authorization", value);
        },
        "Authorization header must be given once."},
       {"8 KB", Fault::Unusable,
        [](Sent& s) { s.set("authorization", s.get("authorization") + "," + std::string(8192, 'a') + "=1"); },
        "Authorization header must not have more than 8192 bytes."}},
      v1());
}

TEST(SigV4Refusals, WhatClientsSentIsShownAsText) {
  std::string out;
  append_shown(out, std::string_view("a\xc3\xbc\xff\xed\xa0\x80\xf0\x9f\x98\x80", 11));
  EXPECT_EQ(out, "a\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xf0\x9f\x98\x80");
  out.clear();
  append_shown(out, "abcdef", 5);
  EXPECT_EQ(out, "abcde...");
  out.clear();
  append_shown(out, "abcd\xc3\xbc", 5);
  EXPECT_EQ(out, "abcd...");
}

}  // namespace
}  // namespace gatehouse::kit::sigv4::test
