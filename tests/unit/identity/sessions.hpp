#pragma once
#include <gtest/gtest.h>

#include <string>

#include "identity/session.hpp"

namespace gatehouse::identity {

/// A session that has something of everything.
inline Session full_session() {
  Session out;
  out.kind = Session::Kind::WebIdentity;
  out.access_key_id = "ASIAQQQQQQQQQQQQQQQQ";
  out.secret = base::Secret(std::string(40, 's'));
  out.account = "111122223333";
  out.principal_id = "AROAQQQQQQQQQQQQQQQQQ";
  out.name = "job1";
  out.issued = 1'800'000'000;
  out.expires = 1'800'003'600;
  out.mfa = true;
  out.mfa_at = 1'799'999'000;
  out.chained = true;
  out.source_identity = "ann";
  out.tags = {{"team", "blue"}, {"Empty", ""}};
  out.transitive_tag_keys = {"team"};
  out.policy = R"({"Version":"2012-10-17","Statement":[]})";
  out.policy_arns = {"arn:aws:iam::111122223333:policy/p"};
  out.provider = "arn:aws:iam::111122223333:oidc-provider/idp.example";
  out.provider_keys = {{"idp.example:sub", {"s"}}, {"idp.example:amr", {"a", "b"}}};
  out.cognito_identity_id = "eu-central-1:00000000-0000-4000-8000-000000000001";
  out.cognito_identity_pool_id = "eu-central-1:00000000-0000-4000-8000-000000000000";
  out.cognito_provider = "p,p:CognitoSignIn:s";
  out.cognito_authenticated = true;
  return out;
}

/// All but the access key id.
inline void expect_same(const Session& a, const Session& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.secret.reveal(), b.secret.reveal());
  EXPECT_EQ(a.account, b.account);
  EXPECT_EQ(a.principal_id, b.principal_id);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.issued, b.issued);
  EXPECT_EQ(a.expires, b.expires);
  EXPECT_EQ(a.mfa, b.mfa);
  EXPECT_EQ(a.mfa_at, b.mfa_at);
  EXPECT_EQ(a.chained, b.chained);
  EXPECT_EQ(a.source_identity, b.source_identity);
  ASSERT_EQ(a.tags.size(), b.tags.size());
  for (std::size_t i = 0; i < a.tags.size(); ++i) {
    EXPECT_EQ(a.tags[i].key, b.tags[i].key);
    EXPECT_EQ(a.tags[i].value, b.tags[i].value);
  }
  EXPECT_EQ(a.transitive_tag_keys, b.transitive_tag_keys);
  EXPECT_EQ(a.policy, b.policy);
  EXPECT_EQ(a.policy_arns, b.policy_arns);
  EXPECT_EQ(a.provider, b.provider);
  EXPECT_EQ(a.provider_keys, b.provider_keys);
  EXPECT_EQ(a.cognito_identity_id, b.cognito_identity_id);
  EXPECT_EQ(a.cognito_identity_pool_id, b.cognito_identity_pool_id);
  EXPECT_EQ(a.cognito_provider, b.cognito_provider);
  EXPECT_EQ(a.cognito_authenticated, b.cognito_authenticated);
}

}  // namespace gatehouse::identity
