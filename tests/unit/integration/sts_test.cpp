#include "integration/sts.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "sts_world.hpp"

namespace gatehouse::integration {
namespace {

using identity::kHome;
using identity::kNow;
using identity::User;
using Parameters = std::vector<std::pair<std::string, std::string>>;

class StsService : public StsWorld {
 protected:
  StsService() {
    identity::OidcProvider provider;
    provider.account = kHome;
    provider.url = "idp.example";
    provider.client_ids = {"app"};
    provider.created = kNow;
    write([&](identity::Tables& tables) { tables.put(provider); });
    put_role("Web", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":")" +
                        provider.arn() +
                        R"("},"Action":"sts:AssumeRoleWithWebIdentity","Condition":)"
                        R"({"StringEquals":{"idp.example:aud":"app"}}}]})");
  }
  using Caller = std::shared_ptr<const access::KnownCaller>;
  ServiceResponse ask(const std::string& action, const Parameters& parameters, const Caller& caller = nullptr) {
    ServiceRequest in = request();
    in.body = "Action=" + action + "&Version=2011-06-15";
    for (const auto& [name, value] : parameters) in.body += "&" + name + "=" + encoded(value);
    in.caller = caller;
    return sts_.answer(in);
  }
  ServiceResponse ask_web(const std::string& token, const std::string& role = "Web", const Parameters& more = {}) {
    Parameters all = {{"RoleArn", "arn:aws:iam::111122223333:role/" + role},
                      {"RoleSessionName", "job1"},
                      {"WebIdentityToken", token}};
    all.insert(all.end(), more.begin(), more.end());
    return ask("AssumeRoleWithWebIdentity", all);
  }
  void expect_error(const ServiceResponse& got, int status, const std::string& code) {
    EXPECT_EQ(got.status, status) << got.body;
    EXPECT_EQ(element(got, "Code"), code) << got.body << got.log_note;
    EXPECT_EQ(element(got, "Type"), status >= 500 ? "Receiver" : "Sender");
    EXPECT_EQ(element(got, "RequestId"), request().request_id);
    EXPECT_EQ(got.content_type, "text/xml");
  }
  const User ann_ = put_user(kHome, "ann");
  const Sts sts_{{store_, issuers_, std::make_shared<PoolTokens>(store_->ring())}};
};

TEST_F(StsService, GetCallerIdentity) {
  const auto got = ask("GetCallerIdentity", {}, caller(ann_));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.content_type, "text/xml");
  EXPECT_EQ(header(got, "x-amzn-RequestId"), request().request_id);
  EXPECT_EQ(got.body, R"(<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">)"
                      "<GetCallerIdentityResult><Arn>" +
                          ann_.arn() + "</Arn><UserId>" + ann_.id +
                          "</UserId><Account>111122223333</Account></GetCallerIdentityResult><ResponseMetadata>"
                          "<RequestId>" +
                          request().request_id + "</RequestId></ResponseMetadata></GetCallerIdentityResponse>\n");
  const auto root = ask("GetCallerIdentity", {}, key_of(kHome));
  EXPECT_EQ(element(root, "Arn"), "arn:aws:iam::111122223333:root");
  EXPECT_EQ(element(root, "UserId"), kHome);
}

TEST_F(StsService, STS_12_NoPolicyKeepsAnybodyFromAskingWhoHeIs) {
  const User denied = put_user(kHome, "denied", R"({"Effect":"Deny","Action":"*","Resource":"*"})");
  EXPECT_EQ(ask("GetCallerIdentity", {}, caller(denied)).status, 200);
  const User unsound = put_user(kHome, "unsound");
  write([&](identity::Tables& tables) { tables.put_inline(unsound.id, {"own", "{"}); });
  EXPECT_EQ(ask("GetCallerIdentity", {}, caller(unsound)).status, 200);
}

TEST_F(StsService, STS_13_ASessionThatIsOver) {
  const auto made = ask("GetSessionToken", {{"DurationSeconds", "900"}}, caller(ann_));
  const auto session = known(element(made, "AccessKeyId"), element(made, "SessionToken"), identity::KeyStatus::Ok);
  ServiceRequest in = request();
  in.body = "Action=GetCallerIdentity&Version=2011-06-15";
  in.caller = session;
  EXPECT_EQ(sts_.answer(in).status, 200);
  in.unix_ms += 900'000;
  expect_error(sts_.answer(in), 403, "ExpiredToken");
  // As the chain in front says it.
  expect_error(sts_.refused({403, "ExpiredTokenException", "", request().request_id}), 403, "ExpiredToken");
}

TEST_F(StsService, AssumeRoleAndItsAnswer) {
  const auto role =
      put_role("Reader", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")" + ann_.arn() +
                             R"("},"Action":["sts:AssumeRole","sts:TagSession"]}]})");
  const auto got = ask("AssumeRole",
                       {{"RoleArn", role.arn()},
                        {"RoleSessionName", "job1"},
                        {"DurationSeconds", "900"},
                        {"Tags.member.1.Key", "team"},
                        {"Tags.member.1.Value", "blue & <red>"}},
                       caller(ann_));
  expect_error(got, 400, "ValidationError");
  const auto made = ask("AssumeRole",
                        {{"RoleArn", role.arn()},
                         {"RoleSessionName", "job1"},
                         {"DurationSeconds", "900"},
                         {"PolicyArns", ""},
                         {"TransitiveTagKeys.member.1", "team"},
                         {"Tags.member.1.Key", "team"},
                         {"Tags.member.1.Value", "blue"}},
                        caller(ann_));
  ASSERT_EQ(made.status, 200) << made.body << made.log_note;
  EXPECT_EQ(element(made, "AssumedRoleId"), role.id + ":job1");
  EXPECT_EQ(element(made, "Arn"), "arn:aws:sts::111122223333:assumed-role/Reader/job1");
  EXPECT_EQ(element(made, "Expiration"), "2027-01-15T08:15:00Z");
  EXPECT_EQ(element(made, "PackedPolicySize"), "1");
  const auto session = known(element(made, "AccessKeyId"), element(made, "SessionToken"), identity::KeyStatus::Ok);
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(element(ask("GetCallerIdentity", {}, session), "UserId"), role.id + ":job1");
  expect_error(ask("GetSessionToken", {}, session), 403, "AccessDenied");  // STS_14
  EXPECT_EQ(made.log_note.find("ASIA"), std::string::npos);
}

TEST_F(StsService, STS_15_WhatSessionTokensMayDo) {
  const auto role =
      put_role("Reader", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")" + ann_.arn() +
                             R"("},"Action":"sts:AssumeRole"}]})");
  const auto made = ask("GetSessionToken", {}, caller(ann_));
  ASSERT_EQ(made.status, 200) << made.body;
  const auto session = known(element(made, "AccessKeyId"), element(made, "SessionToken"), identity::KeyStatus::Ok);
  EXPECT_EQ(ask("AssumeRole", {{"RoleArn", role.arn()}, {"RoleSessionName", "job1"}}, session).status, 200);
  EXPECT_EQ(ask("GetCallerIdentity", {}, session).status, 200);
  expect_error(ask("GetSessionToken", {}, session), 403, "AccessDenied");
}

TEST_F(StsService, SignedActionsNeedASignature) {
  for (const char* action : {"AssumeRole", "GetCallerIdentity", "GetSessionToken"})
    expect_error(ask(action, {}), 403, "MissingAuthenticationToken");
}

TEST_F(StsService, ActionsAndParametersThatAreNotThere) {
  expect_error(ask("GetFederationToken", {}, caller(ann_)), 400, "InvalidAction");
  expect_error(ask("", {}, caller(ann_)), 400, "MissingAction");
  ServiceRequest old = request();
  old.body = "Action=GetCallerIdentity&Version=2010-05-08";
  expect_error(sts_.answer(old), 400, "InvalidAction");
  const std::string role = "arn:aws:iam::111122223333:role/Reader";
  const Parameters refused[] = {
      {{"RoleArn", role}, {"RoleSessionName", "job1"}, {"Restrict", "1"}},
      {{"RoleArn", role}, {"RoleSessionName", "job1"}, {"DurationSeconds", "900s"}},
      {{"RoleArn", role}, {"RoleSessionName", "job1"}, {"DurationSeconds", "-900"}},
      {{"RoleArn", role}, {"RoleSessionName", "job1"}, {"Tags", "a"}},
      {{"RoleArn", role}, {"RoleSessionName", "job1"}, {"Tags.member.1.Key", "a"}},
      {{"RoleArn", role}, {"RoleSessionName", "job1"}, {"PolicyArns.member.1", role}},
      {{"RoleArn.member.1", role}, {"RoleSessionName", "job1"}},
      {{"RoleArn", role}, {"RoleSessionName", "job1"}, {"ProvidedContexts.member.1.ProviderArn", role}},
      {{"RoleSessionName", "job1"}},
  };
  for (const Parameters& parameters : refused)
    expect_error(ask("AssumeRole", parameters, caller(ann_)), 400, "ValidationError");
  expect_error(ask("GetCallerIdentity", {{"RoleArn", role}}, caller(ann_)), 400, "ValidationError");
}

TEST_F(StsService, GetRequests) {
  ServiceRequest in = request();
  in.method = "GET";
  in.content_type.clear();
  in.raw_query = "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Signature=0123";
  in.caller = caller(ann_);
  EXPECT_EQ(sts_.answer(in).status, 200);
}

TEST_F(StsService, WebIdentity) {
  const auto got = ask_web(idp_.token());
  ASSERT_EQ(got.status, 200) << got.body << got.log_note;
  EXPECT_EQ(element(got, "SubjectFromWebIdentityToken"), "s-1");
  EXPECT_EQ(element(got, "Provider"), "https://idp.example");
  EXPECT_EQ(element(got, "Audience"), "app");
  const auto session = known(element(got, "AccessKeyId"), element(got, "SessionToken"), identity::KeyStatus::Ok);
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(session->arn, "arn:aws:sts::111122223333:assumed-role/Web/job1");
  // Keys are kept: nothing is asked again.
  const std::size_t asked = pages_->asked.size();
  EXPECT_EQ(ask_web(idp_.token()).status, 200);
  EXPECT_EQ(pages_->asked.size(), asked);
}

TEST_F(StsService, STS_29_ES256) {
  const std::string token =
      idp_.p256.token("ES256", R"({"alg":"ES256","kid":"e","typ":"JWT"})", Provider::claims(idp_.issuer));
  EXPECT_EQ(ask_web(token).status, 200);
}

TEST_F(StsService, STS_16_TokensThatAreNotTaken) {
  const std::string good = Provider::claims(idp_.issuer);
  const Provider other{"https://other.example"};
  other.publish(*pages_);
  const auto encoded = [](const std::string& text) { return test::base64url(text); };
  struct Row {
    const char* name;
    std::string token;
    const char* code;
  };
  const std::string none = R"({"alg":"none","kid":"r"})";
  const Row rows[] = {
      {"alg none", encoded(none) + "." + encoded(good) + ".", "InvalidIdentityToken"},
      {"alg none, signed", test::compact(none, good, "sig"), "InvalidIdentityToken"},
      {"HS256 with the public key",
       test::compact(R"({"alg":"HS256","kid":"r"})", good,
                     test::hmac("SHA256", idp_.rsa.pem(), test::signing_input(R"({"alg":"HS256","kid":"r"})", good))),
       "InvalidIdentityToken"},
      {"PS256", idp_.rsa.token("PS256", R"({"alg":"PS256","kid":"r"})", good), "InvalidIdentityToken"},
      {"unknown kid", idp_.rsa.token("RS256", R"({"alg":"RS256","kid":"x"})", good), "InvalidIdentityToken"},
      {"no kid", idp_.rsa.token("RS256", R"({"alg":"RS256"})", good), "InvalidIdentityToken"},
      {"another's signature", other.rsa.token("RS256", R"({"alg":"RS256","kid":"r"})", good), "InvalidIdentityToken"},
      {"ES256 as RS256", idp_.p256.token("ES256", R"({"alg":"ES256","kid":"r"})", good), "InvalidIdentityToken"},
      {"wrong aud", idp_.token(Provider::claims(idp_.issuer, R"("sub":"s-1","aud":"other")")), "InvalidIdentityToken"},
      {"expired", idp_.token(Provider::claims(idp_.issuer, R"("sub":"s-1","aud":"app")", kNow)),
       "ExpiredTokenException"},
      {"not yet",
       idp_.token(Provider::claims(idp_.issuer, R"("sub":"s-1","aud":"app","nbf":)" + std::to_string(kNow + 9))),
       "InvalidIdentityToken"},
      {"times with fractions", idp_.token(R"({"iss":"https://idp.example","sub":"s","aud":"app","exp":1800000300.5})"),
       "InvalidIdentityToken"},
      {"a provider that is not registered", other.token(), "InvalidIdentityToken"},
      {"http", idp_.token(Provider::claims("http://idp.example")), "InvalidIdentityToken"},
      {"no token", "a.b.c", "InvalidIdentityToken"},
      {"too long",
       idp_.token(Provider::claims(idp_.issuer, R"("sub":"s-1","aud":"app","x":")" + std::string(14'000, 'x') + "\"")),
       "InvalidIdentityToken"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto got = ask_web(row.token);
    expect_error(got, 400, row.code);
    EXPECT_TRUE(row.token.size() < 20 || got.body.find(row.token.substr(0, 20)) == std::string::npos);
    // A role that is not there changes nothing.
    const auto absent = ask_web(row.token, "Absent");
    EXPECT_EQ(absent.body, got.body);
  }
  expect_error(ask_web("abc"), 400, "ValidationError");
  expect_error(ask_web(std::string(20'001, 'a')), 400, "ValidationError");
  expect_error(ask_web(idp_.token(), "Web", {{"ProviderId", "www.amazon.com"}}), 400, "ValidationError");
}

TEST_F(StsService, STS_17_ATokenThatNoRoleTrusts) {
  const auto got = ask_web(idp_.token(), "Absent");
  expect_error(got, 403, "AccessDenied");
  EXPECT_EQ(element(got, "Message"), "Not authorized to perform sts:AssumeRoleWithWebIdentity");
}

TEST_F(StsService, AProviderThatIsDownOrSilent) {
  pages_->pages.clear();
  expect_error(ask_web(idp_.token()), 400, "IDPCommunicationError");
  // Asked again only after a pause, and heard then.
  const std::size_t asked = pages_->asked.size();
  expect_error(ask_web(idp_.token()), 400, "IDPCommunicationError");
  EXPECT_EQ(pages_->asked.size(), asked);
  clock_.advance_ms(5000);
  pages_->silent = true;
  ServiceRequest in = request();
  in.deadline_ns = clock_.monotonic_ns() + 50'000'000;
  in.body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=job1&RoleArn=" +
            encoded("arn:aws:iam::111122223333:role/Web") + "&WebIdentityToken=" + encoded(idp_.token());
  expect_error(sts_.answer(in), 400, "IDPCommunicationError");
}

TEST_F(StsService, ManyWaitForOneFetch) {
  pages_->holds = true;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      if (issuers_->verify(idp_.token(), "idp.example", request().deadline_ns).outcome) ++good;
    });
  while (pages_->release() == 0) std::this_thread::yield();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 4);
  EXPECT_EQ(pages_->asked.size(), 2u) << "the configuration and the keys, once";
}

TEST_F(StsService, AFloodOfUnknownKeyIdsAsksTheProviderOnce) {
  EXPECT_EQ(ask_web(idp_.token()).status, 200);
  const std::size_t asked = pages_->asked.size();
  for (int i = 0; i < 50; ++i)
    expect_error(ask_web(idp_.rsa.token("RS256", R"({"alg":"RS256","kid":"x)" + std::to_string(i) + R"("})",
                                        Provider::claims(idp_.issuer))),
                 400, "InvalidIdentityToken");
  EXPECT_LE(pages_->asked.size(), asked + 2);
  EXPECT_EQ(ask_web(idp_.token()).status, 200);
}

TEST_F(StsService, RefusalsOfTheChainInItsWords) {
  struct Row {
    const char* type;
    const char* code;
    int status;
  };
  const Row rows[] = {{"InvalidSignatureException", "SignatureDoesNotMatch", 403},
                      {"UnrecognizedClientException", "InvalidClientTokenId", 403},
                      {"IncompleteSignatureException", "IncompleteSignature", 400}};
  for (const Row& row : rows)
    expect_error(sts_.refused({403, row.type, "m", request().request_id}), row.status, row.code);
}

}  // namespace
}  // namespace gatehouse::integration
