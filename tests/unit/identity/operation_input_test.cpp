#include "unit/identity/operation_world.hpp"

namespace gatehouse::identity::testing {
namespace {

class OperationInput : public OperationWorld {};

std::string fault(std::string_view value, std::string_view at, std::string_view constraint) {
  return "Value " + std::string(value == "null" ? "null" : "'" + std::string(value) + "'") + " at '" + std::string(at) +
         "' failed to satisfy constraint: Member must " + std::string(constraint);
}

TEST_F(OperationInput, IsRefusedInAwsWords) {
  const std::string long_name(65, 'x');
  struct Row {
    std::string operation, parameters, expect;
  };
  const Row rows[] = {
      {"GetRole", "", fault("null", "roleName", "not be null")},
      {"GetRole", "RoleName=", fault("", "roleName", "have length greater than or equal to 1")},
      {"GetRole", "RoleName=" + long_name, fault(long_name, "roleName", "have length less than or equal to 64")},
      {"GetRole", "RoleName=a/b", fault("a/b", "roleName", R"(satisfy regular expression pattern: [\w+=,.@-]+)")},
      {"GetRole", "RoleName=a\xc3\xa9",
       fault("a\xc3\xa9", "roleName", R"(satisfy regular expression pattern: [\w+=,.@-]+)")},
      {"CreateUser", "UserName=a;Path=x",
       fault("x", "path", R"(satisfy regular expression pattern: (\u002F)|(\u002F[\u0021-\u007E]+\u002F))")},
      {"CreatePolicy", "PolicyName=a;Path=/a!/;PolicyDocument=x",
       fault("/a!/", "path", R"(satisfy regular expression pattern: ((/[A-Za-z0-9\.,\+@=_-]+)*)/)")},
      {"UpdateRole", "RoleName=a;MaxSessionDuration=3599",
       fault("3599", "maxSessionDuration", "have value greater than or equal to 3600")},
      {"UpdateRole", "RoleName=a;MaxSessionDuration=43201",
       fault("43201", "maxSessionDuration", "have value less than or equal to 43200")},
      {"UpdateRole", "RoleName=a;MaxSessionDuration=1h", fault("1h", "maxSessionDuration", "be an integer")},
      {"ListUsers", "MaxItems=0", fault("0", "maxItems", "have value greater than or equal to 1")},
      {"ListUsers", "MaxItems=1001", fault("1001", "maxItems", "have value less than or equal to 1000")},
      {"UpdateAccessKey", "UserName=a;AccessKeyId=AKIA1;Status=active",
       fault("active", "status", "satisfy enum value set: [Active, Inactive]")},
      {"ListPolicies", "OnlyAttached=yes", fault("yes", "onlyAttached", "be a boolean")},
      {"TagUser", "UserName=a;Tags=k!:v",
       fault("k!", "tags.1.member.key", R"(satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+)")},
      {"UntagUser", "UserName=a;TagKeys=a,b#",
       fault("b#", "tagKeys.2.member", R"(satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+)")},
      {"GetPolicy", "PolicyArn=arn", fault("arn", "policyArn", "have length greater than or equal to 20")},
      {"GetPolicyVersion", "PolicyArn=arn:aws:iam::111122223333:policy/p;VersionId=1",
       fault("1", "versionId", R"(satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?)")},
  };
  for (const Row& row : rows)
    EXPECT_EQ(said(row.operation, row.parameters), "ValidationError: 1 validation error detected: " + row.expect);
  EXPECT_EQ(said("UpdateAccessKey", "UserName=a b;Status=x"),
            "ValidationError: 3 validation errors detected: " +
                fault("a b", "userName", R"(satisfy regular expression pattern: [\w+=,.@-]+)") + "; " +
                fault("null", "accessKeyId", "not be null") + "; " +
                fault("x", "status", "satisfy enum value set: [Active, Inactive]"));
}

TEST_F(OperationInput, OfAnUnknownNameIsRefused) {
  EXPECT_EQ(said("GetUser", "UserName=a;PermissionsBoundary=b"),
            "ValidationError: 'PermissionsBoundary' is not a parameter of GetUser.");
  EXPECT_EQ(said("GetUser", "userName=a"), "ValidationError: 'userName' is not a parameter of GetUser.");
  EXPECT_EQ(said("GetAccountSummary", "X=1"), "ValidationError: 'X' is not a parameter of GetAccountSummary.");
}

TEST_F(OperationInput, OfAnotherShapeIsRefused) {
  const Operation& create = *find_operation("CreateUser");
  const auto check = [&](Value given) {
    const auto input = Input::check(create, given, Input::Door::Api);
    return input ? "ok" : input.error().message;
  };
  const auto named = [](std::string_view name, Value value) {
    Value out;
    out.set("UserName", "ann").set(name, std::move(value));
    return out;
  };
  Value list = Value::list(), half, extra, nested;
  list.push(Value::of("x"));
  EXPECT_NE(check(named("Path", Value::list())).find("'path'"), std::string::npos);
  EXPECT_NE(check(named("Path", Value{})).find("must be a string"), std::string::npos);
  EXPECT_NE(check(named("Tags", Value::of("x"))).find("must be a list"), std::string::npos);
  EXPECT_EQ(check(named("Tags", Value::of(""))), "ok");  // an empty list, as botocore writes it
  EXPECT_NE(check(named("Tags", list)).find("must be a structure"), std::string::npos);
  half.set("Key", "k");
  EXPECT_NE(check(named("Tags", Value::list().push(half))).find("'tags.1.member.value'"), std::string::npos);
  extra.set("Key", "k").set("Value", "v").set("Other", "o");
  EXPECT_NE(check(named("Tags", Value::list().push(extra))).find("There is no such member"), std::string::npos);
  nested.set("Key", Value::list()).set("Value", "v");
  EXPECT_NE(check(named("Tags", Value::list().push(nested))).find("must be a string"), std::string::npos);
}

TEST_F(OperationInput, IsNotRepeatedAtLength) {
  const std::string answer = said("GetRole", "RoleName=" + std::string(5'000, 'a') + "/\n");
  EXPECT_LT(answer.size(), 1'000u);
  EXPECT_EQ(answer.find('\n'), std::string::npos);
}

TEST(OperationShape, OfTags) {
  for (const char* good : {"team", "a b", "_.:/=+-@", "\xc3\xa9t\xc3\xa9", "\xe6\x97\xa5\xe6\x9c\xac"})
    EXPECT_TRUE(shape::is_tag(good)) << good;
  for (const char* bad : {"a!", "a\n", "a\x7f", "a<b", "\xc2\x80", "\xe2\x80\xae", "\xef\xbf\xbf", "\xe2\x80\x8b"})
    EXPECT_FALSE(shape::is_tag(bad)) << bad;
}

TEST(OperationShape, OfPathsAndVersions) {
  for (const char* good : {"/", "/a/", "/a/b/", "/!~/"}) EXPECT_TRUE(shape::is_path(good)) << good;
  for (const char* bad : {"", "a/", "/a", "//", "/a b/", "/\x7f/"}) EXPECT_FALSE(shape::is_path(bad)) << bad;
  for (const char* bad : {"//", "/a//b/", "/a!/", "/a"}) EXPECT_FALSE(shape::is_policy_path(bad)) << bad;
  for (const char* good : {"v1", "v10", "v1.x-1", "v1."}) EXPECT_TRUE(shape::is_version(good)) << good;
  for (const char* bad : {"", "v", "v0", "1", "v01", "v1x", "v.1", "v1.!"}) EXPECT_FALSE(shape::is_version(bad)) << bad;
}

TEST(OperationShape, PoliciesAreCountedWithoutWhiteSpace) {
  EXPECT_EQ(policy_characters("{ \t\r\n\"a\xc3\xa9\"}"), 6u);
}

}  // namespace
}  // namespace gatehouse::identity::testing
