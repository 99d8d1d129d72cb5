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
  std::string read_scope = "orders/read", write_scope = "orders/write";
  const gh_str scopes[] = {str(read_scope), str(write_scope)};
  a.scopes = {scopes, 2};
  Read read(a, ApiType::Rest);  // a claim may be a list where a context value may not
  for (std::string* s : {&user, &reason, &key, &challenge, &error, &name, &blue, &read_scope, &write_scope})
    s->assign(s->size(), '#');
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
    ASSERT_EQ(out.scopes.size(), 2u);
    EXPECT_EQ(out.scopes[0], "orders/read");
    EXPECT_EQ(out.scopes[1], "orders/write");
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

// Lists of plain texts are not parsed: nothing that is no JSON may pass as one.
TEST(Answer, ListsOfTexts) {
  const char* const good[] = {R"(["a"])",           R"(["a","b"])",       R"([""])", R"(["","",""])",
                              R"(["a b",",","]"])", R"(["\u0041","\""])", R"([])",   R"(["a", "b"])",
                              R"([1,"a"])",         R"([["a"]])"};
  const char* const bad[] = {R"(["a)",      R"(["a"]])",  R"(["a""b"])",  R"(["a",,"b"])", R"(["a",])",
                             R"([,"a"])",   R"(["a","])", R"(["a"x"b"])", R"(["a]["b"])",  R"(["\"])",
                             R"(["a",b"])", R"([")",      R"(["])",       R"(["",""",""])"};
  const auto valid = [](const char* text) {
    const gh_val claims[] = {{str("roles"), str(text), GH_T_JSON, 0}};
    gh_answer a = of_kind(GH_ALLOW);
    a.claims = {claims, 1};
    return Read(a).valid;
  };
  for (const char* text : good) EXPECT_TRUE(valid(text)) << text;
  for (const char* text : bad) EXPECT_FALSE(valid(text)) << text;
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

TEST(Answer, CG_31_WordsForTheClient) {
  std::string message = "The incoming token has expired\n", type = "UNAUTHORIZED", error = "UnauthorizedException";
  gh_answer a = of_kind(GH_UNAUTHORIZED);
  a.message = str(message);
  a.response_type = str(type);
  a.error_type = str(error);
  Read read(a, ApiType::Rest);
  for (std::string* s : {&message, &type, &error}) s->assign(s->size(), '#');
  base::Arena second;
  for (const access::Answer& out : {read.answer, copy_answer(read.answer, second)}) {
    ASSERT_EQ(out.kind, AnswerKind::Unauthorized) << out.reason;
    EXPECT_EQ(out.message, "The incoming token has expired\n");
    EXPECT_EQ(out.response_type, access::ResponseType::Unauthorized);
    EXPECT_EQ(out.error_type, "UnauthorizedException");
  }
}

TEST(Answer, WordsThatAreNotOfTheAnswerAreRefusedByName) {
  const std::string long_message(kMaxMessage + 1, 'x'), long_type(kMaxErrorType + 1, 'x');
  const struct {
    const char* name;
    std::uint32_t kind;
    gh_str message, response_type, error_type;
    const char* broken;  // null: sound
  } cases[] = {
      {"all of a 403", GH_DENY, str("no"), str("ACCESS_DENIED"), str("AccessDeniedException"), nullptr},
      {"of a 500", GH_FAILED, str("no"), str("AUTHORIZER_CONFIGURATION_ERROR"), {}, nullptr},
      {"an empty message", GH_DENY, str(""), {}, {}, nullptr},
      {"another 403", GH_DENY, {}, str("INVALID_SIGNATURE"), str("InvalidSignatureException"), nullptr},
      {"allow has no message", GH_ALLOW, str("yes"), {}, {}, "message"},
      {"allow has no type", GH_ALLOW, {}, str("UNAUTHORIZED"), {}, "response_type"},
      {"abstain has no error type", GH_ABSTAIN, {}, {}, str("X"), "error_type"},
      {"an unknown kind has none", 77, str("no"), {}, {}, "kind"},
      {"type of another status", GH_UNAUTHORIZED, {}, str("ACCESS_DENIED"), {}, "response_type"},
      {"a 401 is no 403", GH_DENY, {}, str("UNAUTHORIZED"), {}, "response_type"},
      {"a refusal is no 404", GH_DENY, {}, str("RESOURCE_NOT_FOUND"), {}, "response_type"},
      {"unknown type", GH_DENY, {}, str("access_denied"), {}, "response_type"},
      {"empty type", GH_DENY, {}, str(""), {}, "response_type"},
      {"error type with a line", GH_DENY, {}, {}, str("A\r\nb: c"), "error_type"},
      {"error type with a blank", GH_DENY, {}, {}, str("A b"), "error_type"},
      {"long error type", GH_DENY, {}, {}, str(long_type), "error_type"},
      {"long message", GH_DENY, str(long_message), {}, {}, "message"},
      {"message that is not UTF-8", GH_DENY, str("\xff"), {}, {}, "message"},
      {"message without bytes", GH_DENY, {nullptr, 3}, {}, {}, "message"},
      {"type without bytes", GH_DENY, {}, {nullptr, 3}, {}, "response_type"},
      {"error type without bytes", GH_DENY, {}, {}, {nullptr, 3}, "error_type"},
  };
  for (const auto& c : cases) {
    gh_answer a = of_kind(c.kind);
    a.message = c.message;
    a.response_type = c.response_type;
    a.error_type = c.error_type;
    const Read read(a, ApiType::Rest);
    EXPECT_EQ(read.valid, c.broken == nullptr) << c.name << ": " << read.answer.reason;
    if (c.broken == nullptr) continue;
    EXPECT_EQ(read.answer.kind, AnswerKind::Failed) << c.name;
    EXPECT_TRUE(read.answer.message.empty() && !read.answer.response_type) << c.name;
    EXPECT_NE(read.answer.reason.find("`" + std::string(c.broken) + "`"), std::string_view::npos) << read.answer.reason;
  }
}

TEST(Answer, ScopesAreBounded) {
  const std::string half(kMaxScopeBytes / 2, 'x'), more = half + "y";
  const std::vector<gh_str> many(kMaxValues + 1, str("a"));
  const gh_str halves[] = {str(half), str(half)}, over[] = {str(half), str(more)};
  const gh_str blank[] = {str("")}, broken[] = {str("\xff")}, none[] = {{nullptr, 0}};
  const struct {
    const char* name;
    gh_strs scopes;
    bool valid;
  } cases[] = {
      {"as large as may be", {halves, 2}, true},
      {"a byte more", {over, 2}, false},
      {"as many as may be", {many.data(), kMaxValues}, true},
      {"one more", {many.data(), kMaxValues + 1}, false},
      {"an empty one", {blank, 1}, false},
      {"an absent one", {none, 1}, false},
      {"not UTF-8", {broken, 1}, false},
      {"a count without items", {nullptr, 1}, false},
      {"the token has none", {halves, 0}, true},
  };
  for (const auto& c : cases) {
    gh_answer a = of_kind(GH_ALLOW);
    a.scopes = c.scopes;
    const Read read(a);
    EXPECT_EQ(read.valid, c.valid) << c.name << ": " << read.answer.reason;
    EXPECT_EQ(read.answer.scopes.size(), c.valid ? c.scopes.count : 0) << c.name;
  }
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
      {"principal_arn", [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val&,
                           const gh_str& s) { a.principal_arn = s; }},
      {"principal_account", [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val&,
                               const gh_str& s) { a.principal_account = s; }},
      {"path_form",
       [](gh_answer& a, const gh_policy&, const gh_condition&, const gh_val&, const gh_str&) { a.path_form = 3; }},
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
