#include "identity/web_identity.hpp"

#include <gtest/gtest.h>

#include "identity/session.hpp"
#include "identity_world.hpp"

namespace gatehouse::identity {
namespace {

kit::Json json(const std::string& text) {
  kit::JsonFault fault;
  auto out = kit::parse_json(text, fault);
  EXPECT_TRUE(out) << fault.text;
  return out.value_or(kit::Json{});
}

const std::vector<std::string> kClients = {"app", "cli"};

TEST(WebIdentityClaims, AudienceAndSubject) {
  const auto read = [](const std::string& claims) {
    return read_web_identity(json(R"({"iss":"https://idp.example","sub":"s-1",)" + claims + "}"), kClients);
  };
  EXPECT_EQ(read(R"("aud":"app")")->audience, "app");
  EXPECT_EQ(read(R"("aud":["other","cli"])")->audience, "cli");
  EXPECT_EQ(read(R"("aud":"other","azp":"app")")->audience, "app");
  EXPECT_EQ(read(R"("aud":"other","azp":"app")")->original_audience, "other");
  const char* const kRefused[] = {R"("aud":"other")",
                                  R"("aud":["other"])",
                                  R"("aud":"app","azp":"other")",
                                  R"("aud":[])",
                                  R"("aud":["app",1])",
                                  R"("aud":5)",
                                  R"("azp":"app")",
                                  R"("aud":"app","azp":7)",
                                  R"("x":1)",
                                  R"("aud":"app","amr":5)",
                                  R"("aud":"app","amr":["a",5])",
                                  R"("aud":"app","https://aws.amazon.com/tags":[])",
                                  R"("aud":"app","https://aws.amazon.com/tags":{"principal_tags":{"a":["b","c"]}})",
                                  R"("aud":"app","https://aws.amazon.com/tags":{"principal_tags":{"aws:a":["b"]}})",
                                  R"("aud":"app","https://aws.amazon.com/tags":{"transitive_tag_keys":["a"]})",
                                  R"("aud":"app","https://aws.amazon.com/tags":{"other":1})",
                                  R"("aud":"app","https://aws.amazon.com/source_identity":"a b")"};
  for (const char* claims : kRefused) {
    const auto out = read(claims);
    ASSERT_FALSE(out) << claims;
    EXPECT_EQ(out.error().code, "InvalidIdentityToken") << claims;
  }
  EXPECT_FALSE(read_web_identity(json(R"({"iss":"https://idp.example","aud":"app"})"), kClients));
  EXPECT_FALSE(read_web_identity(json(R"({"iss":"https://idp.example","aud":"app","sub":""})"), kClients));
  EXPECT_FALSE(read_web_identity(
      json(R"({"iss":"https://idp.example","aud":"app","sub":")" + std::string(256, 's') + R"("})"), kClients));
  EXPECT_FALSE(read_web_identity(json(R"({"iss":"https://idp.example","aud":"","sub":"s"})"), {""}));
}

TEST(WebIdentityClaims, TimesAreWholeNumbers) {
  EXPECT_TRUE(has_whole_times(json(R"({"exp":1800000000,"iat":1700000000})")));
  for (const char* claims : {R"({"exp":1800000000.5})", R"({"exp":1.8e9})", R"({"exp":1,"iat":"1"})",
                             R"({"exp":1,"nbf":-1})", R"({"exp":null})"})
    EXPECT_FALSE(has_whole_times(json(claims))) << claims;
}

class WebIdentityRole : public IdentityWorld {
 protected:
  static constexpr const char* kProvider = "arn:aws:iam::111122223333:oidc-provider/idp.example";
  static std::string trusting(const std::string& conditions,
                              const std::string& actions = R"("sts:AssumeRoleWithWebIdentity")") {
    return std::string(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":")") +
           kProvider + R"("},"Action":[)" + actions + R"(],"Condition":{)" + conditions + "}}]}";
  }
  static WebIdentity who(const std::string& more = "") {
    auto out =
        read_web_identity(json(R"({"iss":"https://idp.example","sub":"s-1","aud":"app")" + more + "}"), kClients);
    EXPECT_TRUE(out) << (out ? "" : out.error().message);
    out->principal = kProvider;
    out->host = "idp.example";
    return *out;
  }
  Outcome<Assumed> assume_with(const AssumeInput& in, const WebIdentity& token) {
    log_.clear();
    return assume_with_web_identity(*store_, random_, facts(nullptr), in, token, log_);
  }
};

TEST_F(WebIdentityRole, SessionsOfATokenThatIsTrusted) {
  const Role role = put_role("Reader", trusting(R"("StringEquals":{"idp.example:aud":"app"})"));
  const auto made = assume_with(input("Reader"), who(R"(,"amr":["pwd","otp"])"));
  ASSERT_TRUE(made) << made.error().message << log_;
  EXPECT_EQ(made->role_id, role.id + ":job1");
  const auto known = caller(made->credentials);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->find("aws:federatedprovider")->values, std::vector<std::string>{kProvider});
  EXPECT_EQ(known->find("idp.example:sub")->values, std::vector<std::string>{"s-1"});
  EXPECT_EQ(known->find("idp.example:amr")->values, (std::vector<std::string>{"pwd", "otp"}));
  EXPECT_TRUE(known->find("idp.example:amr")->multi);
}

TEST_F(WebIdentityRole, STS_17_ASubjectThatIsAnotherAndAMissingRoleAreRefusedAlike) {
  put_role("Reader", trusting(R"("StringEquals":{"idp.example:aud":"app","idp.example:sub":"s-2"})"));
  const auto refused = assume_with(input("Reader"), who()), missing = assume_with(input("Absent"), who());
  EXPECT_EQ(code(refused), "AccessDenied");
  EXPECT_EQ(message(refused), "Not authorized to perform sts:AssumeRoleWithWebIdentity");
  EXPECT_EQ(code(missing), code(refused));
  EXPECT_EQ(message(missing), message(refused));
}

TEST_F(WebIdentityRole, ARoleForUsersIsNotForTokens) {
  put_role("Reader", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},)"
                     R"("Action":"sts:*"}]})");
  EXPECT_EQ(code(assume_with(input("Reader"), who())), "AccessDenied");
  // Nor does a role that pins nothing take tokens, however it came into the store.
  put_role("Open", trusting(R"("Bool":{"aws:SecureTransport":"false"})"));
  EXPECT_EQ(code(assume_with(input("Open"), who())), "AccessDenied");
}

TEST_F(WebIdentityRole, KeysOfTheProvider) {
  const std::string azp = R"(,"azp":"cli")";
  struct Row {
    const char* conditions;
    const char* claims;
    bool allowed;
  };
  const Row rows[] = {
      {R"("StringEquals":{"idp.example:aud":"app","sts:RoleSessionName":"job1"})", "", true},
      {R"("StringEquals":{"idp.example:aud":"app","sts:RoleSessionName":"job2"})", "", false},
      {R"("StringEquals":{"idp.example:aud":"cli"})", R"(,"azp":"cli")", true},
      {R"("StringEquals":{"idp.example:aud":"app"})", R"(,"azp":"cli")", false},
      {R"("StringEquals":{"idp.example:aud":"cli","idp.example:oaud":"app"})", R"(,"azp":"cli")", true},
      {R"("StringEquals":{"idp.example:aud":"app"},"ForAnyValue:StringEquals":{"idp.example:amr":"otp"})",
       R"(,"amr":["pwd","otp"])", true},
      {R"("StringEquals":{"idp.example:aud":"app"},"ForAnyValue:StringEquals":{"idp.example:amr":"otp"})", "", false},
      {R"("StringEquals":{"idp.example:aud":"app","idp.example:amr":"otp"})", R"(,"amr":"otp")", false},
  };
  int number = 0;
  for (const Row& row : rows) {
    const std::string name = "R" + std::to_string(number++);
    put_role(name, trusting(row.conditions));
    EXPECT_EQ(code(assume_with(input(name), who(row.claims))), row.allowed ? "" : "AccessDenied")
        << row.conditions << row.claims << log_;
  }
}

TEST_F(WebIdentityRole, TagsAndSourceIdentityOfTheToken) {
  const std::string pinned = R"("StringEquals":{"idp.example:aud":"app"})";
  put_role("Plain", trusting(pinned));
  put_role("Tagged", trusting(pinned, R"("sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity")"));
  const WebIdentity tagged =
      who(R"(,"https://aws.amazon.com/tags":{"principal_tags":{"team":["blue"]},"transitive_tag_keys":["team"]},)"
          R"("https://aws.amazon.com/source_identity":"ann")");
  EXPECT_EQ(code(assume_with(input("Plain"), tagged)), "AccessDenied");
  const auto made = assume_with(input("Tagged"), tagged);
  ASSERT_TRUE(made) << made.error().message << log_;
  EXPECT_EQ(made->source_identity, "ann");
  const auto known = caller(made->credentials);
  ASSERT_NE(known, nullptr);
  EXPECT_NE(known->find("aws:principaltag/team"), nullptr);
  EXPECT_EQ(known->transitive_tag_keys, std::vector<std::string>{"team"});
}

TEST_F(WebIdentityRole, DurationsAndSessionPolicies) {
  put_role("Reader", trusting(R"("StringEquals":{"idp.example:aud":"app"})"));
  AssumeInput in = input("Reader");
  in.duration_seconds = 3601;
  EXPECT_EQ(code(assume_with(in, who())), "ValidationError");
  in.duration_seconds = 900;
  in.policy = document(R"({"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"})");
  const auto made = assume_with(in, who());
  ASSERT_TRUE(made) << made.error().message << log_;
  EXPECT_EQ(made->credentials.expires, kNow + 900);
  EXPECT_TRUE(caller(made->credentials)->has_session_policy);
}

}  // namespace
}  // namespace gatehouse::identity
