#include "policy/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.hpp"

namespace gatehouse::policy {
namespace {

using test::json;

/// `pointer: text` of each fault, or "sound".
std::string faults(const std::string& document, Kind kind) {
  const auto out = parse(json(document), kind, test::of_api());
  return out ? "sound" : text(out.error());
}

const char* const kAllow = "'Effect':'Allow','Action':'execute-api:Invoke','Resource':'*'";

std::string statement(const std::string& members) {
  return "{'Version':'2012-10-17','Statement':{" + members + "}}";
}
std::string identity(const std::string& members) {
  return statement(std::string(kAllow) + members);
}

TEST(Parse, P1_Sound) {
  for (const std::string& d : {
           identity(""),
           identity(",'Sid':'a1'"),
           identity(",'Condition':{}"),
           identity(",'Condition':{'StringEquals':{}}"),
           identity(",'Condition':{'NumericLessThan':{'k':[10,'11']},'Bool':{'aws:SecureTransport':true}}"),
           std::string("{'Statement':[{") + kAllow + "},{" + kAllow + "}]}",
           std::string("{'Statement':[{'Sid':'',") + kAllow + "},{'Sid':''," + kAllow + "}],'Version':'2008-10-17'}",
           statement("'Effect':'Deny','NotAction':['a:b','*'],'NotResource':['arn:aws:s3:::x']"),
           statement("'Effect':'Allow','Action':'execute-api:','Resource':['*',null]"),
       })
    EXPECT_EQ(faults(d, Kind::Identity), "sound") << d;
}

struct Refused {
  std::string document;
  const char* fault;  // part of it, from its pointer on
};

TEST(Parse, P1_Refused) {
  const Refused kCases[] = {
      {"nonsense", "it is not JSON"},
      {"[]", "a policy is a JSON object"},
      {"{}", "/Statement: it is missing"},
      {"{'Statement':[]}", "/Statement: it is empty"},
      {"{'Statement':'x'}", "/Statement: it is neither"},
      {"{'Statement':['x']}", "/Statement/0: a statement is an object"},
      {std::string("{'Version':'2012-10-17','Version':'2012-10-17','Statement':{") + kAllow + "}}", "twice"},  // T2
      {std::string("{'Version':'2013-10-17','Statement':{") + kAllow + "}}", "/Version: `2013-10-17` is neither"},
      {std::string("{'Version':20121017,'Statement':{") + kAllow + "}}", "/Version: `20121017` is neither"},
      {std::string("{'Id':'x','Statement':{") + kAllow + "}}", "/Id: an identity policy has no Id"},
      {std::string("{'version':'2012-10-17','Statement':{") + kAllow + "}}", "/version: `version` is not a member"},
      {identity(",'condition':{}"), "/Statement/condition: `condition` is not a member"},
      {identity(",'Principal':'*'"), "/Statement: a statement of an identity policy names no principal"},
      {identity(",'Sid':'a b'"), "/Statement/Sid: `a b` has other characters"},
      {identity(",'Sid':3"), "/Statement/Sid: it is not a string"},
      {std::string("{'Statement':[{'Sid':'a',") + kAllow + "},{'Sid':'a'," + kAllow + "}]}",
       "/Statement/1/Sid: `a` is the Sid of two"},
      {statement("'Action':'a:b','Resource':'*'"), "/Statement/Effect: it is missing"},
      {statement("'Effect':'allow','Action':'a:b','Resource':'*'"), "/Statement/Effect: `allow` is neither"},  // T3
      {statement("'Effect':'Allow','Resource':'*'"), "/Statement: it has neither Action nor NotAction"},
      {statement("'Effect':'Allow','Action':'a:b','NotAction':'a:c','Resource':'*'"), "both Action and NotAction"},
      {statement("'Effect':'Allow','Action':[],'Resource':'*'"), "/Statement/Action: it names no action"},
      {statement("'Effect':'Allow','Action':['a:b',{}],'Resource':'*'"), "/Statement/Action/1: it is not a string"},
      {statement("'Effect':'Allow','Action':'invoke','Resource':'*'"), "/Statement/Action: `invoke` has no service"},
      {statement("'Effect':'Allow','Action':'a:b:c','Resource':'*'"), "more than one colon"},
      {statement("'Effect':'Allow','Action':'a a:b','Resource':'*'"), "`a a` is not the name of a service"},
      {statement("'Effect':'Allow','Action':'*:b','Resource':'*'"), "`*` is not the name of a service"},
      {statement("'Effect':'Allow','Action':'a:b'"), "it has neither Resource nor NotResource"},
      {statement("'Effect':'Allow','Action':'a:b','Resource':'*','NotResource':[]"), "both Resource and NotResource"},
      {statement("'Effect':'Allow','Action':'a:b','Resource':[null]"), "/Statement/Resource: it names no resource"},
      {statement("'Effect':'Deny','Action':'a:b','NotResource':['*',null]"),
       "/Statement/NotResource/1: it is not a string"},
      {statement("'Effect':'Allow','Action':'a:b','Resource':'pets'"), "`pets` is neither `*` nor an ARN"},
      {statement("'Effect':'Allow','Action':'a:b','Resource':'arn:error:s3:::x'"), "`error` is not a partition"},
      {statement("'Effect':'Allow','Action':'a:b','Resource':'arn:aws'"), "does not name its service"},
      {statement("'Effect':'Allow','Action':'a:b','Resource':'arn:aws:*:::x'"), "does not name its service"},
      {statement("'Effect':'Allow','Action':'a:b','Resource':'execute-api:/*'"), "write the whole ARN"},
      {identity(",'Condition':[]"), "/Statement/Condition: it is not an object"},
      {identity(",'Condition':{'StringEqual':{'k':'a'}}"),
       "/Statement/Condition/StringEqual: `StringEqual` is not a condition operator"},
      {identity(",'Condition':{'StringEquals':'a'}"), "/Statement/Condition/StringEquals: it is not an object"},
      {identity(",'Condition':{'StringEquals':{'':'a'}}"), "a condition key has a name"},
      {identity(",'Condition':{'StringEquals':{'a/b~c':{}}}"),
       "/Statement/Condition/StringEquals/a~1b~0c: it is not a string"},
      {identity(",'Condition':{'StringEquals':{'k':[['a']]}}"),
       "/Statement/Condition/StringEquals/k/0: it is not a string"},
      {identity(",'Condition':{'StringEquals':{'k':null}}"), "it is not a string"},
      {identity(",'Condition':{'IpAddress':{'aws:SourceIp':['10.0.0.0/8','10.0.0.0/99']}}"),
       "/Statement/Condition/IpAddress/aws:SourceIp/1: `10.0.0.0/99`: it is not an address"},
      {statement(std::string(kAllow) + ",'Sid':'\xC4\x80'"), "a character beyond U+00FF"},
  };
  for (const Refused& c : kCases)
    EXPECT_THAT(faults(c.document, Kind::Identity), testing::HasSubstr(c.fault)) << c.document;
}

std::string principal(const std::string& element, const char* effect = "Allow") {
  return statement(std::string("'Effect':'") + effect + "','Action':'execute-api:Invoke','Resource':'execute-api:/*'," +
                   element);
}

TEST(Parse, P7_Principals) {
  const Refused kCases[] = {
      {principal("'Principal':'*'"), "sound"},
      {principal("'Principal':{'AWS':'*'}"), "sound"},
      {principal(
           "'Principal':{'AWS':['111122223333','arn:aws:iam::111122223333:root','arn:aws:iam::111122223333:user/a/b',"
           "'arn:aws:iam::111122223333:role/x','arn:aws:sts::111122223333:assumed-role/x/s',"
           "'arn:aws:sts::111122223333:federated-user/f']}"),
       "sound"},
      {principal("'Principal':{'Service':'apigateway.amazonaws.com'}"), "sound"},
      {principal("'NotPrincipal':{'AWS':'111122223333'}", "Deny"), "sound"},
      {principal("'NotPrincipal':{'AWS':'111122223333'}"), "/Statement/NotPrincipal: with Allow it lets in everybody"},
      {principal("'NotPrincipal':{'AWS':'*'}", "Deny"), "would deny nobody"},
      {principal("'NotPrincipal':'*'", "Deny"), "/Statement/NotPrincipal: `*` is not"},
      {principal("'Principal':'111122223333'"), "/Statement/Principal: `111122223333` is not `*`"},
      {principal("'Principal':{}"), "it names nobody"},
      {principal("'Principal':{'AWS':[]}"), "it names no principal"},
      {principal("'Principal':{'AWS':'arn:aws:iam::111122223333:role/*'}"), "wildcards name no principal"},
      {principal("'Principal':{'AWS':'arn:aws:iam::1111:role/x'}"), "is no principal"},
      {principal("'Principal':{'AWS':'arn:aws:iam::111122223333:group/x'}"), "is no principal"},
      {principal("'Principal':{'AWS':'arn:aws:sts::111122223333:assumed-role/x'}"), "is no principal"},
      {principal("'Principal':{'CanonicalUser':'x'}"), "`CanonicalUser` names no principal"},
      {principal("'Principal':{'Federated':'idp'}"), "`Federated` names no principal of a resource policy"},
      {principal("'Sid':'any thing!'"), "/Statement: it has neither Principal nor NotPrincipal"},
      {principal("'Sid':'any thing!','Principal':'*'"), "sound"},
  };
  for (const Refused& c : kCases)
    EXPECT_THAT(faults(c.document, Kind::Resource), testing::HasSubstr(c.fault)) << c.document;
}

TEST(Parse, P1_KindsHaveTheirElements) {
  const std::string trust = statement(
      "'Effect':'Allow','Action':'sts:AssumeRoleWithWebIdentity','Principal':{'Federated':'idp.example.com'}");
  EXPECT_EQ(faults(trust, Kind::Trust), "sound");
  EXPECT_THAT(faults(principal("'Principal':'*'"), Kind::Trust), testing::HasSubstr("names no resource"));
  EXPECT_THAT(faults(principal("'Principal':'*'"), Kind::Endpoint), testing::HasSubstr("write the whole ARN"));
  for (const Kind kind : {Kind::Identity, Kind::Boundary, Kind::Session, Kind::Guardrail, Kind::Authorizer})
    EXPECT_EQ(faults(identity(""), kind), "sound");
  // What a function answers is not saved by anybody: what has no meaning matches nothing.
  EXPECT_EQ(faults(statement("'Effect':'Allow','Action':'invoke','Resource':'pets'"), Kind::Authorizer), "sound");
}

TEST(Parse, P2_3_ShorthandIsExpanded) {
  const Policy p = test::policy(principal("'Principal':'*'"));
  EXPECT_EQ(p.statements()[0].resources[0].text, "arn:aws:execute-api:us-east-1:111122223333:abcde12345/*");
}

TEST(Parse, P11_Sizes) {
  const std::string blanks(9000, ' ');
  EXPECT_EQ(faults(identity("") + blanks, Kind::Identity), "sound");
  EXPECT_THAT(faults(principal("'Principal':'*'") + blanks, Kind::Resource), testing::HasSubstr("at most 8192"));
  EXPECT_THAT(faults(identity(",'Condition':{'StringLike':{'k':'" + std::string(2100, 'x') + "'}}"), Kind::Session),
              testing::HasSubstr("at most 2048"));
}

TEST(Parse, ManyFaultsAreToldAtOnceAndNotWithoutEnd) {
  std::string d = "{'Statement':[";
  for (int i = 0; i < 100; ++i) d += "{},";
  d.back() = ']';
  const auto out = parse(json(d + "}"), Kind::Identity);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().size(), 32u);
}

}  // namespace
}  // namespace gatehouse::policy
