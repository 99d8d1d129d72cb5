#include "unit/identity/operation_world.hpp"

namespace gatehouse::identity::testing {
namespace {

using Who = OperationContext::Who;

class OperationUsers : public OperationWorld {};

TEST_F(OperationUsers, AreMadeShownChangedAndDeleted) {
  EXPECT_EQ(get("CreateUser", "UserName=Ann;Path=/dev/;Tags=team:blue", "User.Arn"),
            "arn:aws:iam::111122223333:user/dev/Ann");
  EXPECT_EQ(said("CreateUser", "UserName=ann"), "EntityAlreadyExists: User with name ann already exists.");
  EXPECT_EQ(get("GetUser", "UserName=ANN", "User.UserName"), "Ann");
  EXPECT_EQ(get("GetUser", "UserName=ann", "User.Tags.0.Value"), "blue");
  EXPECT_EQ(get("GetUser", "UserName=ann", "User.CreateDate"), "1769860800");
  EXPECT_EQ(get("GetUser", "UserName=ann", "User.UserId").substr(0, 4), "AIDA");
  EXPECT_EQ(said("GetUser", "UserName=bob"), "NoSuchEntity: The user with name bob cannot be found.");
  EXPECT_EQ(code("CreateUser", "UserName=bob"), "ok");
  EXPECT_EQ(code("UpdateUser", "UserName=ann;NewUserName=BOB"), "EntityAlreadyExists");
  EXPECT_EQ(code("UpdateUser", "UserName=ann;NewUserName=ANN;NewPath=/ops/"), "ok");
  EXPECT_EQ(get("GetUser", "UserName=ann", "User.Arn"), "arn:aws:iam::111122223333:user/ops/ANN");
  EXPECT_EQ(code("DeleteUser", "UserName=ann"), "ok");
  EXPECT_EQ(code("DeleteUser", "UserName=ann"), "NoSuchEntity");
}

TEST_F(OperationUsers, AreListedByPathAndPage) {
  for (const char* one : {"UserName=c;Path=/x/", "UserName=a;Path=/x/y/", "UserName=b", "UserName=d;Path=/x/"})
    EXPECT_EQ(code("CreateUser", one), "ok");
  EXPECT_EQ(get("ListUsers", "", "Users"), "4 items");
  EXPECT_EQ(get("ListUsers", "", "IsTruncated"), "0");
  EXPECT_EQ(get("ListUsers", "PathPrefix=/x/", "Users"), "3 items");
  EXPECT_EQ(get("ListUsers", "MaxItems=3", "IsTruncated"), "1");
  const std::string marker = get("ListUsers", "MaxItems=3", "Marker");
  EXPECT_EQ(get("ListUsers", "MaxItems=3;Marker=" + marker, "Users.0.UserName"), "d");
  EXPECT_EQ(get("ListUsers", "MaxItems=3;Marker=" + marker, "Users"), "1 items");
  EXPECT_EQ(get("ListUsers", "MaxItems=4", "IsTruncated"), "0");
  EXPECT_EQ(said("ListUsers", "Marker=%%"), "ValidationError: Invalid Marker.");
}

TEST_F(OperationUsers, WithAnythingLeftAreNotDeleted) {
  const char* const made[] = {"CreateUser|UserName=ann", "CreateGroup|GroupName=g", "CreateAccessKey|UserName=ann",
                              "AddUserToGroup|GroupName=g;UserName=ann"};
  for (const std::string_view one : made) EXPECT_EQ(code(split(one, '|')[0], split(one, '|')[1]), "ok");
  EXPECT_EQ(code("CreatePolicy", "PolicyName=p;PolicyDocument=" + kAllowAll), "ok");
  EXPECT_EQ(code("AttachUserPolicy", "UserName=ann;PolicyArn=" + policy_arn("p")), "ok");
  EXPECT_EQ(code("PutUserPolicy", "UserName=ann;PolicyName=i;PolicyDocument=" + kAllowAll), "ok");
  const auto conflict = [&] { return said("DeleteUser", "UserName=ann"); };
  EXPECT_EQ(conflict(), "DeleteConflict: Cannot delete entity, must delete access keys first.");
  const std::string key = get("ListAccessKeys", "UserName=ann", "AccessKeyMetadata.0.AccessKeyId");
  EXPECT_EQ(code("DeleteAccessKey", "UserName=ann;AccessKeyId=" + key), "ok");
  EXPECT_EQ(conflict(), "DeleteConflict: Cannot delete entity, must remove users from group first.");
  EXPECT_EQ(said("DeleteGroup", "GroupName=g"),
            "DeleteConflict: Cannot delete entity, must remove users from group first.");
  EXPECT_EQ(code("RemoveUserFromGroup", "GroupName=g;UserName=ann"), "ok");
  EXPECT_EQ(conflict(), "DeleteConflict: Cannot delete entity, must detach all policies first.");
  EXPECT_EQ(code("DetachUserPolicy", "UserName=ann;PolicyArn=" + policy_arn("p")), "ok");
  EXPECT_EQ(conflict(), "DeleteConflict: Cannot delete entity, must delete policies first.");
  EXPECT_EQ(code("DeleteUserPolicy", "UserName=ann;PolicyName=i"), "ok");
  EXPECT_EQ(conflict(), "ok");
}

TEST_F(OperationUsers, HaveTwoAccessKeysWhoseSecretIsSaidOnce) {
  EXPECT_EQ(code("CreateUser", "UserName=ann"), "ok");
  const auto made = perform("CreateAccessKey", "UserName=ann");
  ASSERT_TRUE(made);
  const Value& key = *made->find("AccessKey");
  const std::string id(*key.text_of("AccessKeyId"));
  EXPECT_EQ(id.substr(0, 4), "AKIA");
  EXPECT_EQ(key.text_of("SecretAccessKey")->size(), 40u);
  const auto kept = reading<std::optional<AccessKey>>(*store_, [&](Tables& t) { return t.key(id); });
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->secret.reveal(), *key.text_of("SecretAccessKey"));
  EXPECT_EQ(code("CreateAccessKey", "UserName=ann"), "ok");
  EXPECT_EQ(said("CreateAccessKey", "UserName=ann"), "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
  EXPECT_EQ(get("ListAccessKeys", "UserName=ann", "AccessKeyMetadata"), "2 items");
  EXPECT_EQ(get("ListAccessKeys", "UserName=ann", "AccessKeyMetadata.0.SecretAccessKey"), "");
  EXPECT_EQ(code("UpdateAccessKey", "UserName=ann;Status=Inactive;AccessKeyId=" + id), "ok");
  EXPECT_EQ(get("ListAccessKeys", "UserName=ann", "AccessKeyMetadata.0.Status"), "Inactive");
  EXPECT_EQ(code("CreateUser", "UserName=bob"), "ok");
  for (const char* operation : {"UpdateAccessKey", "DeleteAccessKey"})
    EXPECT_EQ(said(operation, "UserName=bob;AccessKeyId=" + id + (operation[0] == 'U' ? ";Status=Active" : "")),
              "NoSuchEntity: The Access Key with id " + id + " cannot be found.");
  EXPECT_EQ(get("GetAccessKeyLastUsed", "AccessKeyId=" + id, "AccessKeyLastUsed.ServiceName"), "N/A");
  ASSERT_TRUE(store_->note_used({{id, {1'769'860'900, "execute-api", "eu-central-1"}}}));
  EXPECT_EQ(get("GetAccessKeyLastUsed", "AccessKeyId=" + id, "AccessKeyLastUsed.ServiceName"), "execute-api");
  EXPECT_EQ(get("GetAccessKeyLastUsed", "AccessKeyId=" + id, "UserName"), "ann");
  context_.account = "444455556666";
  EXPECT_EQ(code("GetAccessKeyLastUsed", "AccessKeyId=" + id), "NoSuchEntity");
}

TEST_F(OperationUsers, TakeAKeyOverAtTheCommandLineOnly) {
  EXPECT_EQ(code("CreateUser", "UserName=suite"), "ok");
  const std::string given =
      "UserName=suite;AccessKeyId=AKIDEXAMPLE;SecretAccessKey=wJalrXUtnFEMI/"
      "K7MDENG+bPxRfiCYEXAMPLEKEY;SessionToken=tok";
  door_ = Input::Door::Api;
  EXPECT_EQ(said("CreateAccessKey", given), "ValidationError: 'AccessKeyId' is not a parameter of CreateAccessKey.");
  door_ = Input::Door::CommandLine;
  EXPECT_EQ(get("CreateAccessKey", given, "AccessKey.SecretAccessKey"), "");
  const auto kept = reading<std::optional<AccessKey>>(*store_, [&](Tables& t) { return t.key("AKIDEXAMPLE"); });
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->fixed_token.reveal(), "tok");
  EXPECT_EQ(kept->secret.reveal(), "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  EXPECT_EQ(code("CreateAccessKey", given), "EntityAlreadyExists");
  EXPECT_EQ(code("CreateAccessKey", "UserName=suite;AccessKeyId=AKIDEXAMPLE2"), "ValidationError");
  EXPECT_EQ(code("CreateAccessKey", "UserName=suite;AccessKeyId=ASIAEXAMPLE;SecretAccessKey=abcdefgh"),
            "ValidationError");
  const std::string hidden = said("CreateAccessKey", "UserName=suite;AccessKeyId=AKIDOTHER;SecretAccessKey=to psecret");
  EXPECT_EQ(hidden.find("psecret"), std::string::npos);
  EXPECT_NE(hidden.find("(hidden)"), std::string::npos);
}

TEST_F(OperationUsers, AreTheCallerWithoutAName) {
  EXPECT_EQ(code("CreateUser", "UserName=ann"), "ok");
  EXPECT_EQ(code("GetUser"), "ValidationError");
  EXPECT_EQ(code("CreateAccessKey"), "ValidationError");
  EXPECT_EQ(code("CreateAccessKey", "Root=true;UserName=ann"), "ValidationError");
  EXPECT_EQ(get("CreateAccessKey", "Root=true", "AccessKey.UserName"), "root");
  door_ = Input::Door::Api;
  context_.who = Who::User;
  context_.user_id = get("GetUser", "UserName=ann", "User.UserId");
  EXPECT_EQ(get("GetUser", "", "User.UserName"), "ann");
  EXPECT_EQ(get("CreateAccessKey", "", "AccessKey.UserName"), "ann");
  EXPECT_EQ(get("ListAccessKeys", "", "AccessKeyMetadata"), "1 items");
  context_.who = Who::Session;
  EXPECT_EQ(said("GetUser"), "ValidationError: Must specify userName when calling with non-User credentials");
  context_.who = Who::Root;
  EXPECT_EQ(get("GetUser", "", "User.Arn"), "arn:aws:iam::111122223333:root");
  EXPECT_EQ(get("ListAccessKeys", "", "AccessKeyMetadata.0.UserName"), "root");
  context_.account = "444455556666";
  context_.who = Who::User;  // of another account than his own: of nobody
  EXPECT_EQ(code("GetUser"), "NoSuchEntity");
}

TEST_F(OperationUsers, OfOtherAccountsAreNotThere) {
  EXPECT_EQ(code("CreateUser", "UserName=ann"), "ok");
  EXPECT_EQ(code("CreatePolicy", "PolicyName=p;PolicyDocument=" + kAllowAll), "ok");
  context_.account = "444455556666";
  EXPECT_EQ(code("GetUser", "UserName=ann"), "NoSuchEntity");
  EXPECT_EQ(get("ListUsers", "", "Users"), "0 items");
  EXPECT_EQ(code("CreateUser", "UserName=ann"), "ok");
  EXPECT_EQ(code("GetPolicy", "PolicyArn=" + policy_arn("p")), "NoSuchEntity");
  EXPECT_EQ(code("DeletePolicy", "PolicyArn=" + policy_arn("p")), "NoSuchEntity");
  EXPECT_EQ(code("CreatePolicyVersion", "PolicyArn=" + policy_arn("p") + ";PolicyDocument=" + kAllowAll),
            "NoSuchEntity");
  EXPECT_EQ(said("AttachUserPolicy", "UserName=ann;PolicyArn=" + policy_arn("p")),
            "NoSuchEntity: Policy " + policy_arn("p") + " does not exist or is not attachable.");
  EXPECT_EQ(code("PutUserPermissionsBoundary", "UserName=ann;PermissionsBoundary=" + policy_arn("p")), "NoSuchEntity");
}

TEST_F(OperationUsers, AreInTenGroupsAtMost) {
  EXPECT_EQ(code("CreateUser", "UserName=ann"), "ok");
  for (int i = 0; i < 11; ++i) {
    const std::string group = "GroupName=g" + std::to_string(i);
    EXPECT_EQ(code("CreateGroup", group), "ok");
    EXPECT_EQ(said("AddUserToGroup", group + ";UserName=ann"),
              i < 10 ? "ok" : "LimitExceeded: Cannot exceed quota for GroupsPerUser: 10");
  }
  EXPECT_EQ(code("AddUserToGroup", "GroupName=g0;UserName=ann"), "ok");  // he is in it
  EXPECT_EQ(get("ListGroupsForUser", "UserName=ann", "Groups"), "10 items");
  EXPECT_EQ(get("GetGroup", "GroupName=g3", "Users.0.UserName"), "ann");
  EXPECT_EQ(said("RemoveUserFromGroup", "GroupName=g10;UserName=ann"), "NoSuchEntity: User ann is not in group g10.");
  EXPECT_EQ(code("UpdateGroup", "GroupName=g3;NewGroupName=G4"), "EntityAlreadyExists");
  EXPECT_EQ(code("UpdateGroup", "GroupName=g3;NewGroupName=h;NewPath=/n/"), "ok");
  EXPECT_EQ(get("GetGroup", "GroupName=h", "Group.Arn"), "arn:aws:iam::111122223333:group/n/h");
}

TEST_F(OperationUsers, HaveFiftyTagsAtMost) {
  std::string tags;
  for (int i = 0; i < 50; ++i) tags += (i == 0 ? "" : ",") + std::string("k") + std::to_string(i) + ":v";
  EXPECT_EQ(code("CreateUser", "UserName=ann;Tags=" + tags), "ok");
  EXPECT_EQ(code("TagUser", "UserName=ann;Tags=more:v"), "LimitExceeded");
  EXPECT_EQ(code("TagUser", "UserName=ann;Tags=K7:new"), "ok");  // keys fold case
  EXPECT_EQ(get("ListUserTags", "UserName=ann", "Tags"), "50 items");
  EXPECT_EQ(get("ListUserTags", "UserName=ann", "Tags.0.Key"), "K7");
  EXPECT_EQ(code("UntagUser", "UserName=ann;TagKeys=k7,K8,none"), "ok");
  EXPECT_EQ(get("ListUserTags", "UserName=ann", "Tags"), "48 items");
  EXPECT_EQ(code("TagUser", "UserName=ann;Tags=a:1,A:2"), "InvalidInput");
  EXPECT_EQ(code("TagUser", "UserName=ann;Tags=aws:x:1"), "InvalidInput");
  EXPECT_EQ(code("CreateUser", "UserName=bob;Tags=" + tags + ",k50:v"), "ValidationError");
}

}  // namespace
}  // namespace gatehouse::identity::testing
