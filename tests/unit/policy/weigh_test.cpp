#include "policy/weigh.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include "support.hpp"

namespace gatehouse::policy {
namespace {

using test::Keys;
using test::policy;

constexpr const char* kApi = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/";

Effect weigh_it(const Policy& p, const std::string& resource, const Context& context = NoContext(),
                std::string_view action = "execute-api:Invoke", const Caller& caller = {}) {
  const std::string whole = resource.starts_with("arn:") ? resource : kApi + resource;
  const Arn arn = Arn::split(whole);
  return weigh(p, {caller, Action::of(action), {&arn, 1}, context}).effect;
}

std::string allow(const std::string& action, const std::string& resource, const char* version = "2012-10-17") {
  return std::string("{'Version':'") + version + "','Statement':{'Effect':'Allow'," + action + "," + resource + "}}";
}
const std::string kAll = "'Resource':'*'";
const std::string kInvoke = "'Action':'execute-api:Invoke'";

TEST(Weigh, P12_T1_ObjectAndArrayAreAlike) {
  EXPECT_EQ(weigh_it(policy(allow(kInvoke, kAll), Kind::Identity), "prod/GET/"), Effect::Allow);
  EXPECT_EQ(
      weigh_it(policy("{'Statement':[{'Effect':'Allow'," + kInvoke + "," + kAll + "}]}", Kind::Identity), "prod/GET/"),
      Effect::Allow);
}

TEST(Weigh, P12_T4_T7_Actions) {
  const struct {
    const char* action;
    const char* asked;
    bool matches;
  } kCases[] = {
      {"EXECUTE-API:invoke", "execute-api:Invoke", true},
      {"execute-api:*", "execute-api:Invoke", true},
      {"execute-api:*", "execute-api:InvalidateCache", true},
      {"execute-api:*", "execute-api:ManageConnections", true},
      {"execute-api:Inv?ke", "execute-api:Invoke", true},
      {"execute-api:Inv*", "execute-api:InvalidateCache", true},
      {"execute-api:Inv*", "execute-api:ManageConnections", false},
      {"execute-api:", "execute-api:Invoke", false},
      {"execute-api: Invoke", "execute-api:Invoke", false},
      {"execute:Invoke", "execute-api:Invoke", false},
      {"*", "execute-api:Invoke", true},
      {"sts:assume*", "sts:AssumeRole", true},
      {"iam:Get*", "iam:ListUsers", false},
  };
  for (const auto& c : kCases) {
    const std::string quoted = std::string("'") + c.action + "'";
    const Policy plain = policy(allow("'Action':" + quoted, kAll), Kind::Identity);
    EXPECT_EQ(weigh_it(plain, "p/GET/", NoContext(), c.asked) == Effect::Allow, c.matches) << c.action;
    const Policy negated = policy(allow("'NotAction':[" + quoted + "]", kAll), Kind::Identity);
    EXPECT_EQ(weigh_it(negated, "p/GET/", NoContext(), c.asked) == Effect::Allow, !c.matches) << c.action;
  }
}

TEST(Weigh, P12_T8_T16_Resources) {
  const std::string api = kApi;
  const struct {
    std::string pattern;
    std::string asked;
    bool matches;
  } kCases[] = {
      {api + "prod/GET/pets", "prod/GET/pets", true},
      {api + "prod/GET/pets", "prod/GET/Pets", false},     // T8
      {api + "prod/*", "prod/GET/a/b", true},              // T9
      {api + "*/GET/pets", "prod/POST/x/GET/pets", true},  // T10
      {api + "prod/GET/pets?", "prod/GET/petsX", true},    // T11
      {api + "prod/GET/pets?", "prod/GET/pets", false},
      {"ARN:AWS:execute-api:US-EAST-1:111122223333:abcde12345/*", "prod/GET/", true},
      {"arn:aws:execute-api:*:*:*", "prod/GET/", true},
      {"arn:aws:execute-api:us-east-1:*", "prod/GET/", true},  // padded
      {"arn:aws:execute-api:*", "prod/GET/", true},
      {"arn:aws:execute-api:*:abcde12345/*", "prod/GET/", false},  // a star crosses no colon
      {"arn:aws:s3:::*", "prod/GET/", false},
      {"arn:aws-cn:execute-api:*:*:*", "prod/GET/", false},
      {api, "prod/GET/", false},
      {api + "prod/${aws:username}", "prod/alice", true},
      {api + "prod/${aws:username}", "prod/bob", false},
      {api + "prod/${nobody}", "prod/${nobody}", false},  // T15
      {api + "prod/${star}", "prod/anything", false},     // T13
      {api + "prod/${star}", "prod/*", true},
      {api + "prod/${nobody, \\u0027x\\u0027}", "prod/x", true},  // T14
      {api + "prod/${*}", "prod/*", true},                        // T16
      {api + "prod/${*}", "prod/a", false},
      {api + "$default", "$default", true},
  };
  const Keys keys = {{"aws:username", {"alice"}}, {"star", {"*"}}};
  for (const auto& c : kCases) {
    if (c.pattern.starts_with("ARN")) continue;
    const Policy p =
        policy(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":["arn:aws:s3:::x",")" +
                   c.pattern + R"("]}})",
               Kind::Authorizer);
    EXPECT_EQ(weigh_it(p, c.asked, keys) == Effect::Allow, c.matches) << c.pattern << " " << c.asked;
  }
}

TEST(Weigh, P2_1_FirstFivePartsFoldCase) {
  const Policy p =
      policy(allow(kInvoke, "'Resource':'arn:aws:Execute-API:US-east-1:111122223333:abcde12345/*'"), Kind::Identity);
  EXPECT_EQ(weigh_it(p, "prod/GET/"), Effect::Allow);
}

TEST(Weigh, P12_T12_OldDocumentsHaveNoVariables) {
  const std::string resource = std::string("'Resource':'") + kApi + "prod/${aws:username}'";
  const Keys keys = {{"aws:username", {"alice"}}};
  for (const char* version : {"2008-10-17", "2012-10-17"}) {
    const Policy p = policy(allow(kInvoke, resource, version), Kind::Identity);
    const bool old = std::string_view(version) == "2008-10-17";
    EXPECT_EQ(weigh_it(p, "prod/${aws:username}", keys), old ? Effect::Allow : Effect::None);
    EXPECT_EQ(weigh_it(p, "prod/alice", keys), old ? Effect::None : Effect::Allow);
  }
  const Policy none = policy("{'Statement':{'Effect':'Allow'," + kInvoke + "," + resource + "}}", Kind::Identity);
  EXPECT_EQ(weigh_it(none, "prod/${aws:username}", keys), Effect::Allow);
}

TEST(Weigh, P3_UnresolvedNotResourceClosesBothWays) {
  const std::string element = std::string("'NotResource':['") + kApi + "prod/${nobody}']";
  EXPECT_EQ(weigh_it(policy(allow(kInvoke, element), Kind::Identity), "prod/GET/"), Effect::None);
  EXPECT_EQ(weigh_it(policy("{'Version':'2012-10-17','Statement':{'Effect':'Deny'," + kInvoke + "," + element + "}}",
                            Kind::Identity),
                     "prod/GET/"),
            Effect::Deny);
}

TEST(Weigh, P2_2_NotResource) {
  const Policy p =
      policy(allow(kInvoke, std::string("'NotResource':['") + kApi + "prod/GET/a','" + kApi + "prod/GET/b*']"),
             Kind::Identity);
  EXPECT_EQ(weigh_it(p, "prod/GET/a"), Effect::None);
  EXPECT_EQ(weigh_it(p, "prod/GET/bc"), Effect::None);
  EXPECT_EQ(weigh_it(p, "prod/GET/c"), Effect::Allow);
}

TEST(Weigh, P2_2_ShortFormsOfResourcePoliciesNeedAStar) {
  const auto document = [](const char* resource) {
    return std::string("{'Statement':{'Effect':'Allow','Principal':'*',") + kInvoke + ",'Resource':'" + resource +
           "'}}";
  };
  EXPECT_EQ(weigh_it(policy(document("arn:aws:execute-api:us-east-1:*")), "prod/GET/"), Effect::Allow);
  EXPECT_EQ(weigh_it(policy(document("arn:aws:execute-api")), "prod/GET/"), Effect::None);
}

TEST(Weigh, P8_1_DenyBeatsAllowInAnyOrder) {
  const std::string a = "{'Effect':'Allow'," + kInvoke + "," + kAll + "}",
                    d = "{'Effect':'Deny'," + kInvoke + "," + kAll + "}";
  EXPECT_EQ(weigh_it(policy("{'Statement':[" + a + "," + d + "]}", Kind::Identity), "p/GET/"), Effect::Deny);
  EXPECT_EQ(weigh_it(policy("{'Statement':[" + d + "," + a + "]}", Kind::Identity), "p/GET/"), Effect::Deny);
}

TEST(Weigh, SeveralNamesOfOneResource) {
  const auto weigh_both = [](const Policy& p) {
    const std::string one = std::string(kApi) + "$default/GET/x", two = std::string(kApi) + "$default/$default";
    const Arn arns[] = {Arn::split(one), Arn::split(two)};
    return weigh(p, {{}, Action::of("execute-api:Invoke"), arns, NoContext()}).effect;
  };
  EXPECT_EQ(weigh_both(policy(allow(kInvoke, std::string("'Resource':'") + kApi + "*/$default'"), Kind::Identity)),
            Effect::Allow);
  EXPECT_EQ(weigh_both(policy("{'Statement':[{'Effect':'Allow'," + kInvoke + "," + kAll + "},{'Effect':'Deny'," +
                                  kInvoke + ",'Resource':'" + kApi + "$default/GET/x'}]}",
                              Kind::Identity)),
            Effect::Deny);
}

TEST(Weigh, WhatIsLeftOutIsLeftOutUnderEachName) {
  const auto weigh_both = [](const std::string& effect) {
    const Policy p = policy(
        "{'Statement':{'Effect':'" + effect + "'," + kInvoke + ",'NotResource':'" + kApi + "$default/GET/admin'}}",
        Kind::Identity);
    const std::string one = std::string(kApi) + "$default/GET/admin", two = std::string(kApi) + "$default/$default";
    const Arn arns[] = {Arn::split(one), Arn::split(two)};
    return weigh(p, {{}, Action::of("execute-api:Invoke"), arns, NoContext()}).effect;
  };
  EXPECT_EQ(weigh_both("Allow"), Effect::None);
  EXPECT_EQ(weigh_both("Deny"), Effect::Deny);
}

TEST(Weigh, SpellingsDenyAndNeverAllow) {
  const auto of = [](const std::string& effect, const char* element, const char* path) {
    const Policy p =
        policy("{'Statement':{'Effect':'" + effect + "'," + kInvoke + ",'" + element + "':'" + kApi + path + "'}}",
               Kind::Identity);
    const std::string sent = std::string(kApi) + "prod/GET/a;x", meant = std::string(kApi) + "prod/GET/a";
    const Arn arns[] = {Arn::split(sent)}, spellings[] = {Arn::split(meant)};
    return weigh(p, {{}, Action::of("execute-api:Invoke"), arns, NoContext(), spellings}).effect;
  };
  EXPECT_EQ(of("Deny", "Resource", "prod/GET/a"), Effect::Deny);
  EXPECT_EQ(of("Deny", "Resource", "prod/GET/a;x"), Effect::Deny);
  EXPECT_EQ(of("Deny", "Resource", "prod/GET/b"), Effect::None);
  EXPECT_EQ(of("Deny", "NotResource", "prod/GET/a"), Effect::Deny);
  EXPECT_EQ(of("Allow", "Resource", "prod/GET/a"), Effect::None);
  EXPECT_EQ(of("Allow", "Resource", "prod/GET/a;x"), Effect::Allow);
  EXPECT_EQ(of("Allow", "NotResource", "prod/GET/a"), Effect::None);
  EXPECT_EQ(of("Allow", "NotResource", "prod/GET/b"), Effect::Allow);
}

struct Seen final : Observer {
  void weighed(const Policy&, const Statement& s, Miss miss, const Condition* condition) override {
    text += std::to_string(s.index) + ":" + std::string(name(miss));
    if (condition != nullptr) text += " " + std::string(condition->operator_text()) + " " + condition->key().text;
    text += "; ";
  }
  std::string text;
};

TEST(Weigh, AnObserverIsToldOfEveryStatement) {
  const Policy p = policy(
      "{'Statement':[{'Effect':'Allow','Principal':'*','Action':'iam:*','Resource':'*'},"
      "{'Effect':'Allow','Principal':'*'," +
      kInvoke +
      ",'Resource':'execute-api:/dev/*'},"
      "{'Effect':'Allow','Principal':{'AWS':'111122223333'}," +
      kInvoke + "," + kAll +
      "},"
      "{'Effect':'Deny','Principal':'*'," +
      kInvoke + "," + kAll +
      ",'Condition':{'Bool':{'aws:SecureTransport':'false'},'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}}},"
      "{'Effect':'Allow','Principal':'*'," +
      kInvoke + "," + kAll + "}]}");
  const std::string whole = std::string(kApi) + "prod/GET/";
  const Arn arn = Arn::split(whole);
  const Keys keys = {{"aws:SecureTransport", {"false"}}, {"aws:SourceIp", {"192.0.2.1"}}};
  const Question question{{}, Action::of("execute-api:Invoke"), {&arn, 1}, keys};
  Seen seen;
  const Finding found = weigh(p, question, &seen);
  EXPECT_EQ(found.effect, Effect::Allow);
  EXPECT_EQ(found.statement, &p.statements()[4]);
  EXPECT_EQ(
      seen.text,
      "0:another action; 1:another resource; 2:another principal; 3:a condition does not hold IpAddress aws:SourceIp; "
      "4:applies; ");
  EXPECT_EQ(weigh(p, question).statement, found.statement);
}

// More statements than are gone through one by one: the index leaves none out that may apply.
TEST(Weigh, ManyStatementsAreFoundByTheirApi) {
  std::string document = "{'Version':'2012-10-17','Statement':[";
  for (int i = 0; i < 60; ++i)
    document +=
        "{'Effect':'Allow'," + kInvoke + ",'Resource':'arn:aws:execute-api:*:*:api" + std::to_string(i) + "/prod/*'},";
  document += "{'Effect':'Deny'," + kInvoke + ",'Resource':'arn:aws:execute-api:*:*:api7/prod/DELETE/*'},";
  document += "{'Effect':'Allow'," + kInvoke + ",'Resource':'arn:aws:execute-api:*:*:any*/x'},";
  document += "{'Effect':'Allow'," + kInvoke + ",'NotResource':'arn:aws:execute-api:*:*:*/GET/*'},";
  document += "{'Effect':'Allow'," + kInvoke + ",'Resource':'arn:aws:execute-api:*:*:${aws:username}/y'}]}";
  const Policy p = policy(document, Kind::Identity);
  const Keys keys = {{"aws:username", {"alice"}}};
  const auto at = [&](const std::string& r) {
    return weigh_it(p, "arn:aws:execute-api:us-east-1:111122223333:" + r, keys);
  };
  EXPECT_EQ(at("api7/prod/GET/x"), Effect::Allow);
  EXPECT_EQ(at("api7/prod/DELETE/x"), Effect::Deny);
  EXPECT_EQ(at("api59/prod/GET/"), Effect::Allow);
  EXPECT_EQ(at("api60/prod/GET/"), Effect::None);
  EXPECT_EQ(at("api60/prod/POST/"), Effect::Allow);
  EXPECT_EQ(at("api7/dev/GET/"), Effect::None);
  EXPECT_EQ(at("anything/GET/x"), Effect::Allow);
  EXPECT_EQ(at("alice/GET/y"), Effect::None);
  EXPECT_EQ(at("alice/y"), Effect::Allow);
  EXPECT_LT(p.candidates(Effect::Allow, Action::of("execute-api:Invoke"), "api7").size(), 6u);
}

// One API's own policy: statements for other paths are not gone through, whatever their form.
TEST(Weigh, ManyStatementsAreFoundByTheStartOfTheirPath) {
  std::string document = "{'Version':'2012-10-17','Statement':[";
  const auto deny = [&](const std::string& resource) {
    document += "{'Effect':'Deny'," + kInvoke + ",'Resource':'" + kApi + resource + "'},";
  };
  for (int i = 0; i < 60; ++i) deny("prod/GET/path" + std::to_string(i) + "/*");
  deny("prod/GET/path7");
  deny("prod/GET/whole");
  deny("prod/GET/deep/er/*/x");
  deny("prod/*/verbs/*");
  deny("prod/GET/begin*");
  document += "{'Effect':'Deny'," + kInvoke + ",'NotResource':'" + kApi + "prod/*'},";
  document += "{'Effect':'Allow'," + kInvoke + ",'Resource':'*'}]}";
  const Policy p = policy(document, Kind::Identity);
  for (const char* denied :
       {"prod/GET/path0/", "prod/GET/path59/a/b", "prod/GET/path7", "prod/GET/whole", "prod/GET/deep/er/a/b/x",
        "prod/GET/verbs/x", "prod/GET/beginning", "prod/GET/begin/ning", "dev/GET/path0", "prod"})
    EXPECT_EQ(weigh_it(p, denied), Effect::Deny) << denied;
  for (const char* allowed : {"prod/GET/path60/", "prod/GET/path5", "prod/GET/path", "prod/GET/whole/",
                              "prod/GET/deep/x", "prod/POST/path0/x", "prod/GET/"})
    EXPECT_EQ(weigh_it(p, allowed), Effect::Allow) << allowed;
  const Action action = Action::of("execute-api:Invoke");
  EXPECT_EQ(p.candidates_for(Effect::Deny, action, "abcde12345/prod/GET/path7/x").size(), 5u);
  EXPECT_EQ(p.candidates_for(Effect::Deny, action, "abcde12345/prod/GET/other").size(), 3u);
  EXPECT_EQ(p.candidates(Effect::Deny, action, "abcde12345").size(), 66u);
  // Another spelling has another start.
  const std::string as_asked = std::string(kApi) + "prod/GET/%77hole", as_read = std::string(kApi) + "prod/GET/whole";
  const Arn arn = Arn::split(as_asked), spelling = Arn::split(as_read);
  EXPECT_EQ(weigh(p, {{}, action, {&arn, 1}, NoContext(), {&spelling, 1}}).effect, Effect::Deny);
}

/// Counts what it is asked for.
class Counting final : public Context {
 public:
  Values find(const KeyName& key) const override {
    ++asked;
    if (key.known == KnownKey::SourceIp) return {{&ip_, 1}, false, &address_};
    if (key.known == KnownKey::Referer) return {{&referer_, 1}, false};
    return {};
  }
  mutable int asked = 0;

 private:
  // No address by its text: who has one at hand is not asked to have it parsed again.
  std::string_view ip_ = "at hand", referer_ = "https://www.example.com/";
  base::IpAddress address_ = base::IpAddress::v4(0xc0000207);
};

TEST(Weigh, LooksAKeyUpOnceForAllConditions) {
  std::string document = "{'Version':'2012-10-17','Statement':[";
  for (int i = 0; i < 20; ++i)
    document += "{'Effect':'Deny'," + kInvoke + "," + kAll +
                ",'Condition':{'IpAddress':{'aws:SourceIp':'192.0.2.0/24'},'StringEquals':{'aws:Referer':'x" +
                std::to_string(i) + "'}}},";
  const auto last = [&](const char* block) {
    return policy(document + "{'Effect':'Allow'," + kInvoke + "," + kAll +
                      ",'Condition':{'IpAddress':{'aws:SourceIp':'" + block + "'}}}]}",
                  Kind::Identity);
  };
  const Counting keys;
  EXPECT_EQ(weigh_it(last("192.0.2.6/31"), "prod/GET/", keys), Effect::Allow);
  EXPECT_EQ(keys.asked, 2);
  EXPECT_EQ(weigh_it(last("192.0.2.8/31"), "prod/GET/", keys), Effect::None);
}

// What ARNs begin with is matched once for a front; more fronts than are remembered, and names that differ in theirs.
TEST(Weigh, StatementsWithManyFrontsAreToldApart) {
  std::string document = "{'Version':'2012-10-17','Statement':[";
  for (int i = 0; i < 70; ++i)
    document += "{'Effect':'Allow'," + kInvoke + ",'Resource':'arn:aws:execute-api:r" + std::to_string(i) + ":*:a*'},";
  document += "{'Effect':'Deny'," + kInvoke + ",'Resource':'arn:aws:execute-api:R69:*:abc/x'}]}";
  const Policy p = policy(document, Kind::Identity);
  const auto in = [](const std::string& region, const char* path) {
    return "arn:aws:execute-api:" + region + ":111122223333:" + path;
  };
  for (const char* region : {"r0", "R5", "r63", "r64", "r69"})
    EXPECT_EQ(weigh_it(p, in(region, "abc/y")), Effect::Allow) << region;
  EXPECT_EQ(weigh_it(p, in("r70", "abc/y")), Effect::None);
  EXPECT_EQ(weigh_it(p, in("r1", "b")), Effect::None);
  EXPECT_EQ(weigh_it(p, in("r69", "abc/x")), Effect::Deny);
  const std::string first = in("r1", "abc/x"), second = in("r69", "abc/x");
  const Arn both[] = {Arn::split(first), Arn::split(second)};
  EXPECT_EQ(weigh(p, {{}, Action::of("execute-api:Invoke"), both, NoContext()}).effect, Effect::Deny);
}

// Caches of answers count what their policies take: the lists by API are most of a policy with many APIs.
TEST(Weigh, BytesAreNoLessThanWhatAPolicyTakes) {
  std::string statements;
  int api = 0;
  for (int i = 0; i < 140; ++i) {
    statements +=
        i == 0 ? "{'Effect':'Allow','Action':'*','Resource':[" : ",{'Effect':'Allow','Action':'*','Resource':[";
    for (int k = 0; k < 8; ++k, ++api)
      statements += (k == 0 ? "'arn:aws:x:::" : ",'arn:aws:x:::") + std::to_string(api) + "'";
    statements += "]},{'Effect':'Allow','Action':'*','NotResource':'arn:aws:x:::a'}";
  }
  const std::string document = "{'Statement':[" + statements + "]}";
  const std::size_t before = ::mallinfo2().uordblks;
  const Policy p = policy(document, Kind::Authorizer);
  const std::size_t taken = ::mallinfo2().uordblks - before;
  if (taken == 0) GTEST_SKIP() << "another allocator";
  EXPECT_GT(taken, std::size_t{1} << 20);
  EXPECT_GE(p.bytes(), taken);
}

}  // namespace
}  // namespace gatehouse::policy
