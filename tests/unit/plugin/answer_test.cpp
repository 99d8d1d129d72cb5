#include "plugin/answer.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

namespace gatehouse::plugin {
namespace {

using access::AnswerKind;
using access::ApiType;

gh_str str(std::string_view s) {
  return {s.data(), s.size()};
}
gh_answer of_kind(std::uint32_t kind) {
  gh_answer a{};
  a.struct_size = sizeof a;
  a.kind = kind;
  a.ttl_s = -1;
  return a;
}
struct Read {
  base::Arena arena;
  access::Answer answer;
  bool valid = true;
  explicit Read(const gh_answer& a, ApiType type = ApiType::Http) { valid = read_answer(&a, type, arena, answer); }
};

TEST(Answer, EveryKind) {
  const struct {
    std::uint32_t kind;
    AnswerKind expected;
  } cases[] = {{GH_ALLOW, AnswerKind::Allow},
               {GH_DENY, AnswerKind::Deny},
               {GH_UNAUTHORIZED, AnswerKind::Unauthorized},
               {GH_FAILED, AnswerKind::Failed},
               {GH_ABSTAIN, AnswerKind::Abstain}};
  for (const auto& c : cases) EXPECT_EQ(Read(of_kind(c.kind)).answer.kind, c.expected);
  EXPECT_EQ(Read(of_kind(GH_FAILED)).answer.code, "plugin");
  EXPECT_TRUE(Read(of_kind(GH_FAILED)).valid);
}

TEST(Answer, LA_6B_AKeyThatCannotBeNamedIsDelivered) {
  for (const char* key : {"a-b", "a.b", "a b", "\xc3\xa9", "$x"}) {
    const gh_val context[] = {{str(key), str("blue"), GH_T_STRING, 0}};
    gh_answer a = of_kind(GH_ALLOW);
    a.context = {context, 1};
    for (const ApiType type : {ApiType::Rest, ApiType::Http}) {
      const Read read(a, type);
      EXPECT_TRUE(read.valid) << key;
      ASSERT_EQ(read.answer.context.size(), 1u) << key;
      EXPECT_EQ(read.answer.context[0].key, key);
    }
  }
}

TEST(Answer, IsCopiedWhole) {
  std::string user = "user-7", reason = "because", key = "k-1", challenge = "Bearer realm=\"x\"", error = "none";
  std::string name = "tenant", blue = "blue";
  const gh_val context[] = {{str(name), str(blue), GH_T_STRING, 0}, {str("level"), str("3"), GH_T_NUMBER, 0}};
  const gh_val claims[] = {{str("roles"), str("[\"a\"]"), GH_T_JSON, 0}};
  gh_answer a = of_kind(GH_ALLOW);
  a.principal_id = str(user);
  a.reason = str(reason);
  a.usage_key = str(key);
  a.challenge = str(challenge);
  a.error_text = str(error);
  a.ttl_s = 60;
  a.valid_until_unix_ms = 99;
  a.context = {context, 2};
  a.claims = {claims, 1};
  Read read(a, ApiType::Rest);  // a claim may be a list where a context value may not
  for (std::string* s : {&user, &reason, &key, &challenge, &error, &name, &blue}) s->assign(s->size(), '#');
  base::Arena second;
  for (const access::Answer& out : {read.answer, copy_answer(read.answer, second)}) {
    ASSERT_EQ(out.kind, AnswerKind::Allow) << out.reason;
    EXPECT_EQ(out.principal_id, "user-7");
    EXPECT_EQ(out.reason, "because");
    EXPECT_EQ(out.usage_key, "k-1");
    EXPECT_EQ(out.challenge, "Bearer realm=\"x\"");
    EXPECT_EQ(out.error_text, "none");
    EXPECT_EQ(out.ttl_seconds, 60);
    EXPECT_EQ(out.valid_until_unix_ms, 99);
    ASSERT_EQ(out.context.size(), 2u);
    EXPECT_EQ(out.context[0].key, "tenant");
    EXPECT_EQ(out.context[0].value, "blue");
    EXPECT_EQ(out.context[1].type, access::ValueType::Number);
    ASSERT_EQ(out.claims.size(), 1u);
    EXPECT_EQ(out.claims[0].value, "[\"a\"]");
  }
}

TEST(Answer, ALongReasonIsCutBetweenCharacters) {
  std::string reason(kMaxReason - 1, 'x');
  reason += "\xc3\xa9 and more";
  gh_answer a = of_kind(GH_DENY);
  a.reason = str(reason);
  const Read read(a);
  EXPECT_TRUE(read.valid) << read.answer.reason;
  EXPECT_EQ(read.answer.reason, std::string(kMaxReason - 1, 'x'));
}

TEST(Answer, AnOlderPluginsShorterStructIsEnough) {
  std::string nonsense(sizeof(gh_answer), '\x7f');
  gh_answer a = of_kind(GH_ALLOW);
  a.struct_size = offsetof(gh_answer, principal_arn);
  a.principal_id = str("user");
  std::memcpy(nonsense.data(), &a, a.struct_size);
  base::Arena arena;
  access::Answer out;
  const bool valid = read_answer(reinterpret_cast<const gh_answer*>(nonsense.data()), ApiType::Http, arena, out);
  EXPECT_TRUE(valid) << out.reason;
  EXPECT_EQ(out.principal_id, "user");
}

TEST(Answer, ContextRules) {
  const struct {
    const char* name;
    std::uint32_t type;
    const char* value;
    ApiType api;
    bool valid;
    std::size_t kept;
  } cases[] = {
      {"LA-67 object, REST", GH_T_JSON, "{}", ApiType::Rest, false, 0},
      {"LA-67 array, WebSocket", GH_T_JSON, "[]", ApiType::Websocket, false, 0},
      {"LA-68 null, REST", GH_T_NULL, "", ApiType::Rest, true, 0},
      {"LA-68 null, WebSocket", GH_T_NULL, "", ApiType::Websocket, true, 0},
      {"LA-69 object, HTTP", GH_T_JSON, "{\"a\":[1]}", ApiType::Http, true, 1},
      {"LA-69 null, HTTP", GH_T_NULL, "null", ApiType::Http, true, 1},
      {"a scalar is no JSON value", GH_T_JSON, "1", ApiType::Http, false, 0},
      {"number", GH_T_NUMBER, "-12.5e3", ApiType::Rest, true, 1},
      {"zero", GH_T_NUMBER, "0", ApiType::Rest, true, 1},
      {"leading zero", GH_T_NUMBER, "01", ApiType::Rest, false, 0},
      {"infinity", GH_T_NUMBER, "inf", ApiType::Rest, false, 0},
      {"empty number", GH_T_NUMBER, "", ApiType::Rest, false, 0},
      {"lone minus", GH_T_NUMBER, "-", ApiType::Rest, false, 0},
      {"no fraction", GH_T_NUMBER, "1.", ApiType::Rest, false, 0},
      {"bool", GH_T_BOOL, "true", ApiType::Rest, true, 1},
      {"Bool", GH_T_BOOL, "True", ApiType::Rest, false, 0},
      {"text", GH_T_STRING, "line\nbreak", ApiType::Rest, true, 1},
      {"latin", GH_T_STRING, "\xe9", ApiType::Rest, false, 0},
  };
  for (const auto& c : cases) {
    const gh_val value{str("key"), str(c.value), c.type, 0};
    gh_answer a = of_kind(GH_ALLOW);
    a.context = {&value, 1};
    const Read read(a, c.api);
    EXPECT_EQ(read.valid, c.valid) << c.name << ": " << read.answer.reason;
    EXPECT_EQ(read.answer.context.size(), c.kept) << c.name;
    EXPECT_EQ(read.answer.kind, c.valid ? AnswerKind::Allow : AnswerKind::Failed) << c.name;
  }
}

TEST(Answer, LA_6E_SizeOfTheContext) {
  const std::string half(kMaxContextBytes / 2 - 1, 'x');
  const gh_val values[] = {{str("a"), str(half), GH_T_STRING, 0},
                           {str("b"), str(half), GH_T_STRING, 0},
                           {str("c"), str(""), GH_T_STRING, 0}};
  gh_answer a = of_kind(GH_ALLOW);
  a.context = {values, 2};
  EXPECT_TRUE(Read(a).valid);
  a.context = {values, 3};
  EXPECT_FALSE(Read(a).valid);
}

TEST(Answer, LA_6H_TwinsAmongMany) {
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back("k" + std::to_string(i));
  std::vector<gh_val> values;
  for (const std::string& name : names) values.push_back({str(name), str("v"), GH_T_STRING, 0});
  gh_answer a = of_kind(GH_ALLOW);
  a.context = {values.data(), values.size()};
  EXPECT_TRUE(Read(a).valid);
  values[39].key = values[3].key;
  EXPECT_FALSE(Read(a).valid);
}

TEST(Answer, WhatThisVersionDoesNotUseIsRefusedByName) {
  const gh_policy policy{str("{}"), 0, GH_ROLE_IDENTITY, 0};
  const gh_condition condition{str("aws:PrincipalTag/a"), {nullptr, 0}, 0, 0};
  const gh_val value{str("a"), str("b"), GH_T_STRING, 0};
  const gh_str scope = str("read");
  struct Case {
    const char* name;
    void (*set)(gh_answer&, const gh_policy&, const gh_condition&, const gh_val&, const gh_str&);
  } cases[] = {
      {"policies",
       [](gh_answer& a, const gh_policy& p, const gh_condition&, const gh_val&, const gh_str&) {
         a.policies = {&p, 1};
       }},
      {"conditions",
       [](gh_answer& a, const gh_policy&, const gh_condition& c, const gh_val&, const gh_str&) {
         a.conditions = {&c, 1};
       }},
      {"identity",
       [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val& v, const gh_str&) {
         a.identity = {&v, 1};
       }},
      {"scopes",
       [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val&, const gh_str& s) {
         a.scopes = {&s, 0};
       }},
      {"principal_arn", [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val&,
                           const gh_str& s) { a.principal_arn = s; }},
      {"principal_account", [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val&,
                               const gh_str& s) { a.principal_account = s; }},
      {"message",
       [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val&, const gh_str& s) { a.message = s; }},
      {"response_type", [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val&,
                           const gh_str& s) { a.response_type = s; }},
      {"error_type",
       [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val&, const gh_str& s) { a.error_type = s; }},
      {"path_form", [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val&,
                       const gh_str&) { a.path_form = GH_PATH_SLASHES_COLLAPSED; }},
  };
  for (const Case& c : cases) {
    gh_answer a = of_kind(GH_ALLOW);
    c.set(a, policy, condition, value, scope);
    const Read read(a);
    EXPECT_EQ(read.answer.kind, AnswerKind::Failed) << c.name;
    EXPECT_NE(read.answer.reason.find("`" + std::string(c.name) + "`"), std::string_view::npos) << read.answer.reason;
  }
}

}  // namespace
}  // namespace gatehouse::plugin
