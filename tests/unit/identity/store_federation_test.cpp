#include <gmock/gmock.h>

#include "unit/identity/store_support.hpp"

namespace gatehouse::identity::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// What identities come from elsewhere, on every engine.
class StoreFederation : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { store_ = GetParam().open(folder_, true, {"k1"}, base::system_clock()); }
  Folder folder_;
  std::shared_ptr<Store> store_;
};
INSTANTIATE_TEST_SUITE_P(All, StoreFederation, ::testing::ValuesIn(backends()),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_P(StoreFederation, OidcProviders) {
  writing(*store_, [](Tables& t) {
    OidcProvider idp;
    idp.account = kAccount;
    idp.url = "idp.example.com/tenant";
    idp.client_ids = {"web", "cli"};
    idp.thumbprints = {"9e99a48a9960b14926bb7f3b02e22da2b0ab7280"};
    idp.created = 5;
    idp.tags = {{"k", "v"}};
    t.put(idp);
    idp.client_ids = {"web", "app"};
    t.put(idp);
  });
  const auto found = reading<std::optional<OidcProvider>>(
      *store_, [](Tables& t) { return t.provider(kAccount, "idp.example.com/tenant"); });
  ASSERT_TRUE(found);
  EXPECT_THAT(found->client_ids, ElementsAre("web", "app"));
  EXPECT_EQ(found->thumbprints.size(), 1u);
  EXPECT_EQ(found->tags.size(), 1u);
  EXPECT_EQ(reading<std::size_t>(*store_, [](Tables& t) { return t.providers(kAccount).size(); }), 1u);
  writing(*store_, [](Tables& t) { t.remove_provider(kAccount, "idp.example.com/tenant"); });
  EXPECT_EQ(reading<std::size_t>(*store_, [](Tables& t) { return t.providers(kAccount).size(); }), 0u);
}

IdentityPool shop() {
  IdentityPool pool;
  pool.id = "us-east-1:12345678-1234-1234-1234-123456789012";
  pool.account = kAccount;
  pool.name = "shop";
  pool.allow_guests = true;
  pool.allow_basic_flow = true;
  pool.authenticated_role_arn = "arn:aws:iam::111122223333:role/in";
  pool.unauthenticated_role_arn = "arn:aws:iam::111122223333:role/out";
  pool.providers = {{"idp.example.com", {"web", "cli"}}, {"cognito-idp.us-east-1.amazonaws.com/p", {}}, {"c", {"x"}}};
  PoolRoleMapping rules{"idp.example.com", PoolRoleMapping::Kind::Rules, true, {}};
  using Match = PoolRoleMapping::Rule::Match;
  rules.rules = {{"dept", Match::Equals, "a", "r1"},
                 {"dept", Match::NotEqual, "b", "r2"},
                 {"mail", Match::StartsWith, "c", "r3"},
                 {"mail", Match::Contains, "d", "r4"}};
  pool.role_mappings = {
      {"c", PoolRoleMapping::Kind::Token, false, {}}, rules, {"d", PoolRoleMapping::Kind::DefaultRole, false, {}}};
  pool.attribute_tags = {{"sub", "username"}, {"email", "mail"}};
  pool.created = 7;
  return pool;
}

TEST_P(StoreFederation, IdentityPools) {
  const IdentityPool put = shop();
  writing(*store_, [&](Tables& t) { t.put(put); });
  const auto found = reading<std::optional<IdentityPool>>(*store_, [&](Tables& t) { return t.pool(put.id); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "shop");
  EXPECT_TRUE(found->allow_guests);
  EXPECT_TRUE(found->allow_basic_flow);
  EXPECT_EQ(found->authenticated_role_arn, put.authenticated_role_arn);
  EXPECT_EQ(found->unauthenticated_role_arn, put.unauthenticated_role_arn);
  EXPECT_EQ(found->providers, put.providers);
  EXPECT_EQ(found->attribute_tags, put.attribute_tags);
  ASSERT_EQ(found->role_mappings.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found->role_mappings[i].provider, put.role_mappings[i].provider);
    EXPECT_EQ(found->role_mappings[i].kind, put.role_mappings[i].kind);
    EXPECT_EQ(found->role_mappings[i].deny_when_ambiguous, put.role_mappings[i].deny_when_ambiguous);
    ASSERT_EQ(found->role_mappings[i].rules.size(), put.role_mappings[i].rules.size());
    for (std::size_t j = 0; j < put.role_mappings[i].rules.size(); ++j) {
      EXPECT_EQ(found->role_mappings[i].rules[j].claim, put.role_mappings[i].rules[j].claim);
      EXPECT_EQ(found->role_mappings[i].rules[j].match, put.role_mappings[i].rules[j].match);
      EXPECT_EQ(found->role_mappings[i].rules[j].value, put.role_mappings[i].rules[j].value);
      EXPECT_EQ(found->role_mappings[i].rules[j].role_arn, put.role_mappings[i].rules[j].role_arn);
    }
  }
  EXPECT_EQ(reading<std::size_t>(*store_, [](Tables& t) { return t.pools(kAccount).size(); }), 1u);
}

TEST_P(StoreFederation, STS_22_IdentitiesOfPools) {
  const std::string pool = shop().id;
  writing(*store_, [&](Tables& t) {
    t.put(shop());
    t.put_identity(pool, "us-east-1:guest", 1);
    t.put_identity(pool, "us-east-1:one", 2);
    t.add_login(pool, "us-east-1:one", "idp.example.com", "ann");
    t.add_login(pool, "us-east-1:one", "idp.example.com", "ann");
    t.add_login(pool, "us-east-1:one", "c", "0017");
  });
  reading<bool>(*store_, [&](Tables& t) {
    EXPECT_EQ(t.identity_of(pool, "idp.example.com", "ann"), "us-east-1:one");
    EXPECT_EQ(t.identity_of(pool, "idp.example.com", "Ann"), std::nullopt);
    EXPECT_EQ(t.pool_of("us-east-1:guest"), pool);
    EXPECT_EQ(t.pool_of("us-east-1:none"), std::nullopt);
    using Login = std::pair<std::string, std::string>;
    EXPECT_THAT(t.logins_of("us-east-1:one"), ElementsAre(Login("c", "0017"), Login("idp.example.com", "ann")));
    EXPECT_THAT(t.logins_of("us-east-1:guest"), IsEmpty());
    return true;
  });
  EXPECT_EQ(fault_of(*store_, [&](Tables& t) { t.add_login(pool, "us-east-1:guest", "c", "0017"); }),
            "EntityAlreadyExists");
  EXPECT_EQ(fault_of(*store_, [&](Tables& t) { t.add_login(pool, "us-east-1:none", "c", "1"); }), "NoSuchEntity");
  EXPECT_EQ(fault_of(*store_, [&](Tables& t) { t.put_identity("no:pool", "us-east-1:x", 1); }), "NoSuchEntity");
  writing(*store_, [&](Tables& t) { t.remove_pool(pool); });
  EXPECT_EQ(reading<std::optional<std::string>>(*store_, [&](Tables& t) { return t.pool_of("us-east-1:one"); }),
            std::nullopt);
}

}  // namespace
}  // namespace gatehouse::identity::testing
