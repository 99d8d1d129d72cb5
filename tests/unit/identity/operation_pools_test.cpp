#include "unit/identity/operation_world.hpp"

namespace gatehouse::identity::testing {
namespace {

class OperationPools : public OperationWorld {
 protected:
  std::string role(const std::string& name) {
    EXPECT_EQ(
        code(
            "CreateRole",
            "RoleName=" + name +
                R"(;AssumeRolePolicyDocument={"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}})"),
        "ok");
    return "arn:aws:iam::111122223333:role/" + name;
  }
};

const std::string kArn = "arn:aws:iam::111122223333:oidc-provider/idp.example/t";

TEST_F(OperationPools, ProvidersAreMadeShownChangedAndDeleted) {
  EXPECT_EQ(get("CreateOpenIDConnectProvider", "Url=https://idp.example/t;ClientIDList=a,b;Tags=k:v",
                "OpenIDConnectProviderArn"),
            kArn);
  EXPECT_EQ(said("CreateOpenIDConnectProvider", "Url=https://idp.example/t"),
            "EntityAlreadyExists: Provider with url https://idp.example/t already exists.");
  const std::string arn = "OpenIDConnectProviderArn=" + kArn;
  EXPECT_EQ(get("GetOpenIDConnectProvider", arn, "Url"), "idp.example/t");
  EXPECT_EQ(get("GetOpenIDConnectProvider", arn, "ClientIDList"), "2 items");
  EXPECT_EQ(code("AddClientIDToOpenIDConnectProvider", arn + ";ClientID=c"), "ok");
  EXPECT_EQ(code("AddClientIDToOpenIDConnectProvider", arn + ";ClientID=c"), "ok");
  EXPECT_EQ(get("GetOpenIDConnectProvider", arn, "ClientIDList.2"), "c");
  EXPECT_EQ(code("RemoveClientIDFromOpenIDConnectProvider", arn + ";ClientID=a"), "ok");
  EXPECT_EQ(get("GetOpenIDConnectProvider", arn, "ClientIDList"), "2 items");
  EXPECT_EQ(code("UpdateOpenIDConnectProviderThumbprint", arn + ";ThumbprintList=" + std::string(40, 'a')), "ok");
  EXPECT_EQ(get("GetOpenIDConnectProvider", arn, "ThumbprintList"), "1 items");
  EXPECT_EQ(get("ListOpenIDConnectProviders", "", "OpenIDConnectProviderList.0.Arn"), kArn);
  EXPECT_EQ(code("TagOpenIDConnectProvider", arn + ";Tags=l:w"), "ok");
  EXPECT_EQ(get("ListOpenIDConnectProviderTags", arn, "Tags"), "2 items");
  EXPECT_EQ(code("DeleteOpenIDConnectProvider", arn), "ok");
  EXPECT_EQ(said("GetOpenIDConnectProvider", arn), "NoSuchEntity: OpenIDConnect Provider not found for arn " + kArn);
}

TEST_F(OperationPools, ProvidersAreWhatAnIssuerMayBe) {
  for (const char* good : {"https://idp.example", "https://idp.example/", "https://idp.example:8443/a/b"}) {
    const std::string arn = get("CreateOpenIDConnectProvider", std::string("Url=") + good, "OpenIDConnectProviderArn");
    EXPECT_EQ(arn, "arn:aws:iam::111122223333:oidc-provider/" + std::string(good).substr(8));
  }
  for (const char* bad :
       {"http://idp.example", "idp.example", "https://", "https:///x", "https://a b", "https://a?b", "https://a#b",
        "https://user@a", "https://:1", "HTTPS://a", "https://\xc3\xa9.example", "https://a%2fb"})
    EXPECT_EQ(code("CreateOpenIDConnectProvider", std::string("Url=") + bad), "InvalidInput") << bad;
}

TEST_F(OperationPools, AreMadeShownChangedAndDeleted) {
  const std::string id = get("CreateIdentityPool",
                             "IdentityPoolName=web app;AllowUnauthenticatedIdentities=true;CognitoIdentityProviders="
                             "cognito-idp.eu-central-1.amazonaws.com/P:app",
                             "IdentityPoolId");
  EXPECT_EQ(id.substr(0, 13), "eu-central-1:");
  EXPECT_EQ(id.size(), 13u + 36u);
  EXPECT_EQ(id[13 + 14], '4');
  const std::string pool = "IdentityPoolId=" + id;
  EXPECT_EQ(get("DescribeIdentityPool", pool, "CognitoIdentityProviders.0.ClientId"), "app");
  EXPECT_EQ(get("DescribeIdentityPool", pool, "AllowUnauthenticatedIdentities"), "1");
  EXPECT_EQ(get("UpdateIdentityPool", pool + ";AllowUnauthenticatedIdentities=false;AllowClassicFlow=true",
                "AllowUnauthenticatedIdentities"),
            "0");
  EXPECT_EQ(get("DescribeIdentityPool", pool, "CognitoIdentityProviders.0.ClientId"), "app");
  EXPECT_EQ(get("ListIdentityPools", "", "IdentityPools.0.IdentityPoolName"), "web app");
  EXPECT_EQ(code("UpdateIdentityPool", pool + ";OpenIdConnectProviderARNs=" + kArn), "InvalidParameterException");
  EXPECT_EQ(code("CreateOpenIDConnectProvider", "Url=https://idp.example/t;ClientIDList=a,b"), "ok");
  EXPECT_EQ(code("UpdateIdentityPool", pool + ";OpenIdConnectProviderARNs=" + kArn), "ok");
  EXPECT_EQ(get("DescribeIdentityPool", pool, "CognitoIdentityProviders"), "2 items");
  EXPECT_EQ(get("SetPrincipalTagAttributeMap", pool + ";PrincipalTags=team=custom:team,sub=sub", "PrincipalTags.team"),
            "custom:team");
  EXPECT_EQ(code("DeleteIdentityPool", pool), "ok");
  EXPECT_EQ(said("DescribeIdentityPool", pool), "ResourceNotFoundException: IdentityPool '" + id + "' not found.");
}

TEST_F(OperationPools, GiveRolesOfTheirAccount) {
  const std::string pool = "IdentityPoolId=" + get("CreateIdentityPool", "IdentityPoolName=p", "IdentityPoolId");
  const std::string user = role("user"), guest = role("guest");
  EXPECT_EQ(code("SetIdentityPoolRoles", pool + ";Roles=authenticated=" + user + ",unauthenticated=" + guest), "ok");
  EXPECT_EQ(get("DescribeIdentityPool", pool, "Roles.unauthenticated"), guest);
  EXPECT_EQ(code("SetIdentityPoolRoles", pool + ";Roles=authenticated=" + user), "ok");  // all of it is replaced
  EXPECT_EQ(get("DescribeIdentityPool", pool, "Roles.unauthenticated"), "");
  for (const char* bad :
       {"authenticated=arn:aws:iam::111122223333:role/none", "other=arn:aws:iam::111122223333:role/user",
        "authenticated=arn:aws:iam::444455556666:role/user", "authenticated=x"})
    EXPECT_EQ(code("SetIdentityPoolRoles", pool + ";Roles=" + bad), "InvalidParameterException") << bad;
  const std::string rules =
      R"({"idp.example/t":{"Type":"Rules","AmbiguousRoleResolution":"Deny","RulesConfiguration":{"Rules":[)"
      R"({"Claim":"dept","MatchType":"StartsWith","Value":"eng","RoleARN":")" +
      guest + R"("}]}}})";
  EXPECT_EQ(code("SetIdentityPoolRoles", pool + ";Roles=authenticated=" + user + ";RoleMappings=" + rules), "ok");
  const auto kept = reading<std::optional<IdentityPool>>(*store_, [&](Tables& t) { return t.pool(pool.substr(15)); });
  ASSERT_TRUE(kept && kept->role_mappings.size() == 1 && kept->role_mappings[0].rules.size() == 1);
  EXPECT_EQ(kept->role_mappings[0].kind, PoolRoleMapping::Kind::Rules);
  EXPECT_TRUE(kept->role_mappings[0].deny_when_ambiguous);
  EXPECT_EQ(kept->role_mappings[0].rules[0].match, PoolRoleMapping::Rule::Match::StartsWith);
  EXPECT_EQ(kept->role_mappings[0].rules[0].role_arn, guest);
}

TEST_F(OperationPools, RefuseMappingsThatSayNothingClear) {
  const std::string pool = "IdentityPoolId=" + get("CreateIdentityPool", "IdentityPoolName=p", "IdentityPoolId");
  const std::string set = pool + ";Roles=authenticated=" + role("user") + ";RoleMappings=";
  EXPECT_EQ(
      code("SetIdentityPoolRoles", set + R"({"p":{"Type":"Token","AmbiguousRoleResolution":"AuthenticatedRole"}})"),
      "ok");
  const std::pair<const char*, const char*> rows[] = {
      {"[]", "RoleMappings:"},
      {"{", "RoleMappings:"},
      {R"({"p":{}})", "RoleMappings/p/Type:"},
      {R"({"p":{"Type":"token","AmbiguousRoleResolution":"Deny"}})", "RoleMappings/p/Type:"},
      {R"({"p":{"Type":"Token"}})", "RoleMappings/p/AmbiguousRoleResolution:"},
      {R"({"p":{"Type":"Token","AmbiguousRoleResolution":"deny"}})", "RoleMappings/p/AmbiguousRoleResolution:"},
      {R"({"p":{"Type":"Rules","AmbiguousRoleResolution":"Deny"}})", "RoleMappings/p/RulesConfiguration:"},
      {R"({"p":{"Type":"Token","AmbiguousRoleResolution":"Deny","Extra":1}})", "RoleMappings/p/Extra:"},
      {R"({"p":{"Type":"Rules","AmbiguousRoleResolution":"Deny","RulesConfiguration":{"Rules":[]}}})",
       "RoleMappings/p/RulesConfiguration/Rules:"},
      {R"({"p":{"Type":"Rules","AmbiguousRoleResolution":"Deny","RulesConfiguration":{"Rules":[{"Claim":"c"}]}}})",
       "RoleMappings/p/RulesConfiguration/Rules/0/MatchType:"},
      {R"({"p":{"Type":"Rules","AmbiguousRoleResolution":"Deny","RulesConfiguration":{"Rules":[{"Claim":"c","MatchType":"Like","Value":"v","RoleARN":"r"}]}}})",
       "RoleMappings/p/RulesConfiguration/Rules/0/MatchType:"},
  };
  for (const auto& [json, expect] : rows) {
    const std::string answer = said("SetIdentityPoolRoles", set + json);
    EXPECT_EQ(answer.substr(0, 27 + std::string_view(expect).size()),
              "InvalidParameterException: " + std::string(expect))
        << json;
  }
}

TEST_F(OperationPools, AndAllElseIsCounted) {
  EXPECT_EQ(code("CreateUser", "UserName=ann"), "ok");
  role("r");
  EXPECT_EQ(get("GetAccountSummary", "", "SummaryMap.Users"), "1");
  EXPECT_EQ(get("GetAccountSummary", "", "SummaryMap.Roles"), "1");
  EXPECT_EQ(get("GetAccountSummary", "", "SummaryMap.AccountAccessKeysPresent"), "0");
}

}  // namespace
}  // namespace gatehouse::identity::testing
