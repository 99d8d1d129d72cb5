#include "integration/iam_guard.hpp"

#include "unit/integration/iam_api_world.hpp"

namespace gatehouse::integration::testing {
namespace {

using IamGuardTest = IamApiTest;

TEST_F(IamGuardTest, AsksTheCallersPolicies) {
  struct Row {
    const char* name;
    std::vector<std::pair<PolicyRole, std::string>> policies;
    const char* form;
    const char* expect;  // `ok`, or the end of the denial
  };
  const std::string on_users = "arn:aws:iam::111122223333:user/dev/*";
  const Row rows[] = {
      {"nothing allows",
       {},
       "CreateUser&UserName=x",
       "because no identity-based policy allows the iam:CreateUser action"},
      {"everything", {{PolicyRole::Identity, statement("Allow", "*", "*")}}, "CreateUser&UserName=x", "ok"},
      {"the action", {{PolicyRole::Identity, statement("Allow", "iam:Create*", "*")}}, "CreateUser&UserName=x", "ok"},
      {"another action",
       {{PolicyRole::Identity, statement("Allow", "iam:GetUser", "*")}},
       "CreateUser&UserName=x",
       "because no identity-based policy allows the iam:CreateUser action"},
      {"the resource",
       {{PolicyRole::Identity, statement("Allow", "iam:*", on_users)}},
       "CreateUser&UserName=x&Path=/dev/",
       "ok"},
      {"another resource",
       {{PolicyRole::Identity, statement("Allow", "iam:*", on_users)}},
       "CreateUser&UserName=x",
       "because no identity-based policy allows the iam:CreateUser action"},
      {"tags need their own action",
       {{PolicyRole::Identity, statement("Allow", "iam:CreateUser", "*")}},
       "CreateUser&UserName=x&Tags.member.1.Key=a&Tags.member.1.Value=b",
       "because no identity-based policy allows the iam:TagUser action"},
      {"a list has no resource but all",
       {{PolicyRole::Identity, statement("Allow", "iam:*", on_users)}},
       "GetAccountSummary",
       "because no identity-based policy allows the iam:GetAccountSummary action"},
      {"a deny",
       {{PolicyRole::Identity, statement("Allow", "*", "*")},
        {PolicyRole::Identity, statement("Deny", "iam:CreateUser", "*")}},
       "CreateUser&UserName=x",
       "with an explicit deny in an identity-based policy"},
      {"a boundary",
       {{PolicyRole::Identity, statement("Allow", "*", "*")}, {PolicyRole::Boundary, statement("Allow", "s3:*", "*")}},
       "CreateUser&UserName=x",
       "because no permissions boundary allows the iam:CreateUser action"},
      {"a boundary that allows",
       {{PolicyRole::Identity, statement("Allow", "*", "*")}, {PolicyRole::Boundary, statement("Allow", "iam:*", "*")}},
       "CreateUser&UserName=x",
       "ok"},
      {"a boundary that denies",
       {{PolicyRole::Identity, statement("Allow", "*", "*")}, {PolicyRole::Boundary, statement("Deny", "iam:*", "*")}},
       "CreateUser&UserName=x",
       "with an explicit deny in a permissions boundary"},
      {"a session policy",
       {{PolicyRole::Identity, statement("Allow", "*", "*")},
        {PolicyRole::Session, statement("Allow", "iam:Get*", "*")}},
       "CreateUser&UserName=x",
       "because no session policy allows the iam:CreateUser action"},
      {"two boundaries are no boundary",
       {{PolicyRole::Identity, statement("Allow", "*", "*")},
        {PolicyRole::Boundary, statement("Allow", "*", "*")},
        {PolicyRole::Boundary, statement("Allow", "*", "*")}},
       "CreateUser&UserName=x",
       "because no identity-based policy allows the iam:CreateUser action"},
  };
  for (const Row& row : rows) {
    auto who = caller(Kind::User);
    for (const auto& [role, document] : row.policies) give(*who, document, role);
    const ServiceResponse said = ask(who, std::string("Action=") + row.form);
    if (std::string_view(row.expect) == "ok") {
      EXPECT_EQ(code(said), "ok") << row.name << said.body;
      store_ = identity::testing::open_sqlite(":memory:");
      continue;
    }
    EXPECT_EQ(said.status, 403) << row.name;
    EXPECT_EQ(code(said), "AccessDenied") << row.name;
    const std::string message = between(said.body, "<Message>", "</Message>");
    EXPECT_TRUE(message.starts_with("User: arn:aws:iam::111122223333:user/ann is not authorized to perform: iam:"))
        << message;
    EXPECT_TRUE(message.ends_with(row.expect)) << row.name << ": " << message;
  }
}

TEST_F(IamGuardTest, RefusesWhoHasARowThatCannotBeWeighed) {
  auto who = caller(Kind::User);
  give(*who, statement("Allow", "*", "*"));
  who->sound = false;
  EXPECT_EQ(code(who, "Action=ListUsers"), "AccessDenied");
  auto bare = caller(Kind::User);
  bare->policies.emplace_back();  // compiled to nothing
  EXPECT_EQ(code(bare, "Action=ListUsers"), "AccessDenied");
}

TEST_F(IamGuardTest, TellsNobodyWhatHeMayNotKnow) {
  auto root = caller(Kind::Root);
  EXPECT_EQ(code(root, "Action=CreateUser&UserName=there"), "ok");
  auto who = caller(Kind::User);
  const std::string there = between(ask(who, "Action=GetUser&UserName=there").body, "<Message>", "</Message>");
  const std::string nowhere = between(ask(who, "Action=GetUser&UserName=nowhere").body, "<Message>", "</Message>");
  EXPECT_EQ(there,
            "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: iam:GetUser on resource: "
            "arn:aws:iam::111122223333:user/there because no identity-based policy allows the iam:GetUser action");
  EXPECT_EQ(nowhere.size() - 2, there.size());
  EXPECT_NE(nowhere.find("user/nowhere because no identity-based policy"), std::string::npos);
}

TEST_F(IamGuardTest, ConditionsSeeTheRequest) {
  auto root = caller(Kind::Root);
  const std::string document = encoded(statement("Allow", "*", "*"));
  EXPECT_EQ(code(root, "Action=CreatePolicy&PolicyName=b&PolicyDocument=" + document), "ok");
  EXPECT_EQ(code(root, "Action=CreateUser&UserName=blue&Tags.member.1.Key=Team&Tags.member.1.Value=blue"), "ok");
  const std::string arn = "arn:aws:iam::111122223333:policy/b";
  EXPECT_EQ(code(root, "Action=CreateUser&UserName=bound&PermissionsBoundary=" + encoded(arn)), "ok");
  struct Row {
    const char* condition;
    std::string form;
    bool allowed;
  };
  const Row rows[] = {
      {R"({"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}})", "ListUsers", true},
      {R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})", "ListUsers", false},
      {R"({"Bool":{"aws:SecureTransport":"false"}})", "ListUsers", true},
      {R"({"Bool":{"aws:SecureTransport":"true"}})", "ListUsers", false},
      {R"({"DateLessThan":{"aws:CurrentTime":"2026-01-31T12:00:01Z"}})", "ListUsers", true},
      {R"({"DateLessThan":{"aws:CurrentTime":"2026-01-31T12:00:00Z"}})", "ListUsers", false},
      {R"({"NumericEquals":{"aws:EpochTime":"1769860800"}})", "ListUsers", true},
      {R"({"StringEquals":{"aws:RequestedRegion":"eu-central-1"}})", "ListUsers", true},
      {R"({"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/ann"}})", "ListUsers", true},
      {R"({"StringEquals":{"aws:PrincipalType":"User"}})", "ListUsers", true},
      {R"({"StringEquals":{"aws:PrincipalAccount":"111122223333"}})", "ListUsers", true},
      {R"({"StringEquals":{"aws:ResourceAccount":"111122223333"}})", "ListUsers", true},
      {R"({"StringEquals":{"aws:PrincipalTag/dept":"ops"}})", "ListUsers", true},  // brought by the caller
      {R"({"StringEquals":{"aws:PrincipalTag/dept":"dev"}})", "ListUsers", false},
      {R"({"Null":{"aws:SourceVpc":"true"}})", "ListUsers", true},
      {R"({"StringEquals":{"aws:RequestTag/team":"red"}})",
       "TagUser&UserName=blue&Tags.member.1.Key=TEAM&Tags.member.1.Value=red", true},
      {R"({"StringEquals":{"aws:RequestTag/team":"blue"}})",
       "TagUser&UserName=blue&Tags.member.1.Key=TEAM&Tags.member.1.Value=red", false},
      {R"({"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}})",
       "TagUser&UserName=blue&Tags.member.1.Key=a&Tags.member.1.Value=x", true},
      {R"({"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}})",
       "TagUser&UserName=blue&Tags.member.1.Key=c&Tags.member.1.Value=x", false},
      {R"({"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}})", "UntagUser&UserName=blue&TagKeys.member.1=b", false},
      {R"({"StringEquals":{"aws:TagKeys":"a"}})", "UntagUser&UserName=blue&TagKeys.member.1=a", false},  // multi-valued
      {R"({"StringLike":{"aws:ResourceTag/team":"*"}})", "GetUser&UserName=blue", true},
      {R"({"StringLike":{"iam:ResourceTag/Team":"*"}})", "GetUser&UserName=blue", true},
      {R"({"StringLike":{"aws:ResourceTag/team":"*"}})", "GetUser&UserName=bound", false},
      {R"({"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::111122223333:policy/b"}})",
       "AttachUserPolicy&UserName=blue&PolicyArn=" + encoded(arn), true},
      {R"({"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::111122223333:policy/c"}})",
       "AttachUserPolicy&UserName=blue&PolicyArn=" + encoded(arn), false},
      {R"({"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}})",
       "CreateUser&UserName=new&PermissionsBoundary=" + encoded(arn), true},
      {R"({"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}})",
       "CreateUser&UserName=new2", false},
      {R"({"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}})",
       "PutUserPolicy&UserName=bound&PolicyName=p&PolicyDocument=" + document, true},
      {R"({"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}})",
       "PutUserPolicy&UserName=blue&PolicyName=p&PolicyDocument=" + document, false},
      {R"({"Null":{"iam:PermissionsBoundary":"true"}})", "CreateAccessKey&UserName=bound",
       true},  // not a key of this action
  };
  for (const Row& row : rows) {
    auto who = caller(Kind::User);
    access::CallerKey tag;
    tag.lower = "aws:principaltag/dept";
    tag.values = {"ops"};
    who->keys.push_back(tag);
    who->settle();
    give(*who, statement("Allow", "*", "*", row.condition));
    const ServiceResponse said = ask(who, "Action=" + row.form);
    EXPECT_EQ(code(said), row.allowed ? "ok" : "AccessDenied") << row.condition << " " << row.form << said.body;
  }
}

TEST_F(IamGuardTest, BoundaryOfAUserHoldsForWhatHeMakesOnlyIfPoliciesSaySo) {
  // A delegated administrator: may make users, each with the boundary, and may not change that afterwards.
  auto root = caller(Kind::Root);
  EXPECT_EQ(code(root, "Action=CreatePolicy&PolicyName=b&PolicyDocument=" + encoded(statement("Allow", "s3:*", "*"))),
            "ok");
  const std::string arn = encoded("arn:aws:iam::111122223333:policy/b");
  auto who = caller(Kind::User);
  give(*who, statement("Allow", "iam:*", "*",
                       R"({"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/b"}})"));
  give(*who, statement("Deny", "iam:DeleteUserPermissionsBoundary", "*"));
  EXPECT_EQ(code(who, "Action=CreateUser&UserName=free"), "AccessDenied");
  EXPECT_EQ(code(who, "Action=CreateUser&UserName=bound&PermissionsBoundary=" + arn), "ok");
  EXPECT_EQ(code(who, "Action=PutUserPolicy&UserName=bound&PolicyName=p&PolicyDocument=" +
                          encoded(statement("Allow", "*", "*"))),
            "ok");
  EXPECT_EQ(code(who, "Action=DeleteUserPermissionsBoundary&UserName=bound"), "AccessDenied");
  EXPECT_EQ(code(who, "Action=CreatePolicyVersion&SetAsDefault=true&PolicyArn=" + arn +
                          "&PolicyDocument=" + encoded(statement("Allow", "*", "*"))),
            "AccessDenied");
}

}  // namespace
}  // namespace gatehouse::integration::testing
