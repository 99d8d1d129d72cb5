// The vectors of the specification, and the public ones of AWS (aws-c-auth), at every stage.
#include <gtest/gtest.h>
#include <gatehouse/kit/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "own_vectors.hpp"

namespace gatehouse::kit::sigv4::test {
namespace {

TEST(SigV4Vectors, S14_OwnOnesAtEveryStage) {
  for (const OwnVector& v : own_vectors()) {
    const Verifier verifier{Rules{}};
    Workspace w;
    const Shown shown(v.sent);
    Credentials c;
    Refusal why;
    ASSERT_TRUE(verifier.read(shown.request, kNow * 1000, w, c, why)) << v.name << ": " << why.message;
    EXPECT_EQ(c.access_key_id, kKeyId);
    EXPECT_EQ(c.form, v.in_query ? Form::Query : Form::Header);
    EXPECT_EQ(c.scope, "20260115/us-east-1/execute-api/aws4_request");
    const Digest key = signing_key(w.hasher, kSecret, c.date, c.region, c.service);
    EXPECT_EQ(hex(key), "5910c2015d8995d4342712196a29364756249922b8d0d369d2ae20f06012bace");
    const Digest payload = w.hasher.sha256(v.sent.body);
    CanonicalRequest canonical;
    canonical.write(shown.request, w.room.signed_names, v.in_query, payload);
    canonical.path(shown.request.method, shown.request.wire_path);
    EXPECT_EQ(hex(canonical.digest(w.hasher)), v.canonical_sha256) << v.name << "\n" << canonical.text();
    EXPECT_TRUE(verifier.match(shown.request, c, key, payload, w).verified) << v.name;
  }
}

TEST(SigV4Vectors, S14_TheirPoints) {
  const auto canonical_of = [](const char* name) {
    const OwnVector v = own_vector(name);
    const Judged bad = judge(v.sent, kNow, "another secret", {}, true);
    return bad.message;
  };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  EXPECT_TRUE(has(canonical_of("V1"), "\nA=3&a=0&a=1&b=2&flag=\n"));
  EXPECT_TRUE(has(canonical_of("V2"), "\n/prod/pets/caf%25C3%25A9/a%2520b\n"));
  EXPECT_TRUE(has(canonical_of("V3"), "\nx-custom:a b,c\n"));
  EXPECT_TRUE(has(canonical_of("V3"), "\n037c9214eef74cc3887f3a4f085b4e17d76280dafd273b0ee160c09c4ba1cfd4'"));
  EXPECT_TRUE(has(canonical_of("V5"), "\n%E1%88%B4=v1&Param=v2&Param-3=v3&x=%2A\n"));
  EXPECT_TRUE(has(canonical_of("V6a"), "\n/prod/%40connections/AbC1dEf%3D\n"));
  EXPECT_TRUE(has(canonical_of("V6b"), "\n/prod/%2540connections/AbC1dEf%253D\n"));
}

std::optional<Json> load(std::string& told) {
  const char* const folder = std::getenv("GATEHOUSE_VECTORS");
  const std::filesystem::path root =
      folder != nullptr ? std::filesystem::path(folder) : std::filesystem::path(GATEHOUSE_SOURCE) / "../shared/vectors";
  const std::filesystem::path file = root / "sigv4" / "sigv4-suite.json";
  std::ifstream in(file, std::ios::binary);
  told = "no test vectors: " + file.string();
  if (!in) return std::nullopt;
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  JsonFault fault;
  auto out = parse_json(text, fault, JsonLimits{1 << 20, 1 << 16, 32, 256});
  if (!out) ADD_FAILURE() << file << ": " << fault.text;
  return out;
}

const std::string& text(const Json& json, const char* name) {
  return json.member(name)->text;
}

/// A suite's request, headers as they are.
Sent sent_of(const Json& request) {
  Sent out;
  out.method = text(request, "method");
  const std::string& target = text(request, "target");
  const std::size_t mark = target.find('?');
  out.path = target.substr(0, mark);
  if (mark != std::string::npos) out.query = target.substr(mark + 1);
  for (const Json& line : request.member("headers")->children) out.add(line.children[0].text, line.children[1].text);
  out.body = text(request, "body");
  return out;
}

Unsigned unsigned_of(const Sent& sent) {
  Unsigned out;
  out.method = sent.method;
  out.path = sent.path;
  out.raw_query = sent.query;
  for (const auto& [name, value] : sent.headers)
    if (name == "host")
      out.host = value;
    else
      out.headers.emplace_back(name, value);
  Hasher hasher;
  out.payload = hasher.sha256(sent.body);
  return out;
}

void expect_stages(const Signed& made, const Json& wanted, const std::string& where) {
  EXPECT_EQ(made.canonical_request, text(wanted, "canonical_request")) << where;
  EXPECT_EQ(made.string_to_sign, text(wanted, "string_to_sign")) << where;
  EXPECT_EQ(made.signature, text(wanted, "signature")) << where;
}

/// The request as it was signed, before the verifier; and with another last digit.
void expect_verified(const Json& wanted, const Rules& rules, std::int64_t now_s, bool normalise,
                     const std::string& secret, bool must, const std::string& where) {
  Sent sent = sent_of(*wanted.member("signed_request"));
  std::string routed;
  if (normalise && normalise_as_signers_do(sent.path, routed)) sent.routed = routed;
  const Judged good = judge(sent, now_s, secret, rules);
  EXPECT_EQ(good.fault == Fault::None, must) << where << ": " << good.message;
  std::string other = text(wanted, "signature");
  other.back() = other.back() == '0' ? '1' : '0';
  sent.replace(text(wanted, "signature"), other);
  EXPECT_EQ(judge(sent, now_s, secret, rules).fault, Fault::Mismatch) << where;
}

TEST(SigV4Vectors, SuiteOfAwsAtEveryStage) {
  std::string told;
  const auto all = load(told);
  if (!all) GTEST_SKIP() << told;
  std::size_t cases = 0;
  for (const Json& test : all->member("cases")->children) {
    ++cases;
    const std::string where = text(test, "name");
    const Json& context = *test.member("context");
    const Json& credentials = *context.member("credentials");
    const Json *const token = credentials.member("token"), *const omit = context.member("omit_session_token");
    AccessKey key{text(credentials, "access_key_id"), text(credentials, "secret_access_key"),
                  token != nullptr ? token->text : ""};
    SigningOptions options;
    options.region = text(context, "region");
    options.service = text(context, "service");
    options.time_s = parse_basic("20150830T123600Z").value();
    ASSERT_EQ(text(context, "timestamp"), "2015-08-30T12:36:00Z");
    options.normalise_path = text(context, "normalize") == "true";
    options.sign_token = omit == nullptr || omit->text != "true";
    options.payload_header = text(context, "sign_body") == "true";
    const Unsigned request = unsigned_of(sent_of(*test.member("request")));
    expect_stages(sign(request, key, options), *test.member("header"), where + ", header");
    expect_stages(presign(request, key, options, 3600), *test.member("query"), where + ", query");

    Rules rules;
    rules.services = {options.service};
    rules.presign_cap_s = 3600;
    expect_verified(*test.member("header"), rules, options.time_s, options.normalise_path, key.secret, true,
                    where + ", header");
    // Its token was put into the query after that was signed.
    expect_verified(*test.member("query"), rules, options.time_s, options.normalise_path, key.secret,
                    where != "post-sts-header-after", where + ", query");
  }
  EXPECT_EQ(cases, 38u);
}

}  // namespace
}  // namespace gatehouse::kit::sigv4::test
