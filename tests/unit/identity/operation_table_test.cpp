#include <set>

#include "unit/identity/operation_world.hpp"

namespace gatehouse::identity::testing {
namespace {

TEST(OperationTable, IsSound) {
  std::set<std::string> names, kebabs;
  for (const Operation* const one : all_operations()) {
    const std::string name(one->name);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_TRUE(kebabs.insert(kebab_case(name)).second) << name;
    EXPECT_NE(one->handler, nullptr) << name;
    EXPECT_FALSE(one->help.empty()) << name;
    EXPECT_EQ(find_operation(name), one);
    std::set<std::string> options;
    for (const Parameter& parameter : one->parameters) {
      EXPECT_TRUE(options.insert(kebab_case(parameter.name)).second) << name;
      EXPECT_EQ(parameter.kind == Parameter::Kind::Structs, !parameter.fields.empty()) << name;
      const bool here_only = parameter.kind == Parameter::Kind::Secret || parameter.kind == Parameter::Kind::Map;
      EXPECT_TRUE(!here_only || parameter.cli_only || one->is(Operation::kCliOnly)) << name;
    }
    // Who reads needs no right to write, and the other way round.
    const bool reads = name.starts_with("Get") || name.starts_with("List") || name.starts_with("Describe");
    EXPECT_EQ(one->is(Operation::kReads), reads) << name;
  }
  EXPECT_EQ(find_operation("createuser"), nullptr);
  EXPECT_EQ(find_operation(""), nullptr);
}

TEST(OperationTable, SpellsNamesAsAwsCommandLineDoes) {
  const std::pair<const char*, const char*> rows[] = {
      {"CreateUser", "create-user"},
      {"CreateOpenIDConnectProvider", "create-open-id-connect-provider"},
      {"AddClientIDToOpenIDConnectProvider", "add-client-id-to-open-id-connect-provider"},
      {"OpenIDConnectProviderArn", "open-id-connect-provider-arn"},
      {"ClientIDList", "client-id-list"},
      {"ClientID", "client-id"},
      {"OpenIdConnectProviderARNs", "open-id-connect-provider-arns"},
      {"MaxSessionDuration", "max-session-duration"},
      {"SetDefaultPolicyVersion", "set-default-policy-version"},
  };
  for (const auto& [name, kebab] : rows) EXPECT_EQ(kebab_case(name), kebab);
  EXPECT_EQ(camel_case("UserName"), "userName");
}

/// Notes what it is asked, and refuses when it is told to.
class NotingGuard final : public OperationGuard {
 public:
  Outcome<void> permit(const Operation& operation, const Subject& subject, const Input&) const override {
    asked.push_back(std::string(operation.name) + " " + subject.arn);
    tags = subject.tags.size();
    boundary = subject.boundary_arn;
    if (refuses) return refuse("AccessDenied", "no");
    return {};
  }
  mutable std::vector<std::string> asked;
  mutable std::size_t tags = 0;
  mutable std::string boundary;
  bool refuses = false;
};

class OperationSubjects : public OperationWorld {
 protected:
  std::string asked(std::string_view name, std::string_view text) {
    NotingGuard guard;
    guard.refuses = true;
    const auto done = perform(name, text, &guard);
    EXPECT_FALSE(done) << name;
    if (!done) {
      EXPECT_EQ(done.error().code, "AccessDenied") << name << ": " << done.error().message;
    }
    return guard.asked.empty() ? "" : guard.asked[0].substr(name.size() + 1);
  }
};

TEST_F(OperationSubjects, AreWhatPoliciesAreAskedFor) {
  EXPECT_EQ(code("CreateUser", "UserName=ann;Path=/dev/;Tags=team:blue"), "ok");
  EXPECT_EQ(code("CreateGroup", "GroupName=g;Path=/dev/"), "ok");
  EXPECT_EQ(code("CreateOpenIDConnectProvider", "Url=https://idp.example/t"), "ok");
  const std::string key = get("CreateAccessKey", "UserName=ann", "AccessKey.AccessKeyId");
  const std::string account = "arn:aws:iam::111122223333:";
  struct Row {
    std::string operation, parameters, expect;
  };
  const Row rows[] = {
      {"GetUser", "UserName=ANN", account + "user/dev/ann"},
      {"GetUser", "UserName=bob", account + "user/bob"},  // nobody says that he is not there
      {"CreateUser", "UserName=bob;Path=/ops/", account + "user/ops/bob"},
      {"ListUsers", "", account + "user/"},
      {"ListUsers", "PathPrefix=/dev/", account + "user/dev/"},
      {"PutUserPolicy", "UserName=ann;PolicyName=p;PolicyDocument={}", account + "user/dev/ann"},
      {"ListGroupsForUser", "UserName=ann", account + "user/dev/ann"},
      {"AddUserToGroup", "UserName=ann;GroupName=g", account + "group/dev/g"},
      {"CreateRole", "RoleName=r;Path=/x/;AssumeRolePolicyDocument={}", account + "role/x/r"},
      {"GetRole", "RoleName=r", account + "role/r"},
      {"CreatePolicy", "PolicyName=p;PolicyDocument={}", account + "policy/p"},
      {"GetPolicy", "PolicyArn=" + policy_arn("x/p"), policy_arn("x/p")},
      {"ListPolicies", "", "*"},
      {"GetAccountSummary", "", "*"},
      {"CreateOpenIDConnectProvider", "Url=https://idp.example/o", account + "oidc-provider/idp.example/o"},
      {"GetOpenIDConnectProvider", "OpenIDConnectProviderArn=" + account + "oidc-provider/idp.example/t",
       account + "oidc-provider/idp.example/t"},
      {"GetAccessKeyLastUsed", "AccessKeyId=" + key, account + "user/dev/ann"},
      {"GetAccessKeyLastUsed", "AccessKeyId=AKIANOBODY", account + "user/*"},
      {"DeleteAccessKey", "UserName=ann;AccessKeyId=" + key, account + "user/dev/ann"},
  };
  for (const Row& row : rows) EXPECT_EQ(asked(row.operation, row.parameters), row.expect) << row.operation;
  EXPECT_EQ(code("GetUser", "UserName=bob"), "NoSuchEntity");  // what was refused was not done
}

TEST_F(OperationSubjects, OfAMoveAreBothEnds) {
  EXPECT_EQ(code("CreateUser", "UserName=ann;Path=/dev/a/"), "ok");
  NotingGuard guard;
  EXPECT_TRUE(perform("UpdateUser", "UserName=ann;NewPath=/ops/;NewUserName=eve", &guard));
  EXPECT_EQ(guard.asked, (std::vector<std::string>{"UpdateUser arn:aws:iam::111122223333:user/dev/a/ann",
                                                   "UpdateUser arn:aws:iam::111122223333:user/ops/eve"}));
  guard.asked.clear();
  EXPECT_TRUE(perform("UpdateUser", "UserName=eve;NewUserName=ann", &guard));
  EXPECT_EQ(guard.asked.back(), "UpdateUser arn:aws:iam::111122223333:user/ops/ann");
}

TEST_F(OperationSubjects, MadeWithTagsAreTagged) {
  NotingGuard guard;
  EXPECT_TRUE(perform("CreateUser", "UserName=ann;Tags=team:blue", &guard));
  EXPECT_EQ(guard.asked, (std::vector<std::string>{"CreateUser arn:aws:iam::111122223333:user/ann",
                                                   "TagUser arn:aws:iam::111122223333:user/ann"}));
  guard.asked.clear();
  EXPECT_TRUE(perform("CreateUser", "UserName=bob", &guard));
  EXPECT_EQ(guard.asked.size(), 1u);
  guard.asked.clear();
  EXPECT_TRUE(perform("CreatePolicy", "PolicyName=p;Tags=a:b;PolicyDocument=" + kAllowAll, &guard));
  EXPECT_EQ(guard.asked.back(), "TagPolicy " + policy_arn("p"));
  EXPECT_TRUE(perform("CreateOpenIDConnectProvider", "Url=https://idp.example;Tags=a:b", &guard));
  EXPECT_EQ(guard.asked.back(), "TagOpenIDConnectProvider arn:aws:iam::111122223333:oidc-provider/idp.example");
}

TEST_F(OperationSubjects, BringTheirTagsAndBoundary) {
  EXPECT_EQ(code("CreatePolicy", "PolicyName=b;PolicyDocument=" + kAllowAll), "ok");
  EXPECT_EQ(code("CreateUser", "UserName=ann;Tags=team:blue;PermissionsBoundary=" + policy_arn("b")), "ok");
  NotingGuard guard;
  EXPECT_TRUE(perform("GetUser", "UserName=ann", &guard));
  EXPECT_EQ(guard.tags, 1u);
  EXPECT_EQ(guard.boundary, policy_arn("b"));
}

}  // namespace
}  // namespace gatehouse::identity::testing
