// What is not as it was signed is refused: the negative tests of spec sigv4, section 14.
#include <gtest/gtest.h>

#include <functional>

#include "own_vectors.hpp"

namespace gatehouse::kit::sigv4::test {
namespace {

struct Change {
  const char* what;
  std::function<void(Sent&)> make;
};

void expect_all(const char* vector, const std::vector<Change>& changes, Fault fault) {
  const OwnVector v = own_vector(vector);
  ASSERT_EQ(judge(v.sent, kNow, kSecret).fault, Fault::None) << vector;
  for (const Change& change : changes) {
    Sent sent = v.sent;
    change.make(sent);
    const Judged got = judge(sent, kNow, kSecret);
    EXPECT_STREQ(name(got.fault), name(fault)) << vector << ": " << change.what << ": " << got.message;
  }
}

TEST(SigV4Tamper, S14_EachSignedPart) {
  for (const OwnVector& v : own_vectors()) {
    const std::vector<Change> changes{
        {"method", [](Sent& s) { s.method = s.method == "GET" ? "HEAD" : "PUT"; }},
        {"path", [](Sent& s) { s.path.back() = static_cast<char>(s.path.back() ^ 1); }},
        {"path, a slash more", [](Sent& s) { s.path += '/'; }},
        {"query, a parameter more", [](Sent& s) { s.query += s.query.empty() ? "extra" : "&extra"; }},
        {"host", [](Sent& s) { s.set("host", "abcde12346.execute-api.us-east-1.amazonaws.com"); }},
        {"body", [](Sent& s) { s.body += ' '; }},
        {"signature", [&](Sent& s) { s.replace(v.signature, std::string(v.signature.rbegin(), v.signature.rend())); }},
        {"signature, upper case",
         [&](Sent& s) {
           std::string upper = v.signature;
           for (char& c : upper)
             if (c >= 'a') c = static_cast<char>(c - 32);
           s.replace(v.signature, upper);
         }},
        {"signature, cut", [&](Sent& s) { s.replace(v.signature, v.signature.substr(0, 62)); }},
        {"signature, more", [&](Sent& s) { s.replace(v.signature, v.signature + "00"); }},
        {"signature, zeros", [&](Sent& s) { s.replace(v.signature, std::string(64, '0')); }},
        {"time, within the window", [](Sent& s) { s.replace("T101530Z", "T101531Z"); }},
    };
    expect_all(v.name, changes, Fault::Mismatch);
  }
}

TEST(SigV4Tamper, S14_WhatEachVectorIsAbout) {
  expect_all("V1",
             {{"a value", [](Sent& s) { s.query = "b=2&a=1&a=0&A=4&flag"; }},
              {"a name", [](Sent& s) { s.query = "b=2&a=1&a=0&B=3&flag"; }},
              {"a parameter less", [](Sent& s) { s.query = "b=2&a=1&A=3&flag"; }},
              {"the same twice", [](Sent& s) { s.query += "&flag"; }},
              {"X-Amz-Signature is a parameter as any other in header form",
               [](Sent& s) { s.query += "&X-Amz-Signature=zz"; }}},
             Fault::Mismatch);
  expect_all("V1",
             {{"another order", [](Sent& s) { s.query = "flag&a=0&A=3&a=1&b=2"; }},
              {"another spelling", [](Sent& s) { s.query = "&b=%32&%61=1&&a=0&A=3&flag=&"; }}},
             Fault::None);
  expect_all("V2",
             {{"decoded", [](Sent& s) { s.path = "/prod/pets/caf\xc3\xa9/a%20b"; }},
              {"lower-case hex", [](Sent& s) { s.path = "/prod/pets/caf%c3%a9/a%20b"; }}},
             Fault::Mismatch);
  expect_all("V3",
             {{"a signed header", [](Sent& s) { s.set("content-type", "application/xml"); }},
              {"a signed header is gone", [](Sent& s) { s.drop("content-type"); }},
              {"a signed header from the query",
               [](Sent& s) { s.drop("content-type").query = "content-type=application%2Fjson"; }},
              {"a value more", [](Sent& s) { s.add("x-custom", "d"); }},
              {"the other order", [](Sent& s) { s.drop("x-custom").add("x-custom", "c").add("x-custom", "a b"); }},
              {"the token", [](Sent& s) { s.replace("abc+def==", "abc+def="); }}},
             Fault::Mismatch);
  expect_all(
      "V3",
      {{"blanks", [](Sent& s) { s.drop("x-custom").add("x-custom", "a \t b").add("x-custom", " c "); }},
       {"already joined", [](Sent& s) { s.drop("x-custom").add("x-custom", "a b,c"); }},
       {"headers that nobody signed", [](Sent& s) { s.add("accept", "*/*").add("x-forwarded-for", "192.0.2.1"); }}},
      Fault::None);
  expect_all("V4",
             {{"a second signature", [](Sent& s) { s.query += "&X-Amz-Signature=zz"; }},
              {"a second signature, first", [](Sent& s) { s.query = "X-Amz-Signature=zz&" + s.query; }},
              {"a second date", [](Sent& s) { s.query += "&X-Amz-Date=20260115T101530Z"; }},
              {"more time", [](Sent& s) { s.replace("Expires=60", "Expires=61"); }},
              {"no token", [](Sent& s) { s.replace("&X-Amz-Security-Token=GHSESSIONTOKEN%2Fabc%2Bdef%3D%3D", ""); }},
              {"more signed headers", [](Sent& s) { s.replace("SignedHeaders=host", "SignedHeaders=accept%3Bhost"); }}},
             Fault::Mismatch);
}

TEST(SigV4Tamper, S6_AnotherKeysSecretSignsNothing) {
  for (const OwnVector& v : own_vectors()) EXPECT_EQ(judge(v.sent, kNow, "another secret").fault, Fault::Mismatch);
}

TEST(SigV4Tamper, S35_TheBodyCountsNotWhatIsSaidOfIt) {
  Unsigned request;
  request.method = "POST";
  request.host = kHost;
  request.path = "/prod/orders";
  Hasher hasher;
  request.payload = hasher.sha256("hello");
  SigningOptions options;
  options.region = "us-east-1";
  options.time_s = kNow;
  const AccessKey key{kKeyId, kSecret, ""};
  const auto sent = [&](const char* said, const Signed& made) {
    Sent out;
    out.method = "POST";
    out.path = request.path;
    out.body = "hello";
    out.add("host", kHost);
    if (*said != 0) out.add("x-amz-content-sha256", said);
    for (const auto& [name, value] : made.headers) out.set(lower(name), value);
    return out;
  };
  options.payload_header = true;
  const Sent right = sent("", sign(request, key, options));
  EXPECT_EQ(judge(right, kNow, kSecret).fault, Fault::None);
  Sent changed = right;
  changed.body = "hullo";
  EXPECT_EQ(judge(changed, kNow, kSecret).reason,
            "the signature does not match; the body is not the one that x-amz-content-sha256 names");

  // A client that signs UNSIGNED-PAYLOAD has that in the last line of its canonical request.
  options.payload_header = false;
  for (const std::string said : {"UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}) {
    request.headers = {{"x-amz-content-sha256", said}};
    Signed made = sign(request, key, options);
    std::string canonical = made.canonical_request.substr(0, made.canonical_request.rfind('\n') + 1) + said;
    std::string to_sign;
    append_string_to_sign(to_sign, kTimestamp, "20260115/us-east-1/execute-api/aws4_request", hasher.sha256(canonical));
    const Digest signing = signing_key(hasher, kSecret, "20260115", "us-east-1", "execute-api");
    Sent streaming = sent(said.c_str(), made);
    ASSERT_EQ(judge(streaming, kNow, kSecret).fault, Fault::None) << "an ordinary header, the hash is of the body";
    streaming.replace(made.signature, hex(hasher.hmac(bytes_of(signing), to_sign)));
    const Judged got = judge(streaming, kNow, kSecret);
    EXPECT_EQ(got.fault, Fault::Mismatch);
    EXPECT_EQ(got.reason, "the signature does not match; x-amz-content-sha256 is `" + said +
                              "`, but the hash of the body must be signed");
  }
}

TEST(SigV4Tamper, S15_FrequentMistakesAreTold) {
  Unsigned request;
  request.host = "example.com:8443";
  request.path = "/caf%C3%A9/@x";
  SigningOptions options;
  options.region = "us-east-1";
  options.time_s = kNow;
  const AccessKey key{kKeyId, kSecret, ""};
  const auto reason = [&](const Unsigned& as_signed, const std::string& path) {
    Signed made = sign(as_signed, key, options);
    Sent sent;
    sent.path = path;
    sent.authority = request.host;
    sent.add("host", request.host);
    for (const auto& [name, value] : made.headers) sent.add(name, value);
    return judge(sent, kNow, kSecret).reason;
  };
  const std::string plain = "the signature does not match";
  EXPECT_EQ(reason(request, request.path), "");
  Unsigned bare = request;
  bare.host = "example.com";
  EXPECT_EQ(reason(bare, request.path), plain + "; it would if Host had no port: what is signed must be what is sent");
  EXPECT_EQ(reason(bare, "/other"), plain);
  // Whoever encodes once signs what comes of encoding the decoded path.
  Unsigned once = request;
  once.path = "/caf\xc3\xa9/@x";
  EXPECT_EQ(reason(once, request.path), plain + "; it would if the path were encoded once: it must be encoded twice");
  EXPECT_EQ(reason(once, "/caf%c3%a9/@x"), plain) << "another spelling";
}

TEST(SigV4Tamper, AbsoluteFormIsForItsOwnHost) {
  const OwnVector v = own_vector("V1");
  const Verifier verifier{Rules{}};
  Workspace w;
  const auto verified = [&](std::string_view authority) {
    Shown shown(v.sent);
    shown.request.authority = authority;
    Credentials c;
    Refusal why;
    EXPECT_TRUE(verifier.read(shown.request, kNow * 1000, w, c, why));
    const Digest key = signing_key(w.hasher, kSecret, c.date, c.region, c.service);
    return verifier.match(shown.request, c, key, kEmptyPayload, w).verified;
  };
  EXPECT_TRUE(verified(kHost));
  EXPECT_FALSE(verified("other.example.com")) << "Host says what was signed, but another host is routed";
}

}  // namespace
}  // namespace gatehouse::kit::sigv4::test
