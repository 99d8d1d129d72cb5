#include "policy/flip.hpp"

#include <gtest/gtest.h>

#include "policy/flip_text.hpp"
#include "support.hpp"

namespace gatehouse::policy {
namespace {

using test::Keys;
using test::policy;

constexpr const char* kOwner = "111122223333";
const std::string kApi = "arn:aws:execute-api:us-east-1:111122223333:abcde12345";

/// A statement about everything for everybody; `more` replaces nothing.
std::string statement(const std::string& effect, const std::string& more, const std::string& resource = "/*") {
  return "{'Effect':'" + effect +
         "','Principal':'*','Action':'execute-api:Invoke','Resource':'execute-api:" + resource + "'" +
         (more.empty() ? "" : "," + more) + "}";
}
std::string when(const std::string& condition) {
  return "'Condition':{" + condition + "}";
}
const std::string kAllow = statement("Allow", "");
const std::string kOffice = "'NotIpAddress':{'aws:SourceIp':'192.0.2.0/24'}";
const std::string kOutsiders = statement("Deny", when(kOffice));

struct Given {
  std::string statements;
  Keys keys = {{"aws:SourceIp", {"203.0.113.9"}}};
  std::string resource = "/prod/GET/pets";
  Caller caller = {};
  std::string identity = "";  // statements
};

std::string told(const Given& g, Flip* out = nullptr) {
  const auto document = [](const std::string& statements, Kind kind) {
    return policy("{'Version':'2012-10-17','Statement':[" + statements + "]}", kind);
  };
  const Policy resource = document(g.statements, Kind::Resource);
  const Policy own = document(
      g.identity.empty() ? "{'Effect':'Allow','Action':'s3:GetObject','Resource':'*'}" : g.identity, Kind::Identity);
  const Policy* resources[] = {&resource};
  const Policy* identities[] = {&own};
  Sets sets;
  sets.resource = &resource;
  if (!g.identity.empty()) sets.identity = identities;
  const Layered layers[] = {{Layer::Resource, resources}, {Layer::Identity, sets.identity}};
  const std::string name = kApi + g.resource;
  const Arn arn = Arn::split(name);
  const Question question{g.caller, Action::of("execute-api:Invoke"), {&arn, 1}, g.keys};
  const Verdict said = combine(sets, question, kOwner);
  const Flip flip = find_flip(question, said, layers, [&](const Question& q) { return combine(sets, q, kOwner); });
  if (out != nullptr) *out = flip;
  return text(flip, question, [&](const Policy& of, const Statement& s) {
    return (&of == &resource ? "R" : "I") + std::to_string(s.index);
  });
}

TEST(Flip, OfAnImplicitDenialTheAllowThatMissesLeast) {
  const std::string in = "'IpAddress':{'aws:SourceIp':'192.0.2.0/24'}";
  const std::string here = " (here " + kApi + "/prod/GET/pets)";
  const struct {
    const char* name;
    std::string statements, text;
  } kCases[] = {
      {"a condition", statement("Allow", when(in)),
       "R0 would allow it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9)"},
      {"one condition of two holds", statement("Allow", when(in + ",'Null':{'aws:SourceVpc':'true'}")),
       "R0 would allow it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9)"},
      {"all that fails is said", statement("Allow", when(in + ",'StringLike':{'aws:UserAgent':'good/*'}"), "/dev/*"),
       "R0 would allow it if the resource matched " + kApi + "/dev/*" + here +
           " and aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9) and aws:UserAgent matched good/* (here absent)"},
      {"fewest first", statement("Allow", when(in), "/dev/*") + "," + statement("Allow", "", "/prod/POST/*"),
       "R1 would allow it if the resource matched " + kApi + "/prod/POST/*" + here},
      {"as many: what is there before what is not",
       statement("Allow", when("'StringEquals':{'aws:SourceVpc':'vpc-1'}")) + "," + statement("Allow", when(in)),
       "R1 would allow it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9)"},
      {"a caller", "{'Effect':'Allow','Principal':{'AWS':'444455556666'},'Action':'*','Resource':'*'}",
       "R0 would allow it if the caller were 444455556666 (here anonymous), and then the policies of that caller would "
       "have a say"},
      {"an action", "{'Effect':'Allow','Principal':'*','Action':'execute-api:Manage*','Resource':'*'}",
       "R0 would allow it if the action matched execute-api:Manage* (here execute-api:Invoke)"},
      {"what is left out", "{'Effect':'Allow','Principal':'*','Action':'*','NotResource':'execute-api:/prod/*'}",
       "R0 would allow it if the resource did not match " + kApi + "/prod/*" + here},
      {"two bounds of one key",
       statement("Allow",
                 when("'NumericGreaterThan':{'aws:EpochTime':'100'},'NumericLessThan':{'aws:EpochTime':'102'}")),
       "R0 would allow it if aws:EpochTime were more than 100 (here absent) and aws:EpochTime were less than 102 (here "
       "absent)"},
      {"a condition that cannot hold",
       statement("Allow",
                 when("'NumericGreaterThan':{'aws:EpochTime':'100'},'NumericLessThan':{'aws:EpochTime':'50'}")),
       "R0 would allow it if aws:EpochTime were more than 100 (here absent) and aws:EpochTime were less than 50 (here "
       "absent), of which no example is known: a policy may have to change"},
      {"no Allow", statement("Deny", "", "/dev/*"),
       "no statement of a resource-based policy allows anything: a policy would have to change"},
  };
  for (const auto& c : kCases) EXPECT_EQ(told({c.statements}), c.text) << c.name;
}

TEST(Flip, AnAllowBehindADenyIsNotSaidToLetIn) {
  const std::string vpc = statement("Allow", when("'StringEquals':{'aws:SourceVpc':'vpc-1'}"));
  const std::string no_vpc = statement("Deny", when("'StringEquals':{'aws:SourceVpc':'vpc-1'}"));
  Flip flip;
  EXPECT_EQ(told({vpc + "," + no_vpc}, &flip),
            "R0 would allow it if aws:SourceVpc were vpc-1 (here absent), but R1 would deny it");
  EXPECT_TRUE(flip.tried);
  EXPECT_FALSE(flip.flips);
  // One that lets in is told even where another misses less.
  EXPECT_EQ(told({vpc + "," + no_vpc + "," +
                  statement("Allow", when("'StringEquals':{'aws:Referer':'a'},'StringLike':{'aws:UserAgent':'b'}"))},
                 &flip),
            "R2 would allow it if aws:Referer were a (here absent) and aws:UserAgent matched b (here absent)");
  EXPECT_TRUE(flip.flips);
}

TEST(Flip, ValuesThatADenyTakesAreNotTheExample) {
  Flip flip;
  EXPECT_EQ(told({statement("Allow", when("'IpAddress':{'aws:SourceIp':'192.0.2.0/24'}")) + "," +
                      statement("Deny", when("'NotIpAddress':{'aws:SourceIp':['192.0.2.64/28','203.0.113.9']}")),
                  {{"aws:SourceIp", {"203.0.113.9"}}}},
                 &flip),
            "R0 would allow it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9; 192.0.2.65 would do)");
  EXPECT_TRUE(flip.flips);
}

TEST(Flip, OfAnExplicitDenialTheConditionOfEveryDeny) {
  const struct {
    const char* name;
    std::string statements, text;
  } kCases[] = {
      {"one", kAllow + "," + kOutsiders,
       "R1 would not deny it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9)"},
      {"nothing allows then", kOutsiders,
       "R0 would not deny it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9), and then a resource-based policy "
       "would have to allow it, too"},
      {"two of one key",
       kAllow + "," + kOutsiders + "," + statement("Deny", when("'NotIpAddress':{'aws:SourceIp':'192.0.2.96/28'}")),
       "R1 would not deny it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9); R2 would not deny it if "
       "aws:SourceIp "
       "were in 192.0.2.96/28 (here 203.0.113.9)"},
      {"no condition", kAllow + "," + statement("Deny", "", "/prod/*"),
       "R1 denies it without a condition: only another resource or action escapes it"},
      {"of everything", kAllow + ",{'Effect':'Deny','Principal':'*','Action':'*','Resource':'*'}",
       "R1 denies it without a condition: nothing escapes it: the policy would have to change"},
      {"some callers are let out",
       kAllow + ",{'Effect':'Deny','NotPrincipal':{'AWS':['111122223333','arn:aws:iam::111122223333:user/"
                "ann']},'Action':'*','Resource':'*'}",
       "R1 denies it without a condition: only another caller escapes it"},
      {"one escapes, one does not", kAllow + "," + kOutsiders + "," + statement("Deny", ""),
       "R1 would not deny it if aws:SourceIp were in 192.0.2.0/24 (here 203.0.113.9); R2 denies it without a "
       "condition: "
       "only another resource or action escapes it"},
      {"absence is enough", kAllow + "," + statement("Deny", when("'Null':{'aws:SourceIp':'false'}")),
       "R1 would not deny it if aws:SourceIp were absent (here 203.0.113.9)"},
  };
  for (const auto& c : kCases) EXPECT_EQ(told({c.statements}), c.text) << c.name;
}

TEST(Flip, ManyDeniesAreCounted) {
  std::string all = kAllow;
  for (int i = 0; i < 9; ++i) all += "," + kOutsiders;
  Flip flip;
  const std::string text = told({all}, &flip);
  EXPECT_EQ(flip.statements.size(), kMostDenies);
  EXPECT_TRUE(text.ends_with("; 5 more statements deny it")) << text;
  EXPECT_TRUE(flip.flips);
}

TEST(Flip, OfWhatIsAllowedOneCondition) {
  const Keys inside = {{"aws:SourceIp", {"192.0.2.9"}}};
  EXPECT_EQ(told({kAllow + "," + kOutsiders, inside}),
            "R1 would deny it if aws:SourceIp were not in 192.0.2.0/24 (here 192.0.2.9)");
  EXPECT_EQ(told({statement("Allow", when("'IpAddress':{'aws:SourceIp':'192.0.2.0/24'}")), inside}),
            "R0 would not allow it if aws:SourceIp were not in 192.0.2.0/24 (here 192.0.2.9)");
  EXPECT_EQ(told({kAllow, inside}), "");
  // Another Allow takes its place.
  EXPECT_EQ(told({statement("Allow", when("'IpAddress':{'aws:SourceIp':'192.0.2.0/24'}")) + "," + kAllow, inside}), "");
}

TEST(Flip, LayersStandBehindEachOther) {
  const Caller alice = Caller::of_arn("arn:aws:iam::111122223333:user/alice").value();
  const Caller eve = Caller::of_arn("arn:aws:iam::444455556666:user/eve").value();
  const std::string mine = "{'Effect':'Allow','Action':'execute-api:Invoke','Resource':'*'," +
                           when("'Bool':{'aws:SecureTransport':'true'}") + "}";
  const Keys plain = {{"aws:SecureTransport", {"false"}}};
  const std::string nobody = statement("Allow", when("'StringEquals':{'aws:SourceVpc':'v'}"), "/dev/*");
  EXPECT_EQ(told({nobody, plain, "/prod/GET/pets", alice, mine}),
            "I0 would allow it if aws:SecureTransport were true (here false)");
  // Another account: both must.
  EXPECT_EQ(
      told({nobody, plain, "/prod/GET/pets", eve, mine}),
      "I0 would allow it if aws:SecureTransport were true (here false), and then a resource-based policy would have "
      "to allow it, too");
  // Within an account the resource's policy may do instead.
  EXPECT_EQ(told({statement("Allow", when("'StringEquals':{'aws:SourceVpc':'v'}")), plain, "/prod/GET/pets", alice}),
            "R0 would allow it if aws:SourceVpc were v (here absent)");
}

TEST(Flip, WordsForEveryOperator) {
  const struct {
    const char *condition, *met, *unmet;  // what a Deny by it says in the other direction
  } kCases[] = {
      {"'StringEquals':{'k':['a','b']}", "k were a or b", "k were not a nor b"},
      {"'StringNotEquals':{'k':'a'}", "k were not a", "k were a"},
      {"'StringEqualsIgnoreCase':{'k':'a'}", "k were, in any case, a", "k were, in any case, not a"},
      {"'StringLike':{'k':'a*'}", "k matched a*", "k did not match a*"},
      {"'StringNotLike':{'k':['a*','b*']}", "k did not match a* nor b*", "k matched a* or b*"},
      {"'ArnLike':{'k':'arn:aws:iam::*:role/R'}", "k matched arn:aws:iam::*:role/R",
       "k did not match arn:aws:iam::*:role/R"},
      {"'NumericLessThan':{'k':'5'}", "k were less than 5", "k were at least 5"},
      {"'NumericLessThanEquals':{'k':'5'}", "k were at most 5", "k were more than 5"},
      {"'NumericGreaterThan':{'k':'5'}", "k were more than 5", "k were at most 5"},
      {"'NumericGreaterThanEquals':{'k':['5','7']}", "k were at least 5 or 7", "k were less than 5 and 7"},
      {"'DateLessThan':{'k':'2026-01-01'}", "k were before 2026-01-01", "k were not before 2026-01-01"},
      {"'DateGreaterThanEquals':{'k':'2026-01-01'}", "k were not before 2026-01-01", "k were before 2026-01-01"},
      {"'Bool':{'k':'true'}", "k were true", "k were not true"},
      {"'IpAddress':{'k':'10.0.0.0/8'}", "k were in 10.0.0.0/8", "k were not in 10.0.0.0/8"},
      {"'Null':{'k':'true'}", "k were absent", "k were there"},
      {"'Null':{'k':'false'}", "k were there", "k were absent"},
      {"'ForAllValues:StringEquals':{'k':'a'}", "every value of k were a", "a value of k were not a"},
      {"'ForAnyValue:StringEquals':{'k':'a'}", "a value of k were a", "every value of k were not a"},
  };
  for (const auto& c : kCases) {
    const Policy p = policy("{'Statement':" + statement("Allow", when(c.condition)) + "}");
    const Statement& s = p.statements()[0];
    EXPECT_EQ(wish({Miss::Condition, &s.conditions[0], true, std::nullopt, {}}, s), c.met);
    EXPECT_EQ(wish({Miss::Condition, &s.conditions[0], false, std::nullopt, {}}, s), c.unmet);
  }
}

TEST(Flip, TextsAreBounded) {
  std::string many;
  for (int i = 0; i < 20; ++i) many += (i ? ",'" : "'") + std::to_string(i) + std::string(300, 'v') + "'";
  EXPECT_LT(told({statement("Allow", when("'StringEquals':{'aws:UserAgent':[" + many + "]}")),
                  {{"aws:UserAgent", {std::string(100'000, '\xc3')}}}})
                .size(),
            2'100u);
}

}  // namespace
}  // namespace gatehouse::policy
