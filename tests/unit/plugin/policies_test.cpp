#include "plugin/policies.hpp"

#include <gtest/gtest.h>

#include "plugin/answer.hpp"
#include "policy/policy.hpp"

namespace gatehouse::plugin {
namespace {

constexpr std::string_view kResource =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]})";
constexpr std::string_view kOutput =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]})";

gh_str str(std::string_view s) {
  return {s.data(), s.size()};
}

TEST(Policies, ADocumentGetsAHandleOfItsOwn) {
  Policies mine, others;
  std::uint64_t first = 0, second = 0, foreign = 0;
  std::string why;
  EXPECT_EQ(mine.declare(GH_ROLE_RESOURCE, kResource, first, why), GH_OK) << why;
  EXPECT_EQ(mine.declare(GH_ROLE_RESOURCE, kResource, second, why), GH_OK) << why;
  EXPECT_EQ(others.declare(GH_ROLE_RESOURCE, kResource, foreign, why), GH_OK) << why;
  EXPECT_NE(first, 0u);
  EXPECT_NE(first, second);
  EXPECT_NE(first, foreign);
  ASSERT_EQ(mine.all().size(), 2u);
  EXPECT_EQ(mine.all()[0].handle, first);
  EXPECT_EQ(mine.all()[0].json, kResource);
  EXPECT_EQ(mine.all()[0].role, access::PolicyRole::Resource);
}

TEST(Policies, EveryFaultIsToldWithItsPlace) {
  Policies policies;
  std::uint64_t handle = 0;
  std::string why;
  const std::string bad =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Permit","Principal":"*","Action":"s3","Resource":"*"},
      {"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]})";
  EXPECT_EQ(policies.declare(GH_ROLE_RESOURCE, bad, handle, why), GH_E_CONFIG);
  EXPECT_EQ(handle, 0u);
  EXPECT_TRUE(why.starts_with(
      "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.\n"));
  for (const char* place : {"/Statement/0/Effect: ", "/Statement/1: "})
    EXPECT_NE(why.find(place), std::string::npos) << why;
  EXPECT_EQ(policies.faults(), why);
  EXPECT_TRUE(policies.all().empty());
}

// Spec iam-policy section 1: a document is held to the rules of what it is for.
TEST(Policies, S1_EachRoleHasItsOwnRules) {
  const std::string with_id =
      R"({"Id":"x","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]})";
  const std::string shorthand =
      R"({"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]})";
  const std::string long_one = std::string(kOutput) + std::string(3000, ' ');
  const std::string sid(2100, 'a');
  const std::string long_sid =
      R"({"Statement":[{"Sid":")" + sid + R"(","Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]})";
  const struct {
    std::uint32_t role;
    std::string_view json;
    std::int32_t status;
    const char* why;
  } kRows[] = {
      {GH_ROLE_IDENTITY, kOutput, GH_OK, ""},
      {GH_ROLE_BOUNDARY, kOutput, GH_OK, ""},
      {GH_ROLE_SESSION, kOutput, GH_OK, ""},
      {GH_ROLE_RESOURCE, kResource, GH_OK, ""},
      {GH_ROLE_ENDPOINT, kOutput, GH_E_CONFIG, "Invalid policy document of role endpoint.\n/Statement/0: "},
      {GH_ROLE_RESOURCE, kOutput, GH_E_CONFIG, "Invalid policy document. Please check"},
      {GH_ROLE_IDENTITY, kResource, GH_E_CONFIG, "Invalid policy document of role identity.\n/Statement/0: "},
      {GH_ROLE_BOUNDARY, kResource, GH_E_CONFIG, "names no principal"},
      {GH_ROLE_SESSION, kResource, GH_E_CONFIG, "names no principal"},
      {GH_ROLE_ENDPOINT, kResource, GH_E_CONFIG, "stands for the API in its own resource policy only"},
      {GH_ROLE_IDENTITY, with_id, GH_E_CONFIG, "/Id: "},
      {GH_ROLE_IDENTITY, shorthand, GH_E_CONFIG, "write the whole ARN"},
      {GH_ROLE_SESSION, long_one, GH_OK, "white space is not counted"},
      {GH_ROLE_SESSION, long_sid, GH_E_CONFIG, "at most 2048"},
      {GH_ROLE_BOUNDARY, long_sid, GH_OK, ""},
  };
  Policies policies;
  std::size_t sound = 0;
  for (const auto& row : kRows) {
    std::uint64_t handle = 0;
    std::string why;
    EXPECT_EQ(policies.declare(row.role, row.json, handle, why), row.status) << row.role << " " << row.json << why;
    if (row.status == GH_OK) {
      EXPECT_NE(handle, 0u);
      ASSERT_EQ(policies.all().size(), ++sound);
      EXPECT_EQ(static_cast<std::uint32_t>(policies.all().back().role), row.role - GH_ROLE_IDENTITY);
    } else {
      EXPECT_EQ(handle, 0u);
      EXPECT_NE(why.find(row.why), std::string::npos) << row.role << " " << why;
    }
  }
}

TEST(Policies, WhatCannotBeDeclared) {
  Policies policies;
  std::uint64_t handle = 0;
  std::string why;
  EXPECT_EQ(policies.declare(0, kResource, handle, why), GH_E_INVALID);
  EXPECT_EQ(policies.declare(99, kResource, handle, why), GH_E_INVALID);
  for (std::size_t i = 0; i < Policies::kMost; ++i)
    EXPECT_EQ(policies.declare(GH_ROLE_RESOURCE, kResource, handle, why), GH_OK);
  EXPECT_EQ(policies.declare(GH_ROLE_RESOURCE, kResource, handle, why), GH_E_LIMIT);
  policies.close();
  EXPECT_EQ(policies.declare(GH_ROLE_RESOURCE, kResource, handle, why), GH_E_STATE);
}

struct Read {
  base::Arena arena;
  access::Answer answer;
  bool valid;
  Read(std::vector<gh_policy> policies, std::uint32_t kind = GH_ALLOW, std::string_view principal = "ann") {
    gh_answer a{};
    a.struct_size = sizeof a;
    a.kind = kind;
    a.ttl_s = -1;
    a.principal_id = str(principal);
    a.policies = {policies.data(), policies.size()};
    valid = read_answer(&a, access::ApiType::Rest, arena, answer);
  }
};

TEST(AnswerPolicies, ATextIsCompiledAndHeld) {
  const Read read({{str(kOutput), 0, GH_ROLE_IDENTITY, 0}});
  ASSERT_TRUE(read.valid) << read.answer.reason;
  ASSERT_EQ(read.answer.policies.size(), 1u);
  ASSERT_NE(read.answer.policies[0].policy, nullptr);
  EXPECT_EQ(read.answer.policies[0].policy->kind(), policy::Kind::Authorizer);
  EXPECT_NE(read.answer.holds, nullptr);
  EXPECT_GE(read.answer.held_bytes, kOutput.size());
}

TEST(AnswerPolicies, AHandleIsPassedOn) {
  const Read read({{str({}), 7, GH_ROLE_RESOURCE, 0}}, GH_ABSTAIN, "");
  ASSERT_TRUE(read.valid) << read.answer.reason;
  ASSERT_EQ(read.answer.policies.size(), 1u);
  EXPECT_EQ(read.answer.policies[0].handle, 7u);
  EXPECT_EQ(read.answer.policies[0].role, access::PolicyRole::Resource);
  EXPECT_EQ(read.answer.policies[0].policy, nullptr);
}

TEST(AnswerPolicies, LA_6x_WhatBreaksARuleFails) {
  const std::string large = std::string(kOutput) + std::string(kMaxPolicyBytes, ' ');
  const gh_policy good{str(kOutput), 0, GH_ROLE_IDENTITY, 0};
  const struct {
    const char* what;
    std::vector<gh_policy> policies;
    std::uint32_t kind;
    const char* principal;
    const char* reason;
  } cases[] = {
      {"LA-61", {good}, GH_ALLOW, "", "principal_id"},
      {"LA-62", {{str("{}"), 0, GH_ROLE_IDENTITY, 0}}, GH_ALLOW, "ann", "cannot be weighed"},
      {"LA-6E", {{str(large), 0, GH_ROLE_IDENTITY, 0}}, GH_ALLOW, "ann", "too large"},
      {"nothing", {{str({}), 0, GH_ROLE_IDENTITY, 0}}, GH_ALLOW, "ann", "neither"},
      {"both", {{str(kOutput), 7, GH_ROLE_IDENTITY, 0}}, GH_ALLOW, "ann", "one of the two"},
      {"role 0", {{str(kOutput), 0, 0, 0}}, GH_ALLOW, "ann", "unknown role"},
      {"role 6", {{str({}), 7, 6, 0}}, GH_ALLOW, "ann", "unknown role"},
      {"text of a resource policy", {{str(kResource), 0, GH_ROLE_RESOURCE, 0}}, GH_ALLOW, "ann", "take a handle"},
      {"not UTF-8", {{str("{\"\xff\"}"), 0, GH_ROLE_IDENTITY, 0}}, GH_ALLOW, "ann", "UTF-8"},
      {"too many", std::vector<gh_policy>(kMaxPolicies + 1, good), GH_ALLOW, "ann", "too many"},
      {"unauthorized", {good}, GH_UNAUTHORIZED, "ann", "allow, deny and abstain"},
      {"failed", {good}, GH_FAILED, "ann", "allow, deny and abstain"},
  };
  for (const auto& c : cases) {
    const Read read(c.policies, c.kind, c.principal);
    EXPECT_FALSE(read.valid) << c.what;
    EXPECT_EQ(read.answer.kind, access::AnswerKind::Failed) << c.what;
    EXPECT_NE(read.answer.reason.find(c.reason), std::string_view::npos) << c.what << ": " << read.answer.reason;
    EXPECT_TRUE(read.answer.policies.empty()) << c.what;
  }
}

}  // namespace
}  // namespace gatehouse::plugin
