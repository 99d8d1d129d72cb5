#include "integration/iam_api.hpp"

#include "unit/integration/iam_api_world.hpp"

namespace gatehouse::integration::testing {
namespace {

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

TEST_F(IamApiTest, WritesOneShortLineToTheLog) {
  auto root = caller(Kind::Root);
  for (const std::string& form : {std::string("Action=CreatePolicy&PolicyName=p&PolicyDocument=") +
                                      encoded(R"({"Statement":[{"x\ninfo all is well":1,"y\u001b[2J":2}]})"),
                                  std::string("Action=ListUsers&a%0Ainfo=1"), "Action=" + encoded("x\ny"),
                                  std::string("Action=GetUser&UserName=") + encoded(std::string(60'000, '\n'))}) {
    const ServiceResponse said = ask(root, form);
    EXPECT_EQ(said.status, 400) << form;
    EXPECT_FALSE(said.log_note.empty());
    EXPECT_LE(said.log_note.size(), 512u);
    for (const char c : said.log_note) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << said.log_note;
  }
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

TEST_F(IamApiTest, KeepsAccountsApart) {
  auto root = caller(Kind::Root), other = caller(Kind::Root);
  other->account = other->principal_id = "444455556666";
  EXPECT_EQ(code(root, "Action=CreateUser&UserName=ann"), "ok");
  EXPECT_EQ(code(other, "Action=GetUser&UserName=ann"), "NoSuchEntity");
  EXPECT_EQ(ask(other, "Action=ListUsers").body.find("ann"), std::string::npos);
  EXPECT_EQ(code(other, "Action=CreateUser&UserName=ann"), "ok");
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
  identity::Outcome<std::size_t> reseal(const std::function<void(std::size_t)>&) override { return 0; }
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
}  // namespace gatehouse::integration::testing
