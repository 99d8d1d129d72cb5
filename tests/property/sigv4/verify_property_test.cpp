// verify(sign(x)) holds for every x, and for nothing else: a request that differs in what counts is refused.
#include <gtest/gtest.h>
#include <gatehouse/kit/sigv4/encode.hpp>
#include <gatehouse/kit/sigv4/signer.hpp>
#include <gatehouse/kit/sigv4/verifier.hpp>
#include <gatehouse/text.hpp>

#include "naive.hpp"
#include "random_request.hpp"

namespace gatehouse::kit::sigv4 {
namespace {

constexpr std::int64_t kNow = 1'768'472'130;
constexpr const char* kKeyId = "AKIDGATEHOUSE0000001";

struct Sent {
  Unsigned request;  // with what signing added
  std::string body;
};

class Judge {
 public:
  Fault operator()(const Sent& sent, const std::string& secret) {
    std::vector<gh_kv> all{{raw("host"), raw(sent.request.host)}};
    for (const auto& [name, value] : sent.request.headers) all.push_back({raw(name), raw(value)});
    Request request;
    request.method = sent.request.method;
    request.wire_path = sent.request.path;
    // As if the gateway had only the slashes and escapes to say something about.
    request.path = sent.request.path;
    request.raw_query = sent.request.raw_query;
    request.authority = sent.request.host;
    request.region = "eu-central-1";
    request.headers = {all.data(), all.size()};
    Credentials c;
    Refusal why;
    if (!verifier_.read(request, kNow * 1000, workspace_, c, why)) return why.fault;
    if (c.access_key_id != kKeyId) return Fault::UnknownKey;
    const Digest key = signing_key(workspace_.hasher, secret, c.date, c.region, c.service);
    const Digest payload = workspace_.hasher.sha256(sent.body);
    return verifier_.match(request, c, key, payload, workspace_).verified ? Fault::None : Fault::Mismatch;
  }

 private:
  const Verifier verifier_{Rules{}};
  Workspace workspace_;
};

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return text;
}

Sent signed_request(RandomRequest& random, const std::string& secret) {
  Sent out;
  Unsigned& r = out.request;
  r.method = random.one_of(std::vector<std::string>{"GET", "POST", "PUT", "DELETE", "PATCH"});
  r.host = random.once_in(2) ? "api.example.com" : "127.0.0.1:8080";
  r.path = random.path();
  r.raw_query = random.query();
  r.headers = random.headers();
  out.body = random.text("abc\n", 80);
  Hasher hasher;
  r.payload = hasher.sha256(out.body);
  SigningOptions options;
  options.region = "eu-central-1";
  options.time_s = kNow + static_cast<std::int64_t>(random.below(400)) - 200;
  options.payload_header = random.once_in(2);
  const AccessKey key{kKeyId, secret, random.once_in(3) ? "token/+=" : ""};
  const bool in_query = random.once_in(2);
  const Signed made = in_query ? presign(r, key, options, 300) : sign(r, key, options);
  r.raw_query = made.raw_query;
  for (const auto& [name, value] : made.headers) r.headers.emplace_back(lower(name), value);
  return out;
}

class SigV4RoundTrip : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, SigV4RoundTrip, testing::Range(1u, 5u));

TEST_P(SigV4RoundTrip, WhatIsSignedIsVerified) {
  RandomRequest random(GetParam());
  Judge judge;
  for (int i = 0; i < 2'000; ++i) {
    const std::string secret = random.text("abc/+09", 60);
    const Sent sent = signed_request(random, secret);
    ASSERT_EQ(judge(sent, secret), Fault::None) << sent.request.path << " " << sent.request.raw_query;
    ASSERT_EQ(judge(sent, secret + "x"), Fault::Mismatch);
  }
}

/// What a verifier must not tell apart.
std::string essence(const Sent& sent) {
  std::string out = sent.request.method + "\n" + sent.request.path + "\n";
  for (const auto& [name, value] : sent.request.headers)
    out += name + ":" + (name == "authorization" ? value : naive::trim(value)) + "\n";
  return out + naive::query(sent.request.raw_query) + "\n" + sent.request.host + "\n" + sent.body;
}

TEST_P(SigV4RoundTrip, OneByteOfWhatCountsAndItIsRefused) {
  RandomRequest random(GetParam());
  Judge judge;
  int refused = 0, same = 0;
  for (int i = 0; i < 6'000; ++i) {
    const Sent sent = signed_request(random, "secret");
    Sent other = sent;
    std::string* const parts[] = {&other.request.method, &other.request.path, &other.request.raw_query,
                                  &other.request.host, &other.body};
    std::string* part = parts[random.below(5)];
    if (random.once_in(3) && !other.request.headers.empty())
      part = &other.request.headers[random.below(other.request.headers.size())].second;
    if (part->empty()) continue;
    char& byte = (*part)[random.below(part->size())];
    byte = static_cast<char>(byte ^ (1 << random.below(7)));
    const Fault got = judge(other, "secret");
    if (find_bad_escape(other.request.raw_query) != std::string::npos) {
      ASSERT_EQ(got, Fault::BadEscape);
      continue;
    }
    if (essence(other) == essence(sent)) {
      ++same;
      continue;
    }
    // In the Authorization header some bytes say nothing: the comma, blanks, names nobody knows.
    if (got == Fault::None) {
      const auto auth = std::find_if(other.request.headers.begin(), other.request.headers.end(),
                                     [](const auto& h) { return h.first == "authorization"; });
      ASSERT_TRUE(auth != other.request.headers.end() && part == &auth->second) << essence(sent) << essence(other);
      ASSERT_TRUE(byte == ' ' || byte == ',' || byte == '\t') << auth->second;
      continue;
    }
    ++refused;
  }
  EXPECT_GT(refused, 3'000);
}

}  // namespace
}  // namespace gatehouse::kit::sigv4
