#include "integration/iam_api.hpp"

#include <gtest/gtest.h>

#include "access/policy_kind.hpp"
#include "policy/parse.hpp"
#include "unit/identity/store_support.hpp"

namespace gatehouse::integration {
namespace {

using access::KnownCaller;
using access::PolicyRole;
using Kind = policy::Caller::Kind;

constexpr const char* kAccount = "111122223333";

std::string encoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) out += {'%', kDigits[static_cast<unsigned char>(c) >> 4], kDigits[c & 15]};
  return out;
}

/// A store in memory, the API on it, and callers with policies of their own.
class IamApiTest : public ::testing::Test {
 protected:
  std::shared_ptr<KnownCaller> caller(Kind kind, const std::string& name = "ann") {
    auto out = std::make_shared<KnownCaller>();
    out->kind = kind;
    out->account = kAccount;
    out->name = name;
    out->principal_id = kind == Kind::Root ? kAccount : "AIDAANN";
    out->user_id = out->principal_id;
    const std::string stem = "arn:aws:iam::" + std::string(kAccount) + ":";
    out->arn = out->principal_arn = kind == Kind::Root ? stem + "root" : stem + "user/" + name;
    if (kind == Kind::RoleSession) {
      out->principal_arn = stem + "role/" + name;
      out->arn = "arn:aws:sts::" + std::string(kAccount) + ":assumed-role/" + name + "/job";
    }
    return out;
  }

  static void give(KnownCaller& to, const std::string& document, PolicyRole role = PolicyRole::Identity) {
    auto parsed = policy::parse(document, access::kind_of(role));
    ASSERT_TRUE(parsed) << policy::text(parsed.error());
    to.held.push_back(std::make_shared<policy::Policy>(std::move(*parsed)));
    access::AnswerPolicy one;
    one.role = role;
    one.policy = to.held.back().get();
    to.policies.push_back(one);
    if (role == PolicyRole::Session) to.has_session_policy = true;
  }
  static std::string statement(const std::string& effect, const std::string& action, const std::string& resource,
                               const std::string& condition = "{}") {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":")" + effect + R"(","Action":")" + action +
           R"(","Resource":")" + resource + R"(","Condition":)" + condition + "}]}";
  }

  ServiceRequest request(std::shared_ptr<const KnownCaller> who, const std::string& form) {
    ServiceRequest out;
    out.method = "POST";
    out.path = "/";
    out.body = form + "&Version=2010-05-08";
    out.content_type = "application/x-www-form-urlencoded";
    out.signature_given = who != nullptr;
    out.caller = std::move(who);
    out.source_ip = *base::IpAddress::parse("192.0.2.7");
    out.source_ip_text = "192.0.2.7";
    out.request_id = "id";
    out.account = "000000000000";
    out.region = "eu-central-1";
    out.unix_ms = 1'769'860'800'000;
    return out;
  }
  ServiceResponse ask(std::shared_ptr<const KnownCaller> who, const std::string& form) {
    return IamApi(store_).answer(request(std::move(who), form));
  }
  static std::string between(const std::string& text, const std::string& open, const std::string& close) {
    const std::size_t at = text.find(open);
    if (at == std::string::npos) return "";
    return text.substr(at + open.size(), text.find(close, at) - at - open.size());
  }
  static std::string code(const ServiceResponse& said) {
    return said.status == 200 ? "ok" : between(said.body, "<Code>", "</Code>");
  }
  std::string code(std::shared_ptr<const KnownCaller> who, const std::string& form) {
    return code(ask(std::move(who), form));
  }

  std::shared_ptr<identity::Store> store_ = identity::testing::open_sqlite(":memory:");
};

TEST_F(IamApiTest, AnswersInXmlByteForByte) {
  auto root = caller(Kind::Root);
  const ServiceResponse made =
      ask(root, "Action=CreateUser&UserName=ann&Path=%2Fdev%2F&Tags.member.1.Key=a&Tags.member.1.Value=%2B");
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.content_type, "text/xml");
  const std::string id = between(made.body, "<UserId>", "</UserId>");
  EXPECT_EQ(made.body,
            "<CreateUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><CreateUserResult><User>"
            "<Path>/dev/</Path><UserName>ann</UserName><UserId>" +
                id +
                "</UserId>"
                "<Arn>arn:aws:iam::111122223333:user/dev/ann</Arn><CreateDate>2026-01-31T12:00:00Z</CreateDate>"
                "<Tags><member><Key>a</Key><Value>+</Value></member></Tags></User></CreateUserResult>"
                "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></CreateUserResponse>\n");
  EXPECT_EQ(made.log_note, "CreateUser by arn:aws:iam::111122223333:root");
  const std::string document = R"({"Version":"2012-10-17","Statement":[]})";
  EXPECT_EQ(code(root, "Action=CreateUser&UserName=b%3C&Tags="), "ValidationError");
  EXPECT_EQ(ask(root, "Action=DeleteUser&UserName=ann").body,
            "<DeleteUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata>"
            "<RequestId>id</RequestId></ResponseMetadata></DeleteUserResponse>\n");
  const ServiceResponse none = ask(root, "Action=GetUser&UserName=ann");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.body,
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>"
            "<Code>NoSuchEntity</Code><Message>The user with name ann cannot be found.</Message></Error>"
            "<RequestId>id</RequestId></ErrorResponse>\n");
  EXPECT_EQ(none.log_note,
            "GetUser by arn:aws:iam::111122223333:root: NoSuchEntity The user with name ann cannot be found.");
}

TEST_F(IamApiTest, WantsASignatureAndAKnownAction) {
  EXPECT_EQ(code(nullptr, "Action=ListUsers"), "MissingAuthenticationToken");
  EXPECT_EQ(ask(nullptr, "Action=ListUsers").status, 403);
  auto root = caller(Kind::Root);
  EXPECT_EQ(code(root, "Action=NoSuchThing"), "InvalidAction");
  EXPECT_EQ(code(root, "Action=listusers"), "InvalidAction");
  // What is for the command line only is nothing here.
  for (const char* one : {"CreateIdentityPool&IdentityPoolName=p", "RevokeSessions&RoleName=r", "ListIdentityPools"})
    EXPECT_EQ(code(root, std::string("Action=") + one), "InvalidAction") << one;
  EXPECT_EQ(code(root, "Action=ListUsers&Extra=1"), "ValidationError");
  EXPECT_EQ(code(root, "Action=CreateAccessKey&Root=true"), "ValidationError");
  EXPECT_EQ(code(root, "Action=CreateAccessKey&AccessKeyId=AKIAEXAMPLE"), "ValidationError");
  EXPECT_EQ(code(root, "Action=ListUsers&A=%"), "MalformedQueryString");
}

TEST_F(IamApiTest, RefusesGetSessionTokenWithoutMfa) {
  auto root = caller(Kind::Root);
  root->from_session_token = true;
  EXPECT_EQ(code(root, "Action=ListUsers"), "InvalidClientTokenId");
  root->mfa = true;
  EXPECT_EQ(code(root, "Action=ListUsers"), "ok");
}

TEST_F(IamApiTest, AsksTheCallersPolicies) {
  const std::string all = R"("*")";
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

TEST_F(IamApiTest, RefusesWhoHasARowThatCannotBeWeighed) {
  auto who = caller(Kind::User);
  give(*who, statement("Allow", "*", "*"));
  who->sound = false;
  EXPECT_EQ(code(who, "Action=ListUsers"), "AccessDenied");
  auto bare = caller(Kind::User);
  bare->policies.emplace_back();  // compiled to nothing
  EXPECT_EQ(code(bare, "Action=ListUsers"), "AccessDenied");
}

TEST_F(IamApiTest, TellsNobodyWhatHeMayNotKnow) {
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

TEST_F(IamApiTest, ConditionsSeeTheRequest) {
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

TEST_F(IamApiTest, KeepsAccountsApart) {
  auto root = caller(Kind::Root), other = caller(Kind::Root);
  other->account = other->principal_id = "444455556666";
  EXPECT_EQ(code(root, "Action=CreateUser&UserName=ann"), "ok");
  EXPECT_EQ(code(other, "Action=GetUser&UserName=ann"), "NoSuchEntity");
  EXPECT_EQ(ask(other, "Action=ListUsers").body.find("ann"), std::string::npos);
  EXPECT_EQ(code(other, "Action=CreateUser&UserName=ann"), "ok");
}

TEST_F(IamApiTest, BoundaryOfAUserHoldsForWhatHeMakesOnlyIfPoliciesSaySo) {
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

TEST_F(IamApiTest, SpeaksOfRefusalsInItsOwnWords) {
  const IamApi api(store_);
  EXPECT_EQ(api.kind(), "iam_api");
  const ServiceResponse said = api.refused({403, "InvalidSignatureException", "no match", "r"});
  EXPECT_EQ(code(said), "SignatureDoesNotMatch");
  EXPECT_NE(said.body.find("https://iam.amazonaws.com/doc/2010-05-08/"), std::string::npos);
}

/// A store that refuses everything with one fault.
class RefusingStore final : public identity::Store {
 public:
  explicit RefusingStore(std::string code) : Store(identity::testing::ring_of({"k1"})), code_(std::move(code)) {}
  identity::Outcome<std::uint64_t> version() override { return 1; }
  identity::Outcome<void> note_used(const std::vector<Use>&) override { return {}; }
  identity::Outcome<std::size_t> reseal() override { return 0; }
  bool writable() const noexcept override { return false; }
  std::string_view name() const noexcept override { return "refusing"; }

 private:
  identity::Outcome<void> transact(bool, const std::function<bool(identity::Tables&)>&) override {
    return identity::refuse(code_, "no & no");
  }
  std::string code_;
};

TEST_F(IamApiTest, SaysWhenItIsTheStoreThatRefuses) {
  store_ = std::make_shared<RefusingStore>("ReadOnly");
  ServiceResponse said = ask(caller(Kind::Root), "Action=CreateUser&UserName=ann");
  EXPECT_EQ(said.status, 400);
  EXPECT_EQ(code(said), "UnmodifiableEntity");
  EXPECT_NE(said.body.find("<Message>no &amp; no</Message>"), std::string::npos);
  store_ = std::make_shared<RefusingStore>("ServiceFailure");
  said = ask(caller(Kind::Root), "Action=ListUsers");
  EXPECT_EQ(said.status, 500);
  EXPECT_NE(said.body.find("<Type>Receiver</Type><Code>ServiceFailure</Code>"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::integration
