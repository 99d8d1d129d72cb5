#include "unit/identity/operation_world.hpp"

namespace gatehouse::identity::testing {
namespace {

class OperationRoles : public OperationWorld {
 protected:
  static std::string trust(std::string_view principal, std::string_view condition = "",
                           std::string_view action = "sts:AssumeRole") {
    std::string out = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)";
    out.append(principal).append(R"(,"Action":")").append(action).append("\"");
    if (!condition.empty()) out.append(R"(,"Condition":)").append(condition);
    return out + "}]}";
  }
  std::string create(const std::string& document) {
    const std::string out = said("CreateRole", "RoleName=r;AssumeRolePolicyDocument=" + document);
    if (out == "ok") {
      EXPECT_EQ(code("DeleteRole", "RoleName=r"), "ok");
    }
    return out;
  }
  std::vector<std::pair<std::string, std::string>> bound(std::string_view name) {
    return reading<std::optional<Role>>(*store_, [&](Tables& t) { return t.role(kAccount, name); })->trusted_ids;
  }
};

const std::string kAnn = "arn:aws:iam::111122223333:user/dev/ann";
const std::string kProvider = "arn:aws:iam::111122223333:oidc-provider/idp.example/T";

TEST_F(OperationRoles, AreMadeShownChangedAndDeleted) {
  const std::string document = trust(R"({"AWS":"111122223333"})");
  EXPECT_EQ(
      get("CreateRole",
          "RoleName=r;Path=/a/;Description=d;MaxSessionDuration=7200;Tags=k:v;AssumeRolePolicyDocument=" + document,
          "Role.Arn"),
      "arn:aws:iam::111122223333:role/a/r");
  EXPECT_EQ(said("CreateRole", "RoleName=R;AssumeRolePolicyDocument=" + document),
            "EntityAlreadyExists: Role with name R already exists.");
  EXPECT_EQ(get("GetRole", "RoleName=r", "Role.MaxSessionDuration"), "7200");
  EXPECT_EQ(get("GetRole", "RoleName=r", "Role.AssumeRolePolicyDocument"), document);
  EXPECT_EQ(code("UpdateRole", "RoleName=r;MaxSessionDuration=43200"), "ok");
  EXPECT_EQ(get("GetRole", "RoleName=r", "Role.MaxSessionDuration"), "43200");
  EXPECT_EQ(get("GetRole", "RoleName=r", "Role.Description"), "d");
  EXPECT_EQ(get("UpdateRoleDescription", "RoleName=r;Description=e", "Role.Description"), "e");
  EXPECT_EQ(get("ListRoles", "PathPrefix=/a/", "Roles.0.RoleName"), "r");
  EXPECT_EQ(get("ListInstanceProfilesForRole", "RoleName=r", "InstanceProfiles"), "0 items");
  EXPECT_EQ(code("ListInstanceProfilesForRole", "RoleName=none"), "NoSuchEntity");
  EXPECT_EQ(code("PutRolePolicy", "RoleName=r;PolicyName=p;PolicyDocument=" + kAllowAll), "ok");
  EXPECT_EQ(said("DeleteRole", "RoleName=r"), "DeleteConflict: Cannot delete entity, must delete policies first.");
  EXPECT_EQ(code("DeleteRolePolicy", "RoleName=r;PolicyName=p"), "ok");
  EXPECT_EQ(code("CreatePolicy", "PolicyName=p;PolicyDocument=" + kAllowAll), "ok");
  EXPECT_EQ(code("AttachRolePolicy", "RoleName=r;PolicyArn=" + policy_arn("p")), "ok");
  EXPECT_EQ(said("DeleteRole", "RoleName=r"), "DeleteConflict: Cannot delete entity, must detach all policies first.");
  EXPECT_EQ(code("DetachRolePolicy", "RoleName=r;PolicyArn=" + policy_arn("p")), "ok");
  EXPECT_EQ(code("DeleteRole", "RoleName=r"), "ok");
  EXPECT_EQ(said("GetRole", "RoleName=r"), "NoSuchEntity: The role with name r cannot be found.");
}

TEST_F(OperationRoles, TrustWhomTheStoreKnowsByTheirIds) {
  EXPECT_EQ(code("CreateUser", "UserName=ann;Path=/dev/"), "ok");
  EXPECT_EQ(code("CreateRole",
                 "RoleName=r;AssumeRolePolicyDocument=" + trust(R"({"AWS":["111122223333",")" + kAnn + R"("]})")),
            "ok");
  EXPECT_EQ(bound("r"),
            (std::vector<std::pair<std::string, std::string>>{{kAnn, get("GetUser", "UserName=ann", "User.UserId")}}));
  const std::string session = "arn:aws:sts::111122223333:assumed-role/r/job";
  const std::string role = "arn:aws:iam::111122223333:role/r";
  EXPECT_EQ(code("UpdateAssumeRolePolicy",
                 "RoleName=r;PolicyDocument=" + trust(R"({"AWS":[")" + session + R"(",")" + role + R"("]})")),
            "ok");
  const std::string id = get("GetRole", "RoleName=r", "Role.RoleId");
  EXPECT_EQ(bound("r"), (std::vector<std::pair<std::string, std::string>>{{session, id}, {role, id}}));
}

TEST_F(OperationRoles, DoNotTrustWhoIsNotThere) {
  EXPECT_EQ(code("CreateUser", "UserName=ann;Path=/dev/"), "ok");
  const auto invalid = [](std::string_view type, std::string_view name) {
    return "MalformedPolicyDocument: Invalid principal in policy: \"" + std::string(type) + "\":\"" +
           std::string(name) + "\"";
  };
  for (const char* name : {"arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/dev/ANN",
                           "arn:aws:iam::111122223333:user/bob", "arn:aws:iam::444455556666:user/dev/ann",
                           "arn:aws:iam::111122223333:role/none", "arn:aws:sts::111122223333:assumed-role/none/x",
                           "arn:aws:sts::111122223333:federated-user/ann"})
    EXPECT_EQ(create(trust("{\"AWS\":\"" + std::string(name) + "\"}")), invalid("AWS", name));
  const std::string pin = R"({"StringEquals":{"idp.example/T:aud":"app"}})";
  const std::string web = "sts:AssumeRoleWithWebIdentity";
  for (const std::string& name :
       {kProvider, std::string("accounts.google.com"), std::string("arn:aws:iam::111122223333:saml-provider/x")})
    EXPECT_EQ(create(trust("{\"Federated\":\"" + name + "\"}", pin)), invalid("Federated", name));
  EXPECT_EQ(code("CreateOpenIDConnectProvider", "Url=https://idp.example/T;ClientIDList=app"), "ok");
  EXPECT_EQ(create(trust("{\"Federated\":\"" + kProvider + "\"}", pin, web)), "ok");
  EXPECT_EQ(create(trust(R"({"Service":"lambda.amazonaws.com"})")), "ok");
}

TEST_F(OperationRoles, DoNotLetInEverybodyWithoutACondition) {
  const std::string open =
      "MalformedPolicyDocument: /Statement/0: it lets everybody assume the role; name who may, or write a Condition";
  EXPECT_EQ(create(trust("\"*\"")), open);
  EXPECT_EQ(create(trust(R"({"AWS":"*"})")), open);
  EXPECT_EQ(create(trust("\"*\"", "{}")), open);
  EXPECT_EQ(create(trust("\"*\"", R"({"StringEquals":{"sts:ExternalId":"x"}})")), "ok");
  // Every action is the one for web identities, too.
  EXPECT_EQ(create(trust("\"*\"", R"({"StringEquals":{"sts:ExternalId":"x"}})", "sts:*")).substr(0, 23),
            "MalformedPolicyDocument");
}

TEST_F(OperationRoles, PinWebIdentitiesToClientOrSubject) {
  EXPECT_EQ(code("CreateOpenIDConnectProvider", "Url=https://idp.example/T"), "ok");
  const std::string web = "sts:AssumeRoleWithWebIdentity";
  struct Row {
    const char* condition;
    bool sound;
  };
  const Row rows[] = {
      {"", false},
      {"{}", false},
      {R"({"StringEquals":{"idp.example/T:aud":"app"}})", true},
      {R"({"StringEquals":{"IDP.example/t:AUD":"app"}})", true},
      {R"({"StringEqualsIgnoreCase":{"idp.example/T:sub":"ann"}})", true},
      {R"({"StringLike":{"idp.example/T:sub":"repo:org/*"}})", true},
      {R"({"ForAnyValue:StringEquals":{"idp.example/T:aud":["a","b"]}})", true},
      {R"({"StringLike":{"idp.example/T:sub":"*"}})", false},
      {R"({"StringLike":{"idp.example/T:sub":["repo:org/*","*"]}})", false},
      {R"({"StringNotEquals":{"idp.example/T:aud":"app"}})", false},
      {R"({"StringEqualsIfExists":{"idp.example/T:aud":"app"}})", false},
      {R"({"ForAllValues:StringEquals":{"idp.example/T:aud":"app"}})", false},
      {R"({"Null":{"idp.example/T:aud":"false"}})", false},
      {R"({"StringEquals":{"other.example:aud":"app"}})", false},
      {R"({"StringEquals":{"idp.example/T:amr":"mfa"}})", false},
      {R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})", false},
  };
  for (const Row& row : rows) {
    for (const std::string& action : {web, std::string("sts:Assume*"), std::string("*")}) {
      const std::string answer = create(trust("{\"Federated\":\"" + kProvider + "\"}", row.condition, action));
      EXPECT_EQ(answer == "ok", row.sound) << row.condition << " " << action << ": " << answer;
      if (!row.sound) {
        EXPECT_NE(answer.find("`idp.example/T`"), std::string::npos) << answer;
      }
    }
  }
  const std::string pool = R"({"Federated":"cognito-identity.amazonaws.com"})";
  EXPECT_EQ(create(trust(pool, "", web)).substr(0, 23), "MalformedPolicyDocument");
  EXPECT_EQ(create(trust(pool, R"({"StringEquals":{"cognito-identity.amazonaws.com:aud":"eu:1"}})", web)), "ok");
}

TEST_F(OperationRoles, RefuseTrustThatDoesNotCompile) {
  EXPECT_EQ(create(kAllowAll).substr(0, 60), "MalformedPolicyDocument: /Statement: it has neither Principa");
  EXPECT_EQ(
      create(R"({"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"sts:*"}})").substr(0, 23),
      "MalformedPolicyDocument");
  EXPECT_EQ(create(trust(R"({"AWS":"111122223333"})",
                         R"({"StringEquals":{"sts:ExternalId":")" + std::string(2'048, 'x') + "\"}}")),
            "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048");
}

TEST_F(OperationRoles, RevokeTheirSessionsAtTheCommandLine) {
  EXPECT_EQ(code("CreateRole", "RoleName=r;AssumeRolePolicyDocument=" + trust(R"({"AWS":"111122223333"})")), "ok");
  EXPECT_EQ(get("RevokeSessions", "RoleName=r", "SessionsRefusedBefore"), std::to_string(context_.now + 1));
  EXPECT_EQ(reading<std::optional<Role>>(*store_, [](Tables& t) { return t.role(kAccount, "r"); })->not_before,
            context_.now + 1);
  EXPECT_TRUE(find_operation("RevokeSessions")->is(Operation::kCliOnly));
}

}  // namespace
}  // namespace gatehouse::identity::testing
