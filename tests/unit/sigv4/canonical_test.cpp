// Canonical paths, queries and headers (spec sigv4, section 3), and the dates of section 5.
#include <gtest/gtest.h>
#include <gatehouse/kit/sigv4/encode.hpp>

#include "own_vectors.hpp"

namespace gatehouse::kit::sigv4::test {
namespace {

std::string canonical_path(std::string_view wire) {
  std::string out;
  append_canonical_path(out, wire);
  return out;
}

TEST(SigV4Canonical, S32_PathsAreEncodedTwice) {
  const struct {
    const char *wire, *canonical;
  } cases[] = {
      {"", "/"},
      {"/", "/"},
      {"/prod/pets", "/prod/pets"},
      {"/prod/@connections/Ab1=", "/prod/%40connections/Ab1%3D"},
      {"/prod/%40connections/Ab1%3D", "/prod/%2540connections/Ab1%253D"},
      {"/prod/caf%C3%A9/a%20b", "/prod/caf%25C3%25A9/a%2520b"},
      {"/a:b@c,d;e=f!$&'()*+g", "/a%3Ab%40c%2Cd%3Be%3Df%21%24%26%27%28%29%2A%2Bg"},
      {"/-._~aZ09", "/-._~aZ09"},
      {"/100%25", "/100%2525"},
      {"//a//", "//a//"},
      {"/\xc3\xbc", "/%C3%BC"},
  };
  for (const auto& c : cases) EXPECT_EQ(canonical_path(c.wire), c.canonical) << c.wire;
}

TEST(SigV4Canonical, S32_WhatSignersNormalise) {
  const struct {
    const char *wire, *normalised;  // null: nothing changes
  } cases[] = {
      {"/", nullptr},
      {"/a/b", nullptr},
      {"/a/b/", nullptr},
      {"/a/...", nullptr},
      {"/a/.b", nullptr},
      {"/a/%2e%2e/b", nullptr},
      {"//", "/"},
      {"///", "/"},
      {"//example//", "/example/"},
      {"/example/..", "/"},
      {"/example1/example2/../..", "/"},
      {"/./", "/"},
      {"/./example", "/example"},
      {"/a/./b", "/a/b"},
      {"/a/.", "/a"},
      {"/a/b/..", "/a"},
      {"/a/b/../", "/a/"},
      {"/../../a", "/a"},
      {"/a//../b", "/b"},
      {"/dev/a/../b/./c", "/dev/b/c"},
      {"/dev//pets//", "/dev/pets/"},
  };
  for (const auto& c : cases) {
    std::string out = "untouched";
    EXPECT_EQ(normalise_as_signers_do(c.wire, out), c.normalised != nullptr) << c.wire;
    EXPECT_EQ(out, c.normalised != nullptr ? c.normalised : "untouched") << c.wire;
  }
}

TEST(SigV4Canonical, S32_OnlyWhatIsRoutedCounts) {
  constexpr std::uint32_t kNone = 99;
  const struct {
    const char *signed_path, *routed;
    std::uint32_t form;
  } cases[] = {
      {"/a/b", "/a/b", GH_PATH_NORMALISED},
      {"/a%7eb/%c3%bc", "/a~b/%C3%BC", GH_PATH_NORMALISED},
      {"/a/b", "/a//b", GH_PATH_SLASHES_COLLAPSED},
      {"/a/", "//a///", GH_PATH_SLASHES_COLLAPSED},
      {"/%7e", "//~", GH_PATH_SLASHES_COLLAPSED},
      {"/b", "/a/b", kNone},  // `/a//../b`: servers see /a/b, signers of SDKs /b
      {"/a", "/a/", kNone},   // `/a/b/..`: servers keep the slash
      {"/a//b", "/a/b", kNone},
      {"/a%2fb", "/a/b", kNone},
      {"/a/b", "/a/b/c", kNone},
      {"/a/b/c", "/a/b", kNone},
      {"/a%2", "/a%2", GH_PATH_NORMALISED},
  };
  for (const auto& c : cases)
    EXPECT_EQ(form_of(c.signed_path, c.routed).value_or(kNone), c.form) << c.signed_path << " " << c.routed;
}

Sent signed_for(const char* wire, const char* routed, bool normalise) {
  Unsigned request;
  request.host = kHost;
  request.path = wire;
  SigningOptions options;
  options.region = "us-east-1";
  options.time_s = kNow;
  options.normalise_path = normalise;
  Sent out;
  out.path = wire;
  out.routed = routed;
  out.add("host", kHost);
  for (const auto& [name, value] : sign(request, {kKeyId, kSecret, ""}, options).headers) out.add(name, value);
  return out;
}

TEST(SigV4Canonical, S32_FormsThatAreTaken) {
  const struct {
    const char *wire, *routed;
    bool normalise;
    bool verified;
    std::uint32_t form;
  } cases[] = {
      {"/a//b", "/a//b", false, true, GH_PATH_NORMALISED},
      {"/a//b", "/a//b", true, true, GH_PATH_SLASHES_COLLAPSED},
      {"/x/../a", "/a", false, true, GH_PATH_NORMALISED},
      {"/x/../a", "/a", true, true, GH_PATH_NORMALISED},
      {"/x/..//%7ea", "//~a", true, true, GH_PATH_SLASHES_COLLAPSED},
      {"/a//../b", "/a/b", false, true, GH_PATH_NORMALISED},
      {"/a//../b", "/a/b", true, false, 0},
      {"/a/b/..", "/a/", true, false, 0},
  };
  for (const auto& c : cases) {
    const Judged got = judge(signed_for(c.wire, c.routed, c.normalise), kNow, kSecret);
    EXPECT_EQ(got.fault == Fault::None, c.verified) << c.wire << " " << c.normalise;
    EXPECT_EQ(got.path_form, c.form) << c.wire << " " << c.normalise;
  }
}

TEST(SigV4Canonical, S33_Queries) {
  const struct {
    const char *raw, *canonical;
  } cases[] = {
      {"", ""},
      {"flag", "flag="},
      {"&&a=1&&", "a=1"},
      {"=v", "=v"},
      {"a==b", "a=%3Db"},
      {"a=1&a=0", "a=0&a=1"},
      {"b=1&a=2&A=3", "A=3&a=2&b=1"},
      {"Param-3=v&Param=v", "Param=v&Param-3=v"},
      {"a%3D=1&a-=2", "a%3D=1&a-=2"},
      {"x=%2a&y=*&z=%2A", "x=%2A&y=%2A&z=%2A"},
      {"p=/:!()'*~", "p=%2F%3A%21%28%29%27%2A~"},
      {"a=b+c&d=b%20c&e=b%2Bc", "a=b%20c&d=b%20c&e=b%2Bc"},
      {"%61=%62", "a=b"},
      {"a=1;b=2", "a=1%3Bb%3D2"},
      {"u=\xe1\x88\xb4", "u=%E1%88%B4"},
      {"a=%00", "a=%00"},
      {"X-Amz-Signature=1&X-Amz-Signature=0", "X-Amz-Signature=0&X-Amz-Signature=1"},
  };
  CanonicalQuery query;
  for (const auto& c : cases) {
    std::string out = "?";
    query.append(out, c.raw, false);
    EXPECT_EQ(out, std::string("?") + c.canonical) << c.raw;
  }
  std::string out;
  query.append(out, "b=1&X-Amz-Signature=1&a=2&X-Amz-Signature=0", true);
  EXPECT_EQ(out, "X-Amz-Signature=0&a=2&b=1") << "the first only";
  out.clear();
  query.append(out, "%58-Amz-Signature=1&x-amz-signature=2", true);
  EXPECT_EQ(out, "x-amz-signature=2") << "by its name decoded, and spelt exactly";
}

TEST(SigV4Canonical, S34_Headers) {
  Sent sent;
  sent.add("host", " Example.com:8443 ").add("my-header", "  \"a   b   c\"  ").add("other", "x").add("my-header", "");
  sent.add("tabs", "\ta\t\tb \t c\t").add("lines", "value1\n  value2\r\n     value3");
  const Shown shown(sent);
  std::string out;
  append_canonical_headers(out, {"absent", "host", "lines", "my-header", "tabs"}, shown.request);
  EXPECT_EQ(out, "absent:\nhost:Example.com:8443\nlines:value1 value2 value3\nmy-header:\"a b c\",\ntabs:a b c\n");
}

TEST(SigV4Canonical, S34_TheAuthorityIsTheHost) {
  Sent sent;
  Shown shown(sent);
  shown.request.authority = "example.com";
  std::string out;
  append_canonical_headers(out, {":authority", "host"}, shown.request);
  EXPECT_EQ(out, ":authority:example.com\nhost:example.com\n");
}

TEST(SigV4Canonical, S4_HmacOfLongKeys) {
  // RFC 4231, cases 2 and 6.
  Hasher hasher;
  EXPECT_EQ(hex(hasher.hmac("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hasher.hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hasher.sha256(""), kEmptyPayload);
  EXPECT_EQ(hasher.sha256("ab", std::string_view("c")), hasher.sha256("abc"));
}

TEST(SigV4Canonical, S5_Dates) {
  const struct {
    const char* text;
    std::int64_t time;  // -1: none
  } basics[] = {
      {"19700101T000000Z", 0},
      {"20150830T123600Z", 1'440'938'160},
      {"20240229T235959Z", 1'709'251'199},
      {"20230229T000000Z", -1},
      {"20261301T000000Z", -1},
      {"20260100T000000Z", -1},
      {"20260101T240000Z", -1},
      {"20260101T006000Z", -1},
      {"20260101T000060Z", -1},
      {"20260101T000000z", -1},
      {"20260101t000000Z", -1},
      {"20260101T000000", -1},
      {" 20260101T000000Z", -1},
      {"2026010 T000000Z", -1},
      {"-2260101T000000Z", -1},
      {"00000101T000000Z", -1},
      {"20260431T000000Z", -1},
      {"", -1},
  };
  for (const auto& c : basics) EXPECT_EQ(parse_basic(c.text).value_or(-1), c.time) << c.text;
  const struct {
    const char* text;
    std::int64_t time;
  } https[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", 784'111'777}, {"Thu, 15 Jan 2026 10:15:30 GMT", kNow},
      {"Fri, 15 Jan 2026 10:15:30 GMT", -1},  // it was a Thursday
      {"thu, 15 Jan 2026 10:15:30 GMT", -1},          {"Thu, 15 jan 2026 10:15:30 GMT", -1},
      {"Thu, 15 anF 2026 10:15:30 GMT", -1},          {"Thu, 15 Jan 2026 10:15:30 UTC", -1},
      {"Thu, 15 Jan 2026 10:15:30 +0000", -1},        {"Thu 15 Jan 2026 10:15:30 GMT", -1},
      {"Sunday, 06-Nov-94 08:49:37 GMT", -1},         {"Sun Nov  6 08:49:37 1994", -1},
      {"Thu, 5 Jan 2026 10:15:30 GMT", -1},
  };
  for (const auto& c : https) EXPECT_EQ(parse_http_date(c.text).value_or(-1), c.time) << c.text;
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{951'782'400}, kNow, std::int64_t{253'402'300'799},
                                  std::int64_t{-1}, std::int64_t{-62'135'596'800}})
    EXPECT_EQ(parse_basic(basic(time)).value_or(1), time) << basic(time);
}

TEST(SigV4Canonical, S5_TheDateHeaderWillDo) {
  Unsigned request;
  request.host = kHost;
  SigningOptions options;
  options.region = "us-east-1";
  options.time_s = kNow;
  for (const char* date : {"Thu, 15 Jan 2026 10:15:30 GMT", "20260115T101530Z"}) {
    request.headers = {{"date", date}};
    // The signer adds X-Amz-Date and signs it: made here without.
    Sent sent;
    sent.add("host", kHost).add("date", date);
    CanonicalRequest canonical;
    Hasher hasher;
    canonical.write(Shown(sent).request, {"date", "host"}, false, kEmptyPayload);
    canonical.path("GET", "/");
    std::string to_sign;
    append_string_to_sign(to_sign, kTimestamp, "20260115/us-east-1/execute-api/aws4_request", canonical.digest(hasher));
    const Digest key = signing_key(hasher, kSecret, "20260115", "us-east-1", "execute-api");
    sent.add("authorization", std::string("AWS4-HMAC-SHA256 Credential=") + kKeyId +
                                  "/20260115/us-east-1/execute-api/aws4_request, SignedHeaders=date;host, Signature=" +
                                  hex(hasher.hmac(bytes_of(key), to_sign)));
    EXPECT_EQ(judge(sent, kNow, kSecret).fault, Fault::None) << date;
    EXPECT_EQ(judge(sent, kNow + 301, kSecret).fault, Fault::Expired) << date;
  }
}

}  // namespace
}  // namespace gatehouse::kit::sigv4::test
