#include "unit/identity/operation_world.hpp"

namespace gatehouse::identity::testing {
namespace {

class OperationPolicies : public OperationWorld {
 protected:
  /// An identity policy of so many characters, white space apart.
  static std::string policy_of(std::size_t size) {
    const std::string before =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::)";
    const std::string after = R"("}})";
    return before + std::string(size - before.size() - after.size(), 'x') + after;
  }
};

TEST_F(OperationPolicies, InlineAreWrittenShownListedAndDeleted) {
  for (const auto& [kind, name, make] :
       {std::tuple("User", "UserName=x", "CreateUser"), std::tuple("Group", "GroupName=x", "CreateGroup")}) {
    EXPECT_EQ(code(make, name), "ok");
    const std::string of = std::string(name) + ";PolicyName=p", k(kind);
    EXPECT_EQ(code("Put" + k + "Policy", of + ";PolicyDocument=" + kAllowAll), "ok");
    EXPECT_EQ(get("Get" + k + "Policy", of, "PolicyDocument"), kAllowAll);
    EXPECT_EQ(get("Get" + k + "Policy", of, k + "Name"), "x");
    EXPECT_EQ(get("List" + k + "Policies", name, "PolicyNames.0"), "p");
    EXPECT_EQ(code("Delete" + k + "Policy", of), "ok");
    EXPECT_EQ(code("Get" + k + "Policy", of), "NoSuchEntity");
    EXPECT_EQ(code("Delete" + k + "Policy", of), "NoSuchEntity");
    EXPECT_EQ(get("List" + k + "Policies", name, "PolicyNames"), "0 items");
  }
}

TEST_F(OperationPolicies, InlineAreBoundedTogether) {
  EXPECT_EQ(code("CreateUser", "UserName=ann"), "ok");
  EXPECT_EQ(code("PutUserPolicy", "UserName=ann;PolicyName=a;PolicyDocument=" + policy_of(1'000)), "ok");
  EXPECT_EQ(code("PutUserPolicy", "UserName=ann;PolicyName=b;PolicyDocument=" + policy_of(1'048)), "ok");
  EXPECT_EQ(said("PutUserPolicy", "UserName=ann;PolicyName=b;PolicyDocument=" + policy_of(1'049)),
            "LimitExceeded: Maximum policy size of 2048 bytes exceeded for user ann");
  EXPECT_EQ(code("PutUserPolicy", "UserName=ann;PolicyName=A;PolicyDocument=" + policy_of(1'000)), "ok");  // the same
  EXPECT_EQ(
      code("PutUserPolicy", "UserName=ann;PolicyName=b;PolicyDocument=" + policy_of(1'048) + std::string(500, ' ')),
      "ok");  // white space does not count
  EXPECT_EQ(code("CreateGroup", "GroupName=g"), "ok");
  EXPECT_EQ(code("PutGroupPolicy", "GroupName=g;PolicyName=a;PolicyDocument=" + policy_of(5'120)), "ok");
  EXPECT_EQ(code("PutGroupPolicy", "GroupName=g;PolicyName=a;PolicyDocument=" + policy_of(5'121)), "LimitExceeded");
}

TEST_F(OperationPolicies, ThatDoNotCompileAreRefusedWithAPointer) {
  EXPECT_EQ(code("CreateUser", "UserName=ann"), "ok");
  struct Row {
    const char* document;
    const char* expect;
  };
  const Row rows[] = {
      {"{", "MalformedPolicyDocument: it is not JSON"},
      {R"({"Statement":{"Effect":"allow","Action":"*","Resource":"*"}})",
       "MalformedPolicyDocument: /Statement/Effect: `allow`"},
      {R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Conditon":{}}]})",
       "MalformedPolicyDocument: /Statement/0/Conditon:"},
      {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}})",
       "MalformedPolicyDocument: /Statement: a statement of an identity policy names no principal"},
  };
  for (const Row& row : rows)
    for (const std::string& request : {std::string("PutUserPolicy|UserName=ann;PolicyName=p;PolicyDocument="),
                                       std::string("CreatePolicy|PolicyName=p;PolicyDocument=")}) {
      const std::size_t bar = request.find('|');
      const std::string answer = said(request.substr(0, bar), request.substr(bar + 1) + row.document);
      EXPECT_EQ(answer.substr(0, std::string_view(row.expect).size()), row.expect) << request;
    }
  EXPECT_EQ(code("PutUserPolicy", "UserName=ann;PolicyName=p;PolicyDocument=\xe2\x82\xac"), "ValidationError");
}

TEST_F(OperationPolicies, ManagedHaveFiveVersionsOfWhichOneHolds) {
  const std::string arn = "PolicyArn=" + policy_arn("a/P");
  EXPECT_EQ(get("CreatePolicy", "PolicyName=P;Path=/a/;Description=d;PolicyDocument=" + kAllowAll, "Policy.Arn"),
            policy_arn("a/P"));
  // A name is there once, whatever its path and case.
  for (const char* other : {"PolicyName=p", "PolicyName=P;Path=/b/", "PolicyName=P;Path=/a/"})
    EXPECT_EQ(said("CreatePolicy", other + (";PolicyDocument=" + kAllowAll)).substr(0, 19), "EntityAlreadyExists")
        << other;
  EXPECT_EQ(code("CreatePolicy", "PolicyName=O;PolicyDocument=" + kAllowAll), "ok");
  EXPECT_EQ(code("CreatePolicy", "PolicyName=PP;PolicyDocument=" + kAllowAll), "ok");
  const std::string other = policy_of(200);
  for (const char* version : {"v2", "v3", "v4", "v5"})
    EXPECT_EQ(get("CreatePolicyVersion", arn + ";PolicyDocument=" + other, "PolicyVersion.VersionId"), version);
  EXPECT_EQ(code("CreatePolicyVersion", arn + ";PolicyDocument=" + other), "LimitExceeded");
  EXPECT_EQ(get("GetPolicy", arn, "Policy.DefaultVersionId"), "v1");
  EXPECT_EQ(get("GetPolicyVersion", arn + ";VersionId=v1", "PolicyVersion.IsDefaultVersion"), "1");
  EXPECT_EQ(said("DeletePolicyVersion", arn + ";VersionId=v1"),
            "DeleteConflict: Cannot delete the default version of a policy.");
  EXPECT_EQ(code("SetDefaultPolicyVersion", arn + ";VersionId=v3"), "ok");
  EXPECT_EQ(get("GetPolicy", arn, "Policy.DefaultVersionId"), "v3");
  EXPECT_EQ(get("GetPolicyVersion", arn + ";VersionId=v1", "PolicyVersion.IsDefaultVersion"), "0");
  EXPECT_EQ(get("GetPolicyVersion", arn + ";VersionId=v3", "PolicyVersion.Document"), other);
  EXPECT_EQ(code("DeletePolicyVersion", arn + ";VersionId=v1"), "ok");
  EXPECT_EQ(code("GetPolicyVersion", arn + ";VersionId=v1"), "NoSuchEntity");
  EXPECT_EQ(
      get("CreatePolicyVersion", arn + ";SetAsDefault=true;PolicyDocument=" + kAllowAll, "PolicyVersion.VersionId"),
      "v6");
  EXPECT_EQ(get("GetPolicy", arn, "Policy.DefaultVersionId"), "v6");
  EXPECT_EQ(get("ListPolicyVersions", arn, "Versions"), "5 items");
  EXPECT_EQ(get("ListPolicyVersions", arn, "Versions.0.VersionId"), "v6");
  EXPECT_EQ(code("DeletePolicy", arn), "DeleteConflict");
  for (const char* version : {"v2", "v3", "v4", "v5"})
    EXPECT_EQ(code("DeletePolicyVersion", arn + ";VersionId=" + version), "ok");
  EXPECT_EQ(code("DeletePolicy", arn), "ok");
  EXPECT_EQ(said("GetPolicy", arn), "NoSuchEntity: Policy " + policy_arn("a/P") + " was not found.");
  const auto kept =
      reading<std::optional<ManagedPolicy>>(*store_, [&](Tables& t) { return t.policy(policy_arn("PP")); });
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->document, kAllowAll);
}

TEST_F(OperationPolicies, ManagedAreBounded) {
  EXPECT_EQ(code("CreatePolicy", "PolicyName=p;PolicyDocument=" + policy_of(6'144)), "ok");
  EXPECT_EQ(said("CreatePolicy", "PolicyName=q;PolicyDocument=" + policy_of(6'145)),
            "LimitExceeded: Cannot exceed quota for PolicySize: 6144");
}

TEST_F(OperationPolicies, AreAttachedTenTimesAtMostAndNotDeletedThen) {
  EXPECT_EQ(code("CreateUser", "UserName=ann"), "ok");
  for (int i = 0; i < 11; ++i) {
    const std::string name = "p" + std::to_string(i);
    EXPECT_EQ(code("CreatePolicy", "PolicyName=" + name + ";PolicyDocument=" + kAllowAll), "ok");
    EXPECT_EQ(code("AttachUserPolicy", "UserName=ann;PolicyArn=" + policy_arn(name)), i < 10 ? "ok" : "LimitExceeded");
  }
  EXPECT_EQ(code("AttachUserPolicy", "UserName=ann;PolicyArn=" + policy_arn("p3")), "ok");  // again
  EXPECT_EQ(get("ListAttachedUserPolicies", "UserName=ann", "AttachedPolicies"), "10 items");
  EXPECT_EQ(get("ListAttachedUserPolicies", "UserName=ann;MaxItems=1", "AttachedPolicies.0.PolicyName"), "p0");
  EXPECT_EQ(get("GetPolicy", "PolicyArn=" + policy_arn("p3"), "Policy.AttachmentCount"), "1");
  EXPECT_EQ(said("DeletePolicy", "PolicyArn=" + policy_arn("p3")),
            "DeleteConflict: Cannot delete a policy attached to entities.");
  EXPECT_EQ(get("ListPolicies", "", "Policies"), "11 items");
  EXPECT_EQ(get("ListPolicies", "OnlyAttached=true", "Policies"), "10 items");
  EXPECT_EQ(get("ListPolicies", "OnlyAttached=true;MaxItems=10", "IsTruncated"), "0");
  EXPECT_EQ(get("ListPolicies", "OnlyAttached=true;MaxItems=9", "IsTruncated"), "1");
  const std::string marker = get("ListPolicies", "OnlyAttached=true;MaxItems=9", "Marker");
  EXPECT_EQ(get("ListPolicies", "OnlyAttached=true;MaxItems=9;Marker=" + marker, "Policies"), "1 items");
  EXPECT_EQ(get("ListPolicies", "Scope=AWS", "Policies"), "0 items");
  EXPECT_EQ(code("DetachUserPolicy", "UserName=ann;PolicyArn=" + policy_arn("p3")), "ok");
  EXPECT_EQ(code("DetachUserPolicy", "UserName=ann;PolicyArn=" + policy_arn("p3")), "NoSuchEntity");
  EXPECT_EQ(code("DeletePolicy", "PolicyArn=" + policy_arn("p3")), "ok");
}

TEST_F(OperationPolicies, BoundAUserWhoHasOne) {
  EXPECT_EQ(code("CreatePolicy", "PolicyName=b;PolicyDocument=" + kAllowAll), "ok");
  const std::string boundary = ";PermissionsBoundary=" + policy_arn("b");
  EXPECT_EQ(code("CreateUser", "UserName=ann;PermissionsBoundary=" + policy_arn("none")), "NoSuchEntity");
  EXPECT_EQ(get("CreateUser", "UserName=ann" + boundary, "User.PermissionsBoundary.PermissionsBoundaryArn"),
            policy_arn("b"));
  EXPECT_EQ(code("DeletePolicy", "PolicyArn=" + policy_arn("b")), "DeleteConflict");
  EXPECT_EQ(code("DeleteUserPermissionsBoundary", "UserName=ann"), "ok");
  EXPECT_EQ(code("DeleteUserPermissionsBoundary", "UserName=ann"), "NoSuchEntity");
  EXPECT_EQ(code("PutUserPermissionsBoundary", "UserName=ann" + boundary), "ok");
  EXPECT_EQ(get("GetUser", "UserName=ann", "User.PermissionsBoundary.PermissionsBoundaryType"), "Policy");
}

}  // namespace
}  // namespace gatehouse::identity::testing
