#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "signed.hpp"

namespace gatehouse::iam::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(IamSettings, AllOfThemMayBeLeftOut) {
  EXPECT_THAT(gt::Harness("{}").refusal(), IsEmpty());
  EXPECT_THAT(gt::Harness(R"({"services": ["sts", "execute-api"], "regions": ["us-east-1"], "skew_seconds": 900,
                              "presign_cap_seconds": 604800, "unsigned": "anonymous", "error_detail": "full",
                              "require_signed_api_id": true})")
                  .refusal(),
              IsEmpty());
}

TEST(IamSettings, WhatIsRefused) {
  for (const char* settings :
       {R"({"services": []})", R"({"regions": []})", R"({"skew_seconds": 0})", R"({"skew_seconds": 901})",
        R"({"presign_cap_seconds": 604801})", R"({"presign_cap_seconds": 0})", R"({"unsigned": "allow"})",
        R"({"error_detail": "none"})", R"({"allow_unsigned_payload": true})", R"({"services": "execute-api"})"})
    EXPECT_NE(gt::Harness(settings).refusal(), "") << settings;
  EXPECT_THAT(gt::Harness(R"({"services": ["a/b"]})").refusal(), HasSubstr("it has a slash"));
}

TEST(IamSettings, ItCannotDoWithoutTheStoreAndTheBody) {
  for (const char* service : {GH_SVC_IDENTITY, GH_SVC_BODY}) {
    gt::Harness h;
    h.without_service(service);
    EXPECT_THAT(h.refusal(), HasSubstr(service));
  }
}

TEST(IamSettings, TheyCount) {
  Asked asked;
  asked.service = "sts";
  asked.region = "eu-west-1";
  EXPECT_TRUE(Gate(R"({"services": ["sts"], "regions": ["eu-west-1"]})").ask(asked).allowed());
  EXPECT_EQ(Gate(R"({"services": ["sts"]})").ask(asked).message(),
            "Credential should be scoped to a valid region, not 'eu-west-1'.");
  EXPECT_EQ(Gate(R"({"services": ["iam", "execute-api"], "regions": ["eu-west-1"]})").ask(asked).message(),
            "Credential should be scoped to correct service: 'iam'.");
  Asked old;
  old.time_s = kNow - 600;
  EXPECT_TRUE(Gate().ask(old).denied());
  EXPECT_TRUE(Gate(R"({"skew_seconds": 600})").ask(old).allowed());
  old.time_s = kNow - 200;
  old.presigned = true;
  EXPECT_TRUE(Gate().ask(old).allowed());
  EXPECT_TRUE(Gate(R"({"presign_cap_seconds": 199})").ask(old).denied());
  Asked named;
  named.headers = {{"x-other", "1"}};
  gt::TestRequest api = named.sent();
  api.header("x-apigw-api-id", "abcde12345");
  EXPECT_TRUE(Gate().h.authorize(api).allowed());
  EXPECT_EQ(Gate(R"({"require_signed_api_id": true})").h.authorize(api).message(),
            "There were headers present in the request which were not signed: x-apigw-api-id");
}

}  // namespace
}  // namespace gatehouse::iam::test
