// Wycheproof: signatures and keys that nobody here made, with the verdicts of others.
#include <gtest/gtest.h>
#include <gatehouse/kit/jose/token.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>

namespace gatehouse::kit::jose {
namespace {

constexpr const char* kNoHmac = "JW-60: HMAC cannot be enabled";
constexpr const char* kNotThisAlgorithm = "JW-61: the JWK's `alg` is PS256, the token's PS384";
constexpr const char* kNoAlgorithm = "JW-61: the JWK's `alg` is ES521, which RFC 7518 does not know";
constexpr const char* kStrict = "JW-65: a character that is not base64url (and HMAC)";

// Valid for others, not for us.
const std::map<int, const char*> kWeRefuse = {
    {1, kNoHmac},        {346, kNotThisAlgorithm}, {347, kNoAlgorithm}, {348, kNoHmac}, {350, kNotThisAlgorithm},
    {351, kNoAlgorithm}, {352, kNoHmac},           {357, kNoHmac},      {358, kNoHmac}, {359, kNoHmac},
    {372, kStrict},      {373, kStrict},           {376, kNoHmac},      {377, kNoHmac}};
const std::map<int, const char*> kWeRefuseKeys = {{2, kNoHmac}, {13, kNoHmac}, {14, kNoHmac}, {15, kNoHmac}};

std::optional<Json> load(const std::string& name, std::string& told) {
  const char* const folder = std::getenv("GATEHOUSE_VECTORS");
  const std::filesystem::path root =
      folder != nullptr ? std::filesystem::path(folder) : std::filesystem::path(GATEHOUSE_SOURCE) / "../shared/vectors";
  const std::filesystem::path file = root / "jose" / name;
  std::ifstream in(file, std::ios::binary);
  told = "no test vectors: " + file.string();
  if (!in) return std::nullopt;
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  JsonFault fault;
  auto out = parse_json(text, fault);
  if (!out) ADD_FAILURE() << file << ": " << fault.text;
  return out;
}

const Json& key_of(const Json& group) {
  const Json* const key = group.member("public");
  return key != nullptr ? *key : *group.member("private");
}

/// What becomes of a token when these are the keys.
Outcome verdict(const std::string& jws, const std::string& set) {
  TokenRules rules;
  rules.algorithms = kAllAlgorithms;
  Outcome why;
  const auto token = Token::read(jws, rules, why);
  if (!token) return why;
  KeySetReport report;
  const auto keys = KeySet::parse(set, report);
  if (!keys) {
    std::string all = report.fault;
    for (const std::string& line : report.ignored) all += "; " + line;
    return {Refusal::UnknownKey, all};
  }
  return token->verify(keys->find(token->kid()));
}

std::string write(const Json& value) {
  std::string out;
  switch (value.kind) {
    case Json::Kind::String:
      return "\"" + value.text + "\"";  // no vector has one that needs escapes
    case Json::Kind::Array:
    case Json::Kind::Object:
      for (std::size_t i = 0; i < value.children.size(); ++i)
        out +=
            (i != 0 ? "," : "") + (value.names.empty() ? "" : "\"" + value.names[i] + "\":") + write(value.children[i]);
      return value.kind == Json::Kind::Array ? "[" + out + "]" : "{" + out + "}";
    default:
      return value.text;
  }
}

Refusal judge(const Json& group, const Json& test, const std::string& set, const std::map<int, const char*>& known) {
  const int id = std::atoi(test.member("tcId")->text.c_str());
  const std::string where =
      test.member("tcId")->text + " " + group.member("comment")->text + " " + test.member("comment")->text;
  const bool valid = test.member("result")->text == "valid";
  const Outcome got = verdict(test.member("jws")->text, set);
  const auto difference = known.find(id);
  if (difference != known.end())
    EXPECT_TRUE(valid && !got) << where << ": explained, yet the same: " << difference->second;
  else
    EXPECT_EQ(static_cast<bool>(got), valid) << where << ": " << name(got.refusal) << ": " << got.detail;
  return got.refusal;
}

TEST(JoseVectors, JW_60_to_65_SignaturesAsWycheproofJudgesThemButWhereTheSpecDecides) {
  std::string told;
  const auto all = load("wycheproof-jws-adjudicated.json", told);
  if (!all) GTEST_SKIP() << told;
  int tests = 0, must_match = 0;
  std::map<Refusal, int> refused;
  for (const Json& group : all->member("testGroups")->children) {
    const std::string set = "{\"keys\":[" + write(key_of(group)) + "]}";
    for (const Json& test : group.member("tests")->children) {
      ++tests;
      must_match += test.member("adjudication")->text == "must-match";
      ++refused[judge(group, test, set, kWeRefuse)];
    }
  }
  EXPECT_EQ(tests, 401);
  EXPECT_EQ(must_match, 387);
  // Most are refused by the signature, not by something before it.
  EXPECT_EQ(refused[Refusal::None], 32);
  EXPECT_GT(refused[Refusal::Signature], 250);
}

TEST(JoseVectors, JW_61_JW_62_JW_69_KeysAsWycheproofJudgesThemButWhereTheSpecDecides) {
  std::string told;
  const auto all = load("wycheproof-json_web_key_test.json", told);
  if (!all) GTEST_SKIP() << told;
  int tests = 0;
  for (const Json& group : all->member("testGroups")->children) {
    for (const Json& test : group.member("tests")->children) {
      ++tests;
      judge(group, test, write(key_of(group)), kWeRefuseKeys);
    }
  }
  EXPECT_EQ(tests, 26);
}

}  // namespace
}  // namespace gatehouse::kit::jose
