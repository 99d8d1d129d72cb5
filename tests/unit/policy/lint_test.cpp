#include "policy/lint.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace gatehouse::policy {
namespace {

using test::json;

/// `rule pointer`, a line each.
std::string said(const std::string& document, Kind kind = Kind::Resource, Callers callers = Callers::Unknown) {
  const Policy policy = test::policy(document, kind);
  std::string out;
  for (const Warning& w : lint(json(document), policy, callers)) {
    EXPECT_FALSE(w.text.empty());
    out += (out.empty() ? "" : "\n") + std::string(name(w.rule)) + " " + w.pointer;
  }
  return out;
}

constexpr const char* kApi = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/";

std::string document(const std::string& statements) {
  return "{'Version':'2012-10-17','Statement':[" + statements + "]}";
}
/// An Allow for a caller that is named, so that nothing is to be said of it.
std::string allow(const std::string& more = "", const std::string& resource = "'*'") {
  return "{'Effect':'Allow','Principal':{'AWS':'111122223333'},'Action':'execute-api:Invoke','Resource':" + resource +
         more + "}";
}
std::string deny(const std::string& more = "", const std::string& resource = "'*'") {
  return "{'Effect':'Deny','Principal':'*','Action':'execute-api:Invoke','Resource':" + resource + more + "}";
}
std::string of_identity(const std::string& effect, const std::string& more) {
  return document("{'Effect':'" + effect + "','Action':'execute-api:*','Resource':'*'" + more + "}");
}
std::string when(const std::string& condition) {
  return ",'Condition':{" + condition + "}";
}

TEST(Lint, SaysNothingOfWhatIsSound) {
  EXPECT_EQ(said(document(allow())), "");
  EXPECT_EQ(said(document(deny(when("'NotIpAddress':{'aws:SourceIp':'192.0.2.0/24'}")) + "," + allow())), "");
  EXPECT_EQ(said(document(allow("", "'execute-api:/prod/GET/*'"))), "");
  EXPECT_EQ(
      said(of_identity("Allow", when("'StringEquals':{'aws:PrincipalTag/team':'${aws:username}'}")), Kind::Identity),
      "");
}

struct Case {
  const char* what;
  std::string document;
  Kind kind;
  const char* said;
};

TEST(Lint, Rules) {
  const Case kCases[] = {
      {"everybody", document("{'Effect':'Allow','Principal':'*','Action':'execute-api:Invoke','Resource':'*'}"),
       Kind::Resource, "open_to_everybody /Statement/0/Principal"},
      {"everybody among others",
       document("{'Effect':'Allow','Principal':{'AWS':['111122223333','*']},'Action':'*','Resource':'*'}"),
       Kind::Resource, "open_to_everybody /Statement/0/Principal"},
      {"NotPrincipal",
       document("{'Effect':'Deny','NotPrincipal':{'AWS':['111122223333','arn:aws:iam::111122223333:user/"
                "a']},'Action':'*','Resource':'*'}"),
       Kind::Resource, "not_principal /Statement/0/NotPrincipal"},
      {"action",
       document("{'Effect':'Allow','Action':['execute-api:Invoke','execute-api:Invok','s3:*'],'Resource':'*'}"),
       Kind::Identity, "action_matches_nothing /Statement/0/Action/1\naction_matches_nothing /Statement/0/Action/2"},
      {"only action, nothing else is said",
       document("{'Effect':'Allow','Action':'s3:GetObject','Resource':'arn:aws:s3:::b','Condition':{'StringEquals':{'"
                "s3:prefix':'a'}}}"),
       Kind::Identity, "action_matches_nothing /Statement/0/Action"},
      {"NotAction", document("{'Effect':'Allow','NotAction':'execute-api:*','Resource':'*'}"), Kind::Identity,
       "action_matches_nothing /Statement/0/NotAction"},
      {"NotAction of another service", document("{'Effect':'Allow','NotAction':'s3:*','Resource':'*'}"), Kind::Identity,
       ""},
      {"key of nobody", of_identity("Allow", when("'StringEquals':{'aws:SourceVpcId':'a'}")), Kind::Identity,
       "key_never_there /Statement/0/Condition/StringEquals/aws:SourceVpcId"},
      {"key between services", of_identity("Deny", when("'ArnNotLike':{'aws:SourceArn':'arn:aws:iam::*:*'}")),
       Kind::Identity, "key_never_there /Statement/0/Condition/ArnNotLike/aws:SourceArn"},
      {"key of STS", of_identity("Allow", when("'StringEquals':{'sts:ExternalId':'a'}")), Kind::Identity,
       "key_never_there /Statement/0/Condition/StringEquals/sts:ExternalId"},
      {"key of the caller, identity", of_identity("Allow", when("'StringEquals':{'aws:username':'a'}")), Kind::Identity,
       ""},
      {"key of the caller, resource", document(allow(when("'StringEquals':{'aws:PrincipalOrgID':'o-a'}"))),
       Kind::Resource, "key_needs_iam /Statement/0/Condition/StringEquals/aws:PrincipalOrgID"},
      {"key of the caller, if it is there",
       document(allow(when("'BoolIfExists':{'aws:MultiFactorAuthPresent':'true'}"))), Kind::Resource, ""},
      {"key of the caller, asked for", document(deny(when("'Null':{'aws:PrincipalArn':'true'}"))), Kind::Resource, ""},
      {"key of the caller, authorizer", of_identity("Allow", when("'StringEquals':{'aws:PrincipalTag/a':'b'}")),
       Kind::Authorizer, "key_never_there /Statement/0/Condition/StringEquals/aws:PrincipalTag~1a"},
      {"no values", document(deny(when("'IpAddress':{'aws:SourceIp':[]}"))), Kind::Resource,
       "no_values /Statement/0/Condition/IpAddress/aws:SourceIp"},
      {"no values, Null", of_identity("Allow", when("'Null':{'aws:username':[]}")), Kind::Identity,
       "no_values /Statement/0/Condition/Null/aws:username"},
      {"claim", of_identity("Allow", when("'StringEquals':{'idp.example.com/x:aud':'a'}")), Kind::Identity, ""},
      {"text of an address", document(deny(when("'StringEquals':{'aws:SourceIp':'192.0.2.7'}"))), Kind::Resource,
       "operator_type /Statement/0/Condition/StringEquals/aws:SourceIp"},
      {"number of an epoch", document(deny(when("'NumericLessThan':{'aws:EpochTime':'7'}"))), Kind::Resource, ""},
      {"number of a date", document(deny(when("'NumericLessThan':{'aws:CurrentTime':'7'}"))), Kind::Resource,
       "operator_type /Statement/0/Condition/NumericLessThan/aws:CurrentTime"},
      {"flag of a text", document(deny(when("'Bool':{'aws:UserAgent':'true'}"))), Kind::Resource,
       "operator_type /Statement/0/Condition/Bool/aws:UserAgent"},
      {"Null fits all", document(deny(when("'Null':{'aws:SourceIp':'true'}"))), Kind::Resource, ""},
      {"bare on many", of_identity("Deny", when("'StringNotLike':{'aws:PrincipalOrgPaths':'o-a/*'}")), Kind::Identity,
       "bare_on_multi_valued /Statement/0/Condition/StringNotLike/aws:PrincipalOrgPaths"},
      {"any of many", of_identity("Deny", when("'ForAnyValue:StringNotLike':{'aws:PrincipalOrgPaths':'o-a/*'}")),
       Kind::Identity, ""},
      {"all of many", of_identity("Allow", when("'ForAllValues:StringLike':{'aws:PrincipalOrgPaths':'o-a/*'}")),
       Kind::Identity, "for_all_values_unguarded /Statement/0/Condition/ForAllValues:StringLike/aws:PrincipalOrgPaths"},
      {"all of many, guarded",
       of_identity(
           "Allow",
           when(
               "'ForAllValues:StringLike':{'aws:PrincipalOrgPaths':'o-a/*'},'Null':{'aws:principalorgpaths':'false'}")),
       Kind::Identity, ""},
      {"all of many, guarded by nothing",
       of_identity("Allow", when("'ForAllValues:StringLike':{'aws:PrincipalOrgPaths':'o-a/"
                                 "*'},'Null':{'aws:PrincipalOrgPaths':['false','true']}")),
       Kind::Identity, "for_all_values_unguarded /Statement/0/Condition/ForAllValues:StringLike/aws:PrincipalOrgPaths"},
      {"all of many, guarded by any of them",
       of_identity("Allow", when("'ForAllValues:StringLike':{'aws:PrincipalOrgPaths':'o-a/"
                                 "*'},'ForAnyValue:StringLike':{'aws:PrincipalOrgPaths':'*'}")),
       Kind::Identity, ""},
      {"all of many, denied", of_identity("Deny", when("'ForAllValues:StringLike':{'aws:PrincipalOrgPaths':'o-a/*'}")),
       Kind::Identity, ""},
      {"variable without version",
       "{'Statement':" + allow("", "'" + std::string(kApi) + "*/GET/${aws:username}'") + "}", Kind::Resource,
       "variable_is_literal /Statement/Resource"},
      {"variable without version, condition",
       "{'Version':'2008-10-17','Statement':[" + allow(when("'StringLike':{'aws:UserAgent':'${aws:username}'}")) + "]}",
       Kind::Resource, "variable_is_literal /Statement/0/Condition/StringLike/aws:UserAgent"},
      {"trust",
       document("{'Effect':'Allow','Principal':{'AWS':'111122223333'},'Action':'sts:AssumeRole','Condition':{'"
                "StringEquals':{'sts:ExternalId':'a'}}}"),
       Kind::Trust, ""},
  };
  for (const Case& c : kCases) EXPECT_EQ(said(c.document, c.kind), c.said) << c.what;
}

TEST(Lint, Resources) {
  const auto is_odd = [](const std::string& resource, Kind kind) {
    const std::string text =
        kind == Kind::Identity
            ? document("{'Effect':'Allow','Action':'execute-api:Invoke','Resource':'" + resource + "'}")
            : document(allow("", "'" + resource + "'"));
    const std::string out = said(text, kind);
    EXPECT_TRUE(out.empty() || out == "resource_matches_nothing /Statement/0/Resource") << resource << " " << out;
    return !out.empty();
  };
  const std::string api = kApi;
  const std::string account = "arn:aws:execute-api:us-east-1:111122223333:";
  for (const std::string& good :
       {std::string("*"), api + "*", api + "prod/GET/pets", api + "prod/GET/", api + "*/*/pets", api + "prod/G?T/x",
        account + "*", std::string("arn:aws:execute-api:*:*:*"), account + "abc*", account + "/domainnames/*",
        account + "/*", account + "/domainnames/a.example.com+abc", api + "$default/GET/${aws:username}",
        api + "prod/*/x", std::string("arn:*:execute-api:us-east-1:*:*/prod/POST/*")})
    for (const Kind kind : {Kind::Identity, Kind::Resource}) EXPECT_FALSE(is_odd(good, kind)) << good;
  for (const std::string& bad :
       {account + "abcde12345", api, api + "prod", api + "prod/", std::string("arn:aws:s3:::bucket/*"),
        std::string("arn:aws:execute-api::111122223333:abc/*"), std::string("arn:aws:execute-api:us-east-1::abc/*"),
        std::string("arn:aws:execute-api:us-east-1:1111:abc/*"), api + "prod/get/pets", api + "prod/Get/*",
        std::string("arn:aws:execute-api:${aws:RequestedRegion}:111122223333:abc/*"),
        std::string("arn:aws:execute-api:us-east-1:*${aws:PrincipalAccount}:abc/*"), api + "prod/ANY/pets",
        account + "/prod/GET/pets", account + "/domainnames/", api + "/GET/pets"})
    for (const Kind kind : {Kind::Identity, Kind::Resource}) EXPECT_TRUE(is_odd(bad, kind)) << bad;
  // WebSocket APIs have route keys, and no resource policies.
  for (const std::string& keyed : {api + "prod/$connect", api + "prod/sendMessage", api + "prod/@connections/x"}) {
    EXPECT_FALSE(is_odd(keyed, Kind::Identity)) << keyed;
    EXPECT_TRUE(is_odd(keyed, Kind::Resource)) << keyed;
  }
  EXPECT_FALSE(is_odd(api + "prod/POST/@connections/*", Kind::Identity));
}

// Spec resource-policies section 1: a principal that is named, where no method is AWS_IAM.
TEST(Lint, P7_4_NobodyIsTheCallerWhereAllAreStrangers) {
  const auto among_strangers = [](const std::string& statement, Kind kind = Kind::Resource) {
    EXPECT_EQ(said(document(statement), kind).find("caller_needs_iam"), std::string::npos) << "some may be known";
    return said(document(statement), kind, Callers::Strangers);
  };
  EXPECT_EQ(among_strangers(allow()), "caller_needs_iam /Statement/0/Principal");
  EXPECT_EQ(among_strangers("{'Effect':'Deny','Principal':{'AWS':'arn:aws:iam::111122223333:user/"
                            "a'},'Action':'*','Resource':'*'}"),
            "caller_needs_iam /Statement/0/Principal");
  EXPECT_EQ(among_strangers("{'Effect':'Deny','NotPrincipal':{'AWS':['111122223333']},'Action':'*','Resource':'*'}"),
            "caller_needs_iam /Statement/0/NotPrincipal");
  EXPECT_EQ(among_strangers("{'Effect':'Deny','Principal':{'AWS':['111122223333','*']},'Action':'*','Resource':'*'}"),
            "");
  EXPECT_EQ(among_strangers(deny(when("'ArnEquals':{'aws:PrincipalArn':'arn:aws:iam::111122223333:role/a'}"))),
            "caller_needs_iam /Statement/0/Condition/ArnEquals/aws:PrincipalArn");
  EXPECT_EQ(among_strangers(deny(when("'Null':{'aws:PrincipalArn':'false'}"))),
            "caller_needs_iam /Statement/0/Condition/Null/aws:PrincipalArn");
  EXPECT_EQ(among_strangers(deny(when("'ForAnyValue:StringLike':{'aws:PrincipalOrgPaths':'o-a/*'}"))),
            "caller_needs_iam /Statement/0/Condition/ForAnyValue:StringLike/aws:PrincipalOrgPaths");
  // These hold for strangers.
  EXPECT_EQ(among_strangers(deny(when("'ArnNotEquals':{'aws:PrincipalArn':'arn:aws:iam::111122223333:role/a'}"))),
            "key_needs_iam /Statement/0/Condition/ArnNotEquals/aws:PrincipalArn");
  EXPECT_EQ(among_strangers(deny(when("'Null':{'aws:PrincipalArn':'true'}"))), "");
  EXPECT_EQ(among_strangers(deny(when("'BoolIfExists':{'aws:MultiFactorAuthPresent':'false'}"))), "");
  // A caller's own policies are weighed for him alone.
  EXPECT_EQ(said(of_identity("Allow", when("'StringEquals':{'aws:username':'a'}")), Kind::Identity, Callers::Strangers),
            "");
}

TEST(Lint, PointersAreThoseOfTheDocument) {
  EXPECT_EQ(said(document(allow("", "['*',null,'arn:aws:s3:::b']"))),
            "resource_matches_nothing /Statement/0/Resource/2");
  EXPECT_EQ(said("{'Version':'2012-10-17','Statement':" + allow(when("'StringEquals':{'a~b/c':'x'}")) + "}"),
            "key_never_there /Statement/Condition/StringEquals/a~0b~1c");
}

TEST(Lint, Unreachable) {
  const std::string api = kApi;
  const auto covered = [](const std::string& statements, Kind kind = Kind::Resource) {
    std::string out;
    const std::string text = document(statements);
    for (const Warning& w : lint(json(text), test::policy(text, kind)))
      if (w.rule == Lint::Unreachable) out += w.pointer.substr(w.pointer.rfind('/') + 1);
    return out;
  };
  EXPECT_EQ(covered(deny() + "," + allow()), "1");
  EXPECT_EQ(covered(allow() + "," + deny()), "0") << "the order never matters";
  EXPECT_EQ(covered(deny("", "'" + api + "*'") + "," + allow("", "'" + api + "prod/*'")), "1");
  EXPECT_EQ(
      covered(deny("", "'" + api + "prod/*'") + "," + allow("", "['" + api + "prod/GET/a','" + api + "prod/*/b']")),
      "1");
  EXPECT_EQ(covered(deny("", "'" + api + "prod/*'") + "," + deny("", "'" + api + "prod/GET/*'")), "1");
  EXPECT_EQ(covered(deny() + "," + deny()), "1") << "of two that are the same the later one";
  EXPECT_EQ(covered("{'Effect':'Deny','Action':'*','Resource':'*'},{'Effect':'Allow','Action':'execute-api:Invoke','"
                    "NotResource':'" +
                        api + "a/*'}",
                    Kind::Identity),
            "1");
  // What leaves something.
  for (const std::string& statements :
       {deny(when("'Bool':{'aws:SecureTransport':'false'}")) + "," + allow(),
        std::string("{'Effect':'Deny','Principal':{'AWS':'111122223333'},'Action':'*','Resource':'*'},") + allow(),
        deny("", "'" + api + "prod/*'") + "," + allow("", "['" + api + "prod/GET/a','" + api + "dev/*']"),
        deny("", "'" + api + "prod/GET/?'") + "," + allow("", "'" + api + "prod/GET/*'"),
        deny("", "'" + api + "prod/*/$*'") + "," + allow("", "'" + api + "prod/GET/${aws:username}'"),
        deny() + ",{'Effect':'Allow','Principal':{'AWS':'111122223333'},'Action':'execute-api:*','Resource':'*'}",
        std::string("{'Effect':'Deny','Principal':'*','Action':'*','NotResource':'" + api + "prod/*'},") +
            allow("", "'" + api + "dev/*'"),
        deny("", "'" + api + "prod/*'") +
            ",{'Effect':'Allow','Principal':{'AWS':'111122223333'},'Action':'execute-api:Invoke','NotResource':'" +
            api + "dev/*'}"})
    EXPECT_EQ(covered(statements), "") << statements;
}

}  // namespace
}  // namespace gatehouse::policy
