#include "identity/trust.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "callers.hpp"
#include "policy/parse.hpp"

namespace gatehouse::identity {
namespace {

Role role_with(const std::string& trust) {
  Role out;
  out.id = "AROAROLE";
  out.account = kHome;
  out.path = "/ops/";
  out.name = "Reader";
  out.trust_policy = trust;
  return out;
}

/// Whether the role lets the caller in; `log` says why not.
TrustAnswer ask(const Role* role, const Known& caller, std::string_view action = kAssumeRole,
                const std::vector<std::pair<std::string, std::string>>& keys = {}) {
  StsFacts facts;
  facts.caller = caller.get();
  facts.unix_ms = 1'800'000'000'000;
  TrustContext context(facts, kHome);
  for (const auto& [key, value] : keys) context.set(key, value);
  return Trust(role, "arn:aws:iam::111122223333:role/ops/Reader").ask(*caller, action, context);
}

constexpr const char* kAllowThis = R"({"Effect":"Allow","Action":"sts:*","Resource":"*"})";
constexpr const char* kDenyThis = R"({"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"})";
constexpr const char* kAllowElse = R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})";

struct Row {
  const char* name;
  const char* principal;  // of the trust policy's Allow
  Known caller;
  const char* identity;  // a statement of the caller's policy; nullptr: none
  bool allowed;
};

TEST(Trust, STS_1_2_3_WhoMayAssumeARole) {
  const Known ann = user(kHome, "ann"), far = user(kAway, "ann"), session = role_session(kHome, "Worker", "job1"),
              itself = role_session(kHome, "Reader", "job1"), far_session = role_session(kAway, "Worker", "j");
  const char* const kUser = R"({"AWS":"arn:aws:iam::111122223333:user/dev/ann"})";
  const char* const kRoot = R"({"AWS":"arn:aws:iam::111122223333:root"})";
  const char* const kDigits = R"({"AWS":"111122223333"})";
  const char* const kRole = R"({"AWS":"arn:aws:iam::111122223333:role/Worker"})";
  const char* const kElsewhere = R"({"AWS":"arn:aws:iam::111122223333:role/x/Worker"})";
  const char* const kSession = R"({"AWS":"arn:aws:sts::111122223333:assumed-role/Worker/job1"})";
  const char* const kFarUser = R"({"AWS":"arn:aws:iam::444455556666:user/dev/ann"})";
  const char* const kFarRoot = R"({"AWS":"444455556666"})";
  const char* const kFarRole = R"({"AWS":"arn:aws:iam::444455556666:role/Worker"})";
  const Row rows[] = {
      {"the user himself, no identity policy", kUser, ann, nullptr, true},
      {"the user himself, denied on his side", kUser, ann, kDenyThis, false},
      {"the account, nothing on his side", kRoot, ann, nullptr, false},
      {"the account, another thing on his side", kRoot, ann, kAllowElse, false},
      {"the account, allowed on his side", kRoot, ann, kAllowThis, true},
      {"the account by its digits", kDigits, ann, kAllowThis, true},
      {"somebody else, allowed on his side", kFarUser, ann, kAllowThis, false},
      {"a session by its role", kRole, session, nullptr, true},
      {"a session by a role of that name on another path", kElsewhere, session, kAllowThis, false},
      {"a session by its ARN", kSession, session, nullptr, true},
      {"a session of another name", kSession, role_session(kHome, "Worker", "job2"), nullptr, false},
      {"another role's session", kRole, itself, kAllowThis, false},
      {"a role does not trust itself", kRole, itself, kAllowThis, false},
      {"cross-account: trust alone", kFarUser, far, nullptr, false},
      {"cross-account: identity alone", kUser, far, kAllowThis, false},
      {"cross-account: both", kFarUser, far, kAllowThis, true},
      {"cross-account: the account and identity", kFarRoot, far, kAllowThis, true},
      {"cross-account: the account alone", kFarRoot, far, nullptr, false},
      {"cross-account: a session by its role alone", kFarRole, far_session, nullptr, false},
      {"cross-account: a session by its role, and identity", kFarRole, far_session, kAllowThis, true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const Role role = role_with(trust(std::string(R"("Principal":)") + row.principal));
    const TrustAnswer answer = ask(&role, row.identity == nullptr ? row.caller : with_policy(row.caller, row.identity));
    EXPECT_EQ(answer.allowed, row.allowed) << answer.why;
  }
}

TEST(Trust, ASessionTrustedByItsRoleIsBoundByItsSessionPolicyOneTrustedByNameIsNot) {
  using access::PolicyRole;
  const Known session =
      with_policy(with_policy(role_session(kHome, "Worker", "job1"), kAllowThis), kAllowElse, PolicyRole::Session);
  const Role by_role = role_with(trust(R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/Worker"})"));
  const Role by_name = role_with(trust(R"("Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/Worker/job1"})"));
  EXPECT_FALSE(ask(&by_role, session).allowed);
  EXPECT_TRUE(ask(&by_name, session).allowed);
  const Known bounded = with_policy(with_policy(user(kHome, "ann"), kAllowThis), kAllowElse, PolicyRole::Boundary);
  const Role by_account = role_with(trust(R"("Principal":{"AWS":"111122223333"})"));
  EXPECT_FALSE(ask(&by_account, bounded).allowed);
}

TEST(Trust, STS_4_5_ADenyAndARoleThatIsNotThereAreRefusedAlike) {
  const Known ann = with_policy(user(kHome, "ann"), R"({"Effect":"Allow","Action":"*","Resource":"*"})");
  const Role denies = role_with(
      R"({"Version":"2012-10-17","Statement":[)"
      R"({"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"},)"
      R"({"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:user/dev/ann"},"Action":"sts:AssumeRole"}]})");
  const TrustAnswer denied = ask(&denies, ann), missing = ask(nullptr, ann);
  EXPECT_FALSE(denied.allowed);
  EXPECT_FALSE(missing.allowed);
  EXPECT_EQ(denied.suffix, missing.suffix);
  EXPECT_EQ(denied.suffix, "");
  EXPECT_NE(denied.why, missing.why) << "the log tells them apart";
  // Who is denied by his own policies is told so, whatever the role.
  const Known bob = with_policy(user(kHome, "ann"), kDenyThis);
  EXPECT_EQ(ask(&denies, bob).suffix, " with an explicit deny in an identity-based policy");
  EXPECT_EQ(ask(nullptr, bob).suffix, ask(&denies, bob).suffix);
}

TEST(Trust, STS_6_ExternalId) {
  const Known ann = user(kHome, "ann");
  const Role role = role_with(trust(R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/dev/ann"},)"
                                    R"("Condition":{"StringEquals":{"sts:ExternalId":"k-1"}})"));
  EXPECT_FALSE(ask(&role, ann).allowed);
  EXPECT_FALSE(ask(&role, ann, kAssumeRole, {{"sts:ExternalId", "k-2"}}).allowed);
  EXPECT_TRUE(ask(&role, ann, kAssumeRole, {{"sts:ExternalId", "k-1"}}).allowed);
}

TEST(Trust, KeysOfTheCallerAndVariables) {
  const Known ann = user(kHome, "ann");
  const Role role = role_with(trust(R"("Principal":{"AWS":"111122223333"},)"
                                    R"("Condition":{"StringEquals":{"sts:RoleSessionName":"${aws:username}"}})"));
  const Known allowed = with_policy(ann, kAllowThis);
  EXPECT_TRUE(ask(&role, allowed, kAssumeRole, {{"sts:RoleSessionName", "ann"}}).allowed);
  EXPECT_FALSE(ask(&role, allowed, kAssumeRole, {{"sts:RoleSessionName", "bob"}}).allowed);
}

TEST(Trust, STS_21_ANameThatIsSomebodyElsesNowIsNotTrusted) {
  const Known ann = user(kHome, "ann");
  Role role = role_with(trust(R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/dev/ann"})"));
  role.trusted_ids = {{"arn:aws:iam::111122223333:user/dev/ann", ann->principal_id}};
  EXPECT_TRUE(ask(&role, ann).allowed);
  role.trusted_ids[0].second = "AIDAOLD";
  EXPECT_FALSE(ask(&role, ann).allowed);
  EXPECT_FALSE(ask(&role, with_policy(ann, kAllowThis)).allowed);
  // What he has as anybody of his account stays.
  Role account = role_with(trust(R"("Principal":{"AWS":["arn:aws:iam::111122223333:user/dev/ann","111122223333"]})"));
  account.trusted_ids = role.trusted_ids;
  EXPECT_FALSE(ask(&account, ann).allowed);
  EXPECT_TRUE(ask(&account, with_policy(ann, kAllowThis)).allowed);

  const Known session = role_session(kHome, "Worker", "job1");
  Role by_role = role_with(trust(R"("Principal":{"AWS":"arn:aws:iam::111122223333:role/Worker"})"));
  by_role.trusted_ids = {{"arn:aws:iam::111122223333:role/Worker", session->principal_id}};
  EXPECT_TRUE(ask(&by_role, session).allowed);
  by_role.trusted_ids[0].second = "AROAOLD";
  EXPECT_FALSE(ask(&by_role, session).allowed);
}

TEST(Trust, STS_11_OtherActionsAreAskedByThemselves) {
  const Known ann = user(kHome, "ann");
  const Role role = role_with(trust(R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/dev/ann"})"));
  EXPECT_FALSE(ask(&role, ann, kTagSession).allowed);
  EXPECT_FALSE(ask(&role, ann, kSetSourceIdentity).allowed);
}

TEST(Trust, ACallerWhosePoliciesAreUnsoundGetsNothing) {
  const Known ann = user(kHome, "ann");
  const Role role = role_with(trust(R"("Principal":{"AWS":"arn:aws:iam::111122223333:user/dev/ann"})"));
  ann->sound = false;
  EXPECT_FALSE(ask(&role, ann).allowed);
}

TEST(Trust, PoliciesThatMustNotBe) {
  struct Doc {
    const char* rest;
    bool sound;
  };
  const char* const kWeb = R"("Action":"sts:AssumeRoleWithWebIdentity")";
  const std::string federated = R"("Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/idp.example/a"},)";
  const std::pair<std::string, bool> docs[] = {
      {R"("Principal":"*","Action":"sts:AssumeRole")", false},
      {R"("Principal":"*","Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"k"}})", true},
      {federated + kWeb, false},
      {federated + kWeb + R"(,"Condition":{"StringEquals":{"idp.example/a:aud":"app"}})", true},
      {federated + kWeb + R"(,"Condition":{"StringEquals":{"IDP.example/a:sub":"s"}})", true},
      {federated + kWeb + R"(,"Condition":{"StringLike":{"idp.example/a:sub":"repo:a/*"}})", true},
      {federated + kWeb + R"(,"Condition":{"StringLike":{"idp.example/a:sub":"*"}})", false},
      {federated + kWeb + R"(,"Condition":{"StringNotEquals":{"idp.example/a:aud":"app"}})", false},
      {federated + kWeb + R"(,"Condition":{"StringEqualsIfExists":{"idp.example/a:aud":"app"}})", false},
      {federated + kWeb + R"(,"Condition":{"ForAllValues:StringEquals":{"idp.example/a:aud":"app"}})", false},
      {federated + kWeb + R"(,"Condition":{"StringEquals":{"idp.example/b:aud":"app"}})", false},
      {federated + R"("Action":"sts:*","Condition":{"Bool":{"aws:SecureTransport":"true"}})", false},
      {R"("Principal":{"Federated":"accounts.example.com"},"Action":"sts:AssumeRoleWithWebIdentity")", false},
      {R"("Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/x"},"Action":"sts:AssumeRoleWithSAML")",
       false},
      {R"("Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:TagSession"])", true},
  };
  for (const auto& [rest, sound] : docs) {
    const std::string json = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)" + rest + "}]}";
    const auto parsed = policy::parse(json, policy::Kind::Trust);
    ASSERT_TRUE(parsed) << rest << policy::text(parsed.error());
    EXPECT_EQ(check_trust(*parsed).empty(), sound) << rest;
  }
  // A role that got such a policy all the same lets nobody in.
  const Role open = role_with(trust(R"("Principal":"*")"));
  EXPECT_FALSE(ask(&open, with_policy(user(kHome, "ann"), kAllowThis)).allowed);
}

TEST(Trust, AProviderIsNamedByTheStatementThatLetsItIn) {
  StsFacts facts;
  const std::string provider = "arn:aws:iam::111122223333:oidc-provider/idp.example";
  const auto asked = [&](const std::string& document, std::string_view who) {
    const Role role = role_with(document);
    TrustContext context(facts, kHome);
    context.set("idp.example:aud", "app");
    context.set("idp.example:sub", "s-1");
    return Trust(&role, role.arn()).ask_for_provider(who, kAssumeRoleWithWebIdentity, context).allowed;
  };
  const std::string pinned = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":")" +
                             provider +
                             R"("},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":)"
                             R"({"idp.example:aud":"app","idp.example:sub":"s-1"}}}]})";
  EXPECT_TRUE(asked(pinned, provider));
  EXPECT_FALSE(asked(pinned, provider + "/b"));
  EXPECT_FALSE(asked(pinned, kCognitoIdentity));
  // Everybody, under a condition that holds: tokens of providers that nobody named are not meant.
  EXPECT_FALSE(asked(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:*",)"
                     R"("Condition":{"StringEquals":{"idp.example:aud":"app"}}}]})",
                     provider));
}

}  // namespace
}  // namespace gatehouse::identity
