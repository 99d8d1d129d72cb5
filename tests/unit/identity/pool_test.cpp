#include "identity/pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "identity/session.hpp"
#include "identity/trust.hpp"
#include "identity_world.hpp"

namespace gatehouse::identity {
namespace {

constexpr const char* kPool = "eu-central-1:00000000-0000-4000-8000-000000000000";
constexpr const char* kUsers = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc";
constexpr const char* kIdp = "idp.example/a";

kit::Json json(const std::string& text) {
  kit::JsonFault fault;
  auto out = kit::parse_json(text, fault);
  EXPECT_TRUE(out) << fault.text;
  return out.value_or(kit::Json{});
}

Login login(const std::string& provider, const std::string& subject, const std::string& claims = "{}") {
  return {provider, subject, json(claims)};
}

IdentityPool pool() {
  IdentityPool out;
  out.id = kPool;
  out.account = kHome;
  out.name = "web";
  out.allow_guests = true;
  out.authenticated_role_arn = "arn:aws:iam::111122223333:role/Member";
  out.unauthenticated_role_arn = "arn:aws:iam::111122223333:role/Guest";
  out.providers = {{kUsers, {"app"}}, {kIdp, {"app"}}};
  return out;
}

class Pools : public IdentityWorld {
 protected:
  Pools() { put(pool_); }
  using IdentityWorld::put;
  void put(const IdentityPool& pool) {
    write([&](Tables& tables) { tables.put(pool); });
  }
  Outcome<std::string> id_for(const std::vector<Login>& logins) {
    return identity_for(*store_, pool_, logins, random_, kNow, [this] { return may_create_; });
  }
  Outcome<void> admitted(const std::string& id, const std::vector<Login>& logins) {
    return admit(*store_, pool_, id, logins);
  }
  Outcome<TemporaryCredentials> credentials(const std::string& role, const WebIdentity& who) {
    log_.clear();
    return pool_credentials(*store_, random_, facts(nullptr), role, who, log_);
  }
  IdentityPool pool_ = pool();
  bool may_create_ = true;
};

TEST_F(Pools, STS_22_OneLoginIsOneIdentity) {
  const auto first = id_for({login(kUsers, "s-1")});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->starts_with("eu-central-1:"));
  EXPECT_EQ(first->size(), std::string(kPool).size());
  may_create_ = false;
  EXPECT_EQ(id_for({login(kUsers, "s-1")}), *first);
  EXPECT_EQ(code(id_for({login(kUsers, "s-2")})), "TooManyRequestsException");
  may_create_ = true;
  EXPECT_NE(id_for({login(kUsers, "s-2")}).value(), *first);
  EXPECT_NE(id_for({login(kIdp, "s-1")}).value(), *first);
}

TEST_F(Pools, GuestsAreNewEachTime) {
  const auto one = id_for({}), other = id_for({});
  ASSERT_TRUE(one && other);
  EXPECT_NE(*one, *other);
  EXPECT_EQ(code(pool_of_identity(*store_, *one)), "");
  EXPECT_EQ(code(pool_of_identity(*store_, "eu-central-1:00000000-0000-4000-8000-00000000dead")),
            "ResourceNotFoundException");
  pool_.allow_guests = false;
  EXPECT_EQ(code(id_for({})), "NotAuthorizedException");
  EXPECT_EQ(code(admitted(*one, {})), "NotAuthorizedException");
}

TEST_F(Pools, LoginsThatAreDifferentIdentitiesAreAConflict) {
  const std::string a = id_for({login(kUsers, "a")}).value(), b = id_for({login(kIdp, "b")}).value();
  EXPECT_EQ(code(id_for({login(kUsers, "a"), login(kIdp, "b")})), "ResourceConflictException");
  // A login that is new goes to the identity of the other one.
  EXPECT_EQ(id_for({login(kUsers, "a"), login(kIdp, "c")}), a);
  EXPECT_EQ(id_for({login(kIdp, "c")}), a);
  // An identity has one login of a provider.
  EXPECT_EQ(code(id_for({login(kIdp, "c"), login(kUsers, "z")})), "ResourceConflictException");
  EXPECT_NE(a, b);
  EXPECT_NE(id_for({login(kUsers, "z")}).value(), a) << "nothing of what was refused is kept";
}

TEST_F(Pools, WhoAsksForCredentialsIsTheIdentity) {
  const std::string a = id_for({login(kUsers, "a")}).value(), b = id_for({login(kUsers, "b")}).value(),
                    guest = id_for({}).value();
  EXPECT_EQ(code(admitted(a, {login(kUsers, "a")})), "");
  EXPECT_EQ(code(admitted(a, {login(kUsers, "b")})), "NotAuthorizedException");
  EXPECT_EQ(code(admitted(a, {login(kUsers, "unknown")})), "NotAuthorizedException");
  EXPECT_EQ(code(admitted(a, {login(kIdp, "unknown")})), "NotAuthorizedException");
  EXPECT_EQ(code(admitted(a, {})), "NotAuthorizedException") << "who has logged in is no guest any more";
  EXPECT_EQ(code(admitted(guest, {})), "");
  EXPECT_EQ(code(admitted(guest, {login(kUsers, "b")})), "NotAuthorizedException");
  EXPECT_EQ(code(admitted(guest, {login(kUsers, "c")})), "") << "a guest logs in, and stays who he is";
  EXPECT_EQ(id_for({login(kUsers, "c")}), guest);
  EXPECT_EQ(code(admitted(guest, {})), "NotAuthorizedException");
  EXPECT_EQ(code(admitted(guest, {login(kUsers, "c"), login(kUsers, "d")})), "ResourceConflictException");
}

TEST_F(Pools, TheRoleOfALogin) {
  using Kind = PoolRoleMapping::Kind;
  using Rule = PoolRoleMapping::Rule;
  const auto arn = [](const char* name) { return "arn:aws:iam::111122223333:role/" + std::string(name); };
  const auto chosen = [](const IdentityPool& in, const std::string& claims,
                         const std::optional<std::string>& custom = std::nullopt) {
    const Login one = login(kUsers, "a", claims);
    const auto role = choose_role(in, &one, custom);
    return role ? *role : role.error().code;
  };
  const auto mapped = [&](Kind kind, bool deny, std::vector<Rule> rules = {}) {
    IdentityPool out = pool();
    out.role_mappings = {{kUsers, kind, deny, std::move(rules)}};
    return out;
  };
  // 1 and 2
  EXPECT_EQ(choose_role(pool(), nullptr, std::nullopt), arn("Guest"));
  IdentityPool none = pool();
  none.unauthenticated_role_arn.clear();
  none.authenticated_role_arn.clear();
  EXPECT_EQ(code(choose_role(none, nullptr, std::nullopt)), "InvalidIdentityPoolConfigurationException");
  EXPECT_EQ(chosen(none, "{}"), "InvalidIdentityPoolConfigurationException");
  EXPECT_EQ(chosen(pool(), "{}"), arn("Member"));
  EXPECT_EQ(chosen(mapped(Kind::DefaultRole, true), R"({"cognito:preferred_role":"x"})"), arn("Member"));
  // 3
  const std::string two = R"({"cognito:roles":[")" + arn("A") + R"(",")" + arn("B") + R"("]})";
  const IdentityPool by_token = mapped(Kind::Token, false), strictly = mapped(Kind::Token, true);
  EXPECT_EQ(chosen(by_token, two, arn("B")), arn("B"));
  EXPECT_EQ(chosen(by_token, two, arn("C")), "NotAuthorizedException") << "STS_24";
  EXPECT_EQ(chosen(by_token, "{}", arn("Member")), "NotAuthorizedException") << "STS_24";
  EXPECT_EQ(chosen(by_token, R"({"cognito:preferred_role":")" + arn("P") + R"("})"), arn("P"));
  EXPECT_EQ(chosen(by_token, R"({"cognito:roles":[")" + arn("A") + R"("]})"), arn("A"));
  EXPECT_EQ(chosen(by_token, two), arn("Member"));
  EXPECT_EQ(chosen(strictly, two), "NotAuthorizedException");
  EXPECT_EQ(chosen(strictly, "{}"), "NotAuthorizedException");
  EXPECT_EQ(chosen(pool(), two, arn("A")), "InvalidParameterException");
  EXPECT_EQ(code(choose_role(by_token, nullptr, arn("A"))), "InvalidParameterException");
  // 4
  const IdentityPool rules = mapped(Kind::Rules, true,
                                    {{"dept", Rule::Match::Equals, "ops", arn("Ops")},
                                     {"mail", Rule::Match::Contains, "@corp.", arn("Corp")},
                                     {"name", Rule::Match::StartsWith, "svc-", arn("Service")},
                                     {"paid", Rule::Match::NotEqual, "no", arn("Paying")}});
  EXPECT_EQ(chosen(rules, R"({"dept":"ops","mail":"a@corp.example"})"), arn("Ops")) << "the first wins";
  EXPECT_EQ(chosen(rules, R"({"dept":"Ops","mail":"a@corp.example"})"), arn("Corp"));
  EXPECT_EQ(chosen(rules, R"({"name":"svc-1"})"), arn("Service"));
  EXPECT_EQ(chosen(rules, R"({"paid":"yes"})"), arn("Paying"));
  EXPECT_EQ(chosen(rules, R"({"paid":"no"})"), "NotAuthorizedException");
  EXPECT_EQ(chosen(rules, R"({"dept":["dev","ops"]})"), arn("Ops"));
  EXPECT_EQ(chosen(rules, R"({"paid":true})"), arn("Paying"));
}

TEST_F(Pools, STS_25_ARuleOnAMissingClaimIsSkipped) {
  IdentityPool rules = pool();
  rules.role_mappings = {
      {kUsers,
       PoolRoleMapping::Kind::Rules,
       true,
       {{"paid", PoolRoleMapping::Rule::Match::NotEqual, "no", "arn:aws:iam::111122223333:role/P"}}}};
  for (const char* claims : {"{}", R"({"paid":null})", R"({"paid":[]})", R"({"paid":{"a":"b"}})"}) {
    const Login one = login(kUsers, "a", claims);
    EXPECT_EQ(code(choose_role(rules, &one, std::nullopt)), "NotAuthorizedException") << claims;
  }
}

std::string trust_of(const char* amr, const char* actions = R"("sts:AssumeRoleWithWebIdentity")",
                     const char* pool_id = kPool) {
  return std::string(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
                     R"("Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":[)") +
         actions + R"(],"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":")" + pool_id +
         R"("},"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":")" + amr + R"("}}}]})";
}

TEST_F(Pools, CredentialsOfSomebodyWhoLoggedIn) {
  const Role role = put_role("Member", trust_of("authenticated"));
  const std::string id = id_for({login(kUsers, "s-1")}).value();
  const Login one = login(kUsers, "s-1");
  const auto who = pool_identity(pool_, id, &one);
  ASSERT_TRUE(who);
  const auto made = credentials(role.arn(), *who);
  ASSERT_TRUE(made) << made.error().message << log_;
  EXPECT_EQ(made->expires, kNow + 3600);
  const auto known = caller(*made);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->arn, "arn:aws:sts::111122223333:assumed-role/Member/CognitoIdentityCredentials");
  EXPECT_EQ(known->cognito_identity_id, id);
  EXPECT_EQ(known->cognito_identity_pool_id, kPool);
  EXPECT_TRUE(known->cognito_authenticated);
  EXPECT_EQ(known->cognito_provider, std::string(kUsers) + "," + kUsers + ":CognitoSignIn:s-1");
  const std::vector<std::string> amr = {"authenticated", kUsers, std::string(kUsers) + ":CognitoSignIn:s-1"};
  EXPECT_EQ(known->cognito_amr, amr);
  EXPECT_FALSE(known->has_session_policy);
}

TEST_F(Pools, STS_26_AGuestIsNotAuthenticated) {
  const Role member = put_role("Member", trust_of("authenticated")),
             guest = put_role("Guest", trust_of("unauthenticated")),
             other = put_role("Other", trust_of("*", R"("sts:AssumeRoleWithWebIdentity")", "eu-central-1:11"));
  const std::string id = id_for({}).value();
  const auto who = pool_identity(pool_, id, nullptr);
  ASSERT_TRUE(who);
  EXPECT_EQ(code(credentials(member.arn(), *who)), "InvalidIdentityPoolConfigurationException");
  EXPECT_EQ(code(credentials(other.arn(), *who)), "InvalidIdentityPoolConfigurationException");
  EXPECT_EQ(code(credentials("arn:aws:iam::111122223333:role/None", *who)),
            "InvalidIdentityPoolConfigurationException");
  EXPECT_EQ(code(credentials("no ARN", *who)), "InvalidIdentityPoolConfigurationException");
  const auto made = credentials(guest.arn(), *who);
  ASSERT_TRUE(made) << made.error().message << log_;
  const auto known = caller(*made);
  ASSERT_NE(known, nullptr);
  EXPECT_FALSE(known->cognito_authenticated);
  EXPECT_TRUE(known->has_session_policy) << "guests invoke APIs and do nothing else";
  EXPECT_TRUE(known->sound);
}

TEST_F(Pools, AttributesBecomeTagsWhereTheRoleAllowsIt) {
  pool_.attribute_tags = {{"dept", "team"}, {"absent", "none"}};
  const Role plain = put_role("Plain", trust_of("authenticated")),
             tagged =
                 put_role("Tagged", trust_of("authenticated", R"("sts:AssumeRoleWithWebIdentity","sts:TagSession")"));
  const std::string id = id_for({login(kUsers, "s-1")}).value();
  const Login one = login(kUsers, "s-1", R"({"dept":"ops"})");
  const auto who = pool_identity(pool_, id, &one);
  ASSERT_TRUE(who);
  EXPECT_EQ(code(credentials(plain.arn(), *who)), "InvalidIdentityPoolConfigurationException");
  const auto made = credentials(tagged.arn(), *who);
  ASSERT_TRUE(made) << made.error().message << log_;
  const auto known = caller(*made);
  ASSERT_NE(known, nullptr);
  ASSERT_NE(known->find("aws:principaltag/team"), nullptr);
  EXPECT_EQ(known->find("aws:principaltag/team")->values, std::vector<std::string>{"ops"});
  EXPECT_EQ(known->find("aws:principaltag/none"), nullptr);
  for (const char* bad : {R"({"dept":["a","b"]})", R"({"dept":{"a":1}})", R"({"dept":"<a>"})"}) {
    const Login odd = login(kUsers, "s-1", bad);
    EXPECT_EQ(code(pool_identity(pool_, id, &odd)), "NotAuthorizedException") << bad;
  }
}

TEST_F(Pools, TheFirstProviderOfThePoolDecides) {
  const std::vector<Login> logins = {login(kIdp, "i"), login(kUsers, "u")};
  const Login* const one = deciding_login(pool_, logins);
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(one->provider, kUsers);
  EXPECT_EQ(deciding_login(pool_, {}), nullptr);
}

}  // namespace
}  // namespace gatehouse::identity
