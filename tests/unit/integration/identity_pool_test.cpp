#include "integration/identity_pool.hpp"

#include <gtest/gtest.h>

#include "integration/sts.hpp"
#include "sts_world.hpp"

namespace gatehouse::integration {
namespace {

using identity::kHome;
using identity::kNow;

constexpr const char* kPool = "eu-central-1:00000000-0000-4000-8000-000000000000";
constexpr const char* kUsers = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc";

std::string trust_of(const char* amr) {
  return std::string(
             R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
             R"("Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity",)"
             R"("Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":")") +
         kPool + R"("},"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":")" + amr + R"("}}}]})";
}

class IdentityPoolService : public StsWorld {
 protected:
  IdentityPoolService() {
    users_.publish(*pages_);
    pool_.id = kPool;
    pool_.account = kHome;
    pool_.name = "web";
    pool_.allow_guests = pool_.allow_basic_flow = true;
    pool_.authenticated_role_arn = put_role("Member", trust_of("authenticated")).arn();
    pool_.unauthenticated_role_arn = put_role("Guest", trust_of("unauthenticated")).arn();
    pool_.providers = {{kUsers, {"app"}}, {"idp.example", {"app"}}};
    put_pool();
  }
  void put_pool() {
    write([&](identity::Tables& tables) { tables.put(pool_); });
  }
  static ServiceRequest asking(const std::string& operation, const std::string& body) {
    ServiceRequest in = request();
    in.content_type = "application/x-amz-json-1.1";
    in.target = "AWSCognitoIdentityService." + operation;
    in.body = body;
    return in;
  }
  ServiceResponse ask(const std::string& operation, const std::string& body) {
    return pools_.answer(asking(operation, body));
  }
  static std::string logins(const std::string& provider, const std::string& token) {
    return R"("Logins":{")" + provider + R"(":")" + token + R"("})";
  }
  std::string id_token(const std::string& subject = "s-1", const std::string& more = "") const {
    return users_.token(
        Provider::claims(users_.issuer, R"("sub":")" + subject + R"(","aud":"app","token_use":"id")" + more));
  }
  static kit::Json json(const ServiceResponse& got) {
    kit::JsonFault fault;
    auto out = kit::parse_json(got.body, fault);
    EXPECT_TRUE(out) << got.body << fault.text;
    return out.value_or(kit::Json{});
  }
  static std::string text(const ServiceResponse& got, const std::string& pointer) {
    const kit::Json all = json(got);
    const kit::Json* at = all.find(pointer);
    EXPECT_NE(at, nullptr) << got.body << pointer;
    return at != nullptr ? at->text : "";
  }
  std::string get_id(const std::string& with = "") {
    const auto got =
        ask("GetId", R"({"IdentityPoolId":")" + std::string(kPool) + "\"" + (with.empty() ? "" : "," + with) + "}");
    EXPECT_EQ(got.status, 200) << got.body << got.log_note;
    return text(got, "/IdentityId");
  }
  ServiceResponse get(const std::string& operation, const std::string& id, const std::string& with = "") {
    return ask(operation, R"({"IdentityId":")" + id + "\"" + (with.empty() ? "" : "," + with) + "}");
  }
  static void expect_error(const ServiceResponse& got, const std::string& type, int status = 400) {
    EXPECT_EQ(got.status, status) << got.body;
    EXPECT_EQ(text(got, "/__type"), type) << got.body << got.log_note;
    EXPECT_EQ(header(got, "x-amzn-ErrorType"), type);
    EXPECT_EQ(got.content_type, "application/x-amz-json-1.1");
  }

  const Provider users_{std::string("https://") + kUsers};
  identity::IdentityPool pool_;
  std::shared_ptr<PoolTokens> tokens_ = std::make_shared<PoolTokens>(store_->ring());
  const IdentityPools pools_{{store_, issuers_, tokens_}, {{"https://app.example"}, 600}};
  const Sts sts_{{store_, issuers_, tokens_}};
};

TEST_F(IdentityPoolService, STS_22_23_EnhancedFlow) {
  const std::string with = logins(kUsers, id_token());
  const std::string id = get_id(with);
  EXPECT_EQ(get_id(with), id);
  const auto got = get("GetCredentialsForIdentity", id, with);
  ASSERT_EQ(got.status, 200) << got.body << got.log_note;
  EXPECT_EQ(text(got, "/IdentityId"), id);
  const kit::Json all = json(got);
  ASSERT_NE(all.find("/Credentials/SecretKey"), nullptr);
  EXPECT_EQ(all.find("/Credentials/SecretAccessKey"), nullptr);
  ASSERT_NE(all.find("/Credentials/Expiration"), nullptr);
  EXPECT_EQ(all.find("/Credentials/Expiration")->kind, kit::Json::Kind::Number);
  EXPECT_EQ(all.find("/Credentials/Expiration")->text, std::to_string(kNow + 3600));
  const auto session =
      known(text(got, "/Credentials/AccessKeyId"), text(got, "/Credentials/SessionToken"), identity::KeyStatus::Ok);
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(session->arn, "arn:aws:sts::111122223333:assumed-role/Member/CognitoIdentityCredentials");
  EXPECT_EQ(session->cognito_identity_id, id);
  EXPECT_FALSE(header(got, "x-amzn-RequestId").empty());
}

TEST_F(IdentityPoolService, Guests) {
  const std::string id = get_id();
  const auto got = get("GetCredentialsForIdentity", id);
  ASSERT_EQ(got.status, 200) << got.body << got.log_note;
  const auto session =
      known(text(got, "/Credentials/AccessKeyId"), text(got, "/Credentials/SessionToken"), identity::KeyStatus::Ok);
  ASSERT_NE(session, nullptr);
  EXPECT_TRUE(session->has_session_policy);
  pool_.allow_guests = false;
  put_pool();
  expect_error(get("GetCredentialsForIdentity", id), "NotAuthorizedException");
  expect_error(ask("GetId", R"({"IdentityPoolId":")" + std::string(kPool) + "\"}"), "NotAuthorizedException");
  pool_.allow_guests = true;
  pool_.unauthenticated_role_arn = pool_.authenticated_role_arn;  // STS_26
  put_pool();
  expect_error(get("GetCredentialsForIdentity", id), "InvalidIdentityPoolConfigurationException");
}

TEST_F(IdentityPoolService, STS_24_CustomRoles) {
  using Kind = identity::PoolRoleMapping::Kind;
  pool_.role_mappings = {{kUsers, Kind::Token, true, {}}};
  put_pool();
  const auto special = put_role("Special", trust_of("authenticated"));
  const std::string with = logins(
      kUsers, id_token("s-1", R"(,"cognito:roles":[")" + special.arn() + R"(","arn:aws:iam::111122223333:role/X"])"));
  const std::string id = get_id(with);
  EXPECT_EQ(get("GetCredentialsForIdentity", id, with + R"(,"CustomRoleArn":")" + special.arn() + "\"").status, 200);
  expect_error(
      get("GetCredentialsForIdentity", id, with + R"(,"CustomRoleArn":")" + pool_.authenticated_role_arn + "\""),
      "NotAuthorizedException");
  expect_error(get("GetCredentialsForIdentity", id, with), "NotAuthorizedException");
}

TEST_F(IdentityPoolService, STS_27_TokensThatAreNotTaken) {
  const auto claims = [&](const std::string& more, std::int64_t expires = kNow + 300) {
    return users_.token(Provider::claims(users_.issuer, R"("sub":"s-1",)" + more, expires));
  };
  const std::string token = id_token();
  std::string tampered = token;
  tampered[token.size() - 10] = tampered[token.size() - 10] == 'A' ? 'B' : 'A';
  const std::pair<const char*, std::string> rows[] = {
      {"an access token", logins(kUsers, claims(R"("client_id":"app","aud":"app","token_use":"access")"))},
      {"a token that does not say what it is for", logins(kUsers, claims(R"("aud":"app")"))},
      {"another application's", logins(kUsers, claims(R"("aud":"other","token_use":"id")"))},
      {"expired", logins(kUsers, claims(R"("aud":"app","token_use":"id")", kNow))},
      {"tampered with", logins(kUsers, tampered)},
      {"another provider's", logins(kUsers, idp_.token())},
      {"by another provider's name", logins("idp.example", token)},
      {"an access token of an OpenID provider",
       logins("idp.example",
              idp_.rsa.token("RS256", R"({"alg":"RS256","kid":"r","typ":"at+jwt"})", Provider::claims(idp_.issuer)))},
      {"an unknown provider", logins("accounts.example", token)},
      {"no token", logins(kUsers, "x")},
      {"one good, one bad", R"("Logins":{")" + std::string(kUsers) + R"(":")" + token + R"(","idp.example":"x"})"},
  };
  for (const auto& [name, with] : rows) {
    SCOPED_TRACE(name);
    const auto got = ask("GetId", R"({"IdentityPoolId":")" + std::string(kPool) + "\"," + with + "}");
    expect_error(got, "NotAuthorizedException");
  }
  EXPECT_FALSE(get_id(logins("idp.example", idp_.token())).empty());
  pages_->pages.clear();
  auto fresh = std::make_shared<IssuerKeys>(pages_, clock_, IssuerKeys::Options{});
  const IdentityPools down{{store_, fresh, tokens_}, {}};
  expect_error(
      down.answer(asking("GetId", R"({"IdentityPoolId":")" + std::string(kPool) + "\"," + logins(kUsers, token) + "}")),
      "ExternalServiceException");
}

TEST_F(IdentityPoolService, AnotherIdentitysCredentials) {
  const std::string mine = logins(kUsers, id_token("a")), theirs = logins(kUsers, id_token("b"));
  const std::string id = get_id(mine);
  static_cast<void>(get_id(theirs));
  expect_error(get("GetCredentialsForIdentity", id, theirs), "NotAuthorizedException");
  expect_error(get("GetCredentialsForIdentity", id), "NotAuthorizedException");
  expect_error(get("GetCredentialsForIdentity", "eu-central-1:00000000-0000-4000-8000-0000000000ff"),
               "ResourceNotFoundException");
  expect_error(ask("GetId", R"({"IdentityPoolId":"eu-central-1:00"})"), "ResourceNotFoundException");
  expect_error(ask("GetId", R"({"IdentityPoolId":")" + std::string(kPool) + R"(","AccountId":"444455556666"})"),
               "ResourceNotFoundException");
}

TEST_F(IdentityPoolService, BasicFlow) {
  const std::string with = logins(kUsers, id_token());
  const std::string id = get_id(with);
  const auto got = get("GetOpenIdToken", id, with);
  ASSERT_EQ(got.status, 200) << got.body << got.log_note;
  const std::string token = text(got, "/Token");
  const auto assume = [&](const Sts& sts, const std::string& with_token, const std::string& role,
                          std::int64_t at = kNow) {
    ServiceRequest in = request();
    in.unix_ms = at * 1000;
    in.body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=basic&RoleArn=" +
              encoded("arn:aws:iam::111122223333:role/" + role) + "&WebIdentityToken=" + encoded(with_token);
    return sts.answer(in);
  };
  const auto made = assume(sts_, token, "Member");
  ASSERT_EQ(made.status, 200) << made.body << made.log_note;
  EXPECT_EQ(element(made, "SubjectFromWebIdentityToken"), id);
  EXPECT_EQ(element(made, "Audience"), kPool);
  const auto session = known(element(made, "AccessKeyId"), element(made, "SessionToken"), identity::KeyStatus::Ok);
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(session->cognito_identity_id, id);
  EXPECT_TRUE(session->cognito_authenticated);
  EXPECT_EQ(session->cognito_provider, std::string(kUsers) + "," + kUsers + ":CognitoSignIn:s-1");
  EXPECT_EQ(element(assume(sts_, token, "Guest"), "Code"), "AccessDenied");

  // Any gateway with the same master keys takes it; one with others does not.
  const Sts same{{store_, issuers_, std::make_shared<PoolTokens>(store_->ring())}};
  EXPECT_EQ(assume(same, token, "Member").status, 200);
  const Sts other{{store_, issuers_, std::make_shared<PoolTokens>(identity::testing::ring_of({"k9"}))}};
  EXPECT_EQ(element(assume(other, token, "Member"), "Code"), "InvalidIdentityToken");
  EXPECT_EQ(element(assume(sts_, token, "Member", kNow + 600), "Code"), "ExpiredTokenException");
  std::string tampered = token;
  tampered[token.find('.') + 20] ^= 1;
  EXPECT_EQ(element(assume(sts_, tampered, "Member"), "Code"), "InvalidIdentityToken");
  // Whoever has a key of his own cannot say that it is ours.
  const std::string forged = users_.rsa.token(
      "RS256", R"({"alg":"RS256","kid":"r","gatehouse_key":"AAAA"})",
      Provider::claims("https://cognito-identity.amazonaws.com", R"("sub":")" + id + R"(","aud":")" + kPool + "\""));
  EXPECT_EQ(element(assume(sts_, forged, "Member"), "Code"), "InvalidIdentityToken");

  pool_.allow_basic_flow = false;
  put_pool();
  EXPECT_EQ(element(assume(sts_, token, "Member"), "Code"), "InvalidIdentityToken");
  expect_error(get("GetOpenIdToken", id, with), "InvalidParameterException");
}

TEST_F(IdentityPoolService, RequestsThatAreNone) {
  const std::string good = R"({"IdentityPoolId":")" + std::string(kPool) + "\"}";
  EXPECT_EQ(ask("GetId", good).status, 200);
  expect_error(ask("GetIdentity", good), "UnknownOperationException");
  ServiceRequest in = asking("GetId", good);
  in.content_type = "application/json";
  expect_error(pools_.answer(in), "SerializationException");
  in = asking("GetId", good);
  in.target = "GetId";
  expect_error(pools_.answer(in), "UnknownOperationException");
  in = asking("GetId", good);
  in.method = "GET";
  expect_error(pools_.answer(in), "UnknownOperationException");
  for (const char* body : {"", "[]", "{", R"({"IdentityPoolId":"a:0","IdentityPoolId":"a:0"})"})
    expect_error(ask("GetId", body), "SerializationException");
  for (const char* body :
       {"{}", R"({"IdentityPoolId":5})", R"({"IdentityPoolId":"nothing"})", R"({"IdentityPoolId":"a:Z"})",
        R"({"IdentityPoolId":"eu-central-1:0","Other":1})", R"({"IdentityPoolId":"eu-central-1:0","Logins":[]})",
        R"({"IdentityPoolId":"eu-central-1:0","Logins":{"a":""}})",
        R"({"IdentityPoolId":"eu-central-1:0","Logins":{"a":1}})",
        R"({"IdentityPoolId":"eu-central-1:0","AccountId":"x"})"})
    expect_error(ask("GetId", body), "InvalidParameterException");
  std::string many = R"({"IdentityPoolId":"eu-central-1:0","Logins":{)";
  for (int i = 0; i < 11; ++i) many += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) + "\":\"t\"";
  expect_error(ask("GetId", many + "}}"), "InvalidParameterException");
}

TEST_F(IdentityPoolService, NewIdentitiesAreBoundedInNumber) {
  const IdentityPools few{{store_, issuers_, tokens_}, {{}, 3}};
  const ServiceRequest in = asking("GetId", R"({"IdentityPoolId":")" + std::string(kPool) + "\"}");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(few.answer(in).status, 200);
  expect_error(few.answer(in), "TooManyRequestsException");
  ServiceRequest later = in;
  later.unix_ms += 60'000;
  EXPECT_EQ(few.answer(later).status, 200);
}

TEST_F(IdentityPoolService, Browsers) {
  ServiceRequest in = request();
  in.method = "OPTIONS";
  in.origin = "https://app.example";
  auto got = pools_.answer(in);
  EXPECT_EQ(got.status, 204);
  EXPECT_EQ(header(got, "Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(header(got, "Access-Control-Allow-Methods"), "POST");
  EXPECT_NE(header(got, "Access-Control-Allow-Headers").find("x-amz-target"), std::string::npos);
  EXPECT_EQ(header(got, "Vary"), "Origin");
  in.origin = "https://evil.example";
  got = pools_.answer(in);
  EXPECT_EQ(header(got, "Access-Control-Allow-Origin"), "");
  EXPECT_EQ(header(got, "Access-Control-Allow-Methods"), "");
  in = asking("GetId", "{");
  in.origin = "https://app.example";
  EXPECT_EQ(header(pools_.answer(in), "Access-Control-Allow-Origin"), "https://app.example") << "errors are read, too";
  const IdentityPools any{{store_, issuers_, tokens_}, {{"*"}, 600}}, none{{store_, issuers_, tokens_}, {}};
  EXPECT_EQ(header(any.answer(in), "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header(none.answer(in), "Access-Control-Allow-Origin"), "");
}

TEST_F(IdentityPoolService, RefusalsOfTheChain) {
  expect_error(pools_.refused({403, "InvalidSignatureException", "m", "r"}), "NotAuthorizedException");
  expect_error(pools_.refused({429, "", "m", "r"}), "TooManyRequestsException");
  expect_error(pools_.refused({503, "", "m", "r"}), "InternalErrorException", 500);
  expect_error(pools_.refused({413, "", "too large", "r"}), "InvalidParameterException");
}

}  // namespace
}  // namespace gatehouse::integration
