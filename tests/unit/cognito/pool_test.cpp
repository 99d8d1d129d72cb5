#include "cognito/pool.hpp"

#include <gtest/gtest.h>

#include "user_pool.hpp"

namespace gatehouse::cognito {
namespace {

TEST(PoolArn, CG_03_RegionAndPoolMakeTheIssuer) {
  const struct {
    const char* arn;
    const char* issuer;
  } cases[] = {
      {"arn:aws:cognito-idp:eu-north-1:111122223333:userpool/eu-north-1_AbC123",
       "https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_AbC123"},
      {"arn:aws-cn:cognito-idp:cn-north-1:111122223333:userpool/cn-north-1_x",
       "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_x"},
      {"arn:aws-us-gov:cognito-idp:us-gov-west-1:111122223333:userpool/us-gov-west-1_x",
       "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_x"},
  };
  for (const auto& c : cases) {
    std::string fault;
    const auto arn = PoolArn::parse(c.arn, fault);
    ASSERT_TRUE(arn) << fault;
    EXPECT_EQ(arn->issuer(), c.issuer);
    EXPECT_EQ(arn->account, "111122223333");
  }
}

TEST(PoolArn, OthersAreNone) {
  for (const char* arn : {
           "",
           "arn",
           "arn:aws:cognito-idp:eu-north-1:111122223333",
           "eu-north-1_AbC123",
           "arn:aws:cognito-idp:eu-north-1:111122223333:userpool/",
           "arn:aws:cognito-idp:eu-north-1:111122223333:userpool/eu-north-1_",
           "arn:aws:cognito-idp:eu-north-1:111122223333:userpool/us-east-1_AbC123",  // CG-54: another region's
           "arn:aws:cognito-idp:eu-north-1:111122223333:userpool/local_AbC123",
           "arn:aws:cognito-idp:eu-north-1:111122223333:userpool/eu-north-1xAbC123",
           "arn:aws:cognito-idp:eu-north-1:11112222333:userpool/eu-north-1_AbC123",
           "arn:aws:cognito-idp:eu-north-1:11112222333x:userpool/eu-north-1_AbC123",
           "arn:aws:cognito-idp::111122223333:userpool/_AbC123",
           "arn:aws:cognito-idp:evil.example/:111122223333:userpool/evil.example/_x",
           "arn:aws:cognito-idp:eu-north-1:111122223333:userpool/eu-north-1_a/b",
           "arn:aws:cognito-idp:eu-north-1:111122223333:userpool/eu-north-1_a:b",
           "arn:aws:cognito-identity:eu-north-1:111122223333:userpool/eu-north-1_AbC123",
           "arn:aws:cognito-idp:eu-north-1:111122223333:identitypool/eu-north-1_AbC123",
           "Arn:aws:cognito-idp:eu-north-1:111122223333:userpool/eu-north-1_AbC123",
       }) {
    std::string fault;
    EXPECT_FALSE(PoolArn::parse(arn, fault)) << arn;
    EXPECT_EQ(fault.find("`" + std::string(arn) + "` is not `arn:aws:cognito-idp:"), 0u) << fault;
  }
}

TEST(PoolArn, OnlyThePoolIsAVariable) {
  const struct {
    const char* arn;
    bool good;
  } cases[] = {
      {"arn:aws:cognito-idp:eu-north-1:111122223333:userpool/${stageVariables.pool}", true},
      {"arn:aws:cognito-idp:eu-north-1:111122223333:userpool/${stageVariables.a_B-9}", true},
      {"arn:aws:cognito-idp:eu-north-1:111122223333:userpool/${stageVariables.}", false},
      {"arn:aws:cognito-idp:eu-north-1:111122223333:userpool/${stageVariables.pool", false},
      {"arn:aws:cognito-idp:eu-north-1:111122223333:userpool/${stagevariables.pool}", false},
      {"arn:aws:cognito-idp:eu-north-1:111122223333:userpool/${stageVariables.a}${stageVariables.b}", false},
      {"arn:aws:cognito-idp:eu-north-1:111122223333:userpool/eu-north-1_${stageVariables.pool}", false},
      {"arn:aws:cognito-idp:eu-north-1:111122223333:userpool/${stageVariables.pool}x", false},
      {"arn:aws:cognito-idp:${stageVariables.region}:111122223333:userpool/${stageVariables.pool}", false},
      {"arn:aws:cognito-idp:eu-north-1:1111:userpool/${stageVariables.pool}", false},
      {"${stageVariables.arn}", false},
      {"${", false},
  };
  for (const auto& c : cases) {
    std::string fault;
    EXPECT_TRUE(has_stage_variables(c.arn));
    EXPECT_EQ(is_pattern(c.arn, fault), c.good) << c.arn;
    EXPECT_EQ(fault.empty(), c.good) << fault;
  }
}

TEST(PublishedKey, CG_53_IsKnownByItsModulusAlone) {
  kit::jose::KeySetReport report;
  std::string text(test::kPublishedKey);
  EXPECT_TRUE(has_published_key(*kit::jose::KeySet::parse(text, report)));
  text.replace(text.find("CognitoLocal"), 12, "harmless");
  EXPECT_TRUE(has_published_key(*kit::jose::KeySet::parse(text, report)));
  EXPECT_FALSE(has_published_key(*kit::jose::KeySet::parse(test::jwks(), report)));
}

}  // namespace
}  // namespace gatehouse::cognito
