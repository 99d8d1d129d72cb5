#include <gmock/gmock.h>

#include <fstream>

#include "unit/identity/store_support.hpp"

namespace gatehouse::identity::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kAllow = R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
const std::string kTrust =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}})";
const std::string kPool = "us-east-1:12345678-1234-1234-1234-123456789012";

/// The same people as rows and as a file: whoever reads a store need not know which it is.
void put_people(Tables& t) {
  ManagedPolicy all = managed("ANPA1", "All");
  all.path = "/p/";
  all.description = "all of it";
  all.tags = {{"a", "b"}};
  t.put(all);
  t.put_version("ANPA1", {"v1", kAllow, 0, true});
  Group ops = group("AGPA1", "Ops");
  t.put(ops);
  t.attach("AGPA1", all.arn());
  t.put_inline("AGPA1", {"Own", kAllow});
  User ann = user("AIDA1", "Ann", "/team/");
  ann.boundary_arn = all.arn();
  ann.tags = {{"team", "blue"}};
  t.put(ann);
  t.add_member("AGPA1", "AIDA1");
  t.attach("AIDA1", all.arn());
  t.put(user("AIDA2", "bob"));
  AccessKey one = key("AKIAONE", "AIDA1", "secret-one");
  one.fixed_token = base::Secret("token-one");
  t.put(one);
  AccessKey off = key("AKIAOFF", "AIDA1", "secret-off");
  off.active = false;
  t.put(off);
  t.put(key("AKIAROOT", std::string(kAccount), "secret-root"));
  Role reader = role("AROA1", "Reader");
  reader.trust_policy = kTrust;
  reader.description = "reads";
  reader.max_session_seconds = 7200;
  reader.boundary_arn = all.arn();
  reader.tags = {{"k", "v"}};
  t.put(reader);
  t.put_inline("AROA1", {"Own", kAllow});
  OidcProvider idp;
  idp.account = kAccount;
  idp.url = "idp.example.com/tenant";
  idp.client_ids = {"web", "cli"};
  idp.thumbprints = {"9e99a48a9960b14926bb7f3b02e22da2b0ab7280"};
  t.put(idp);
  IdentityPool pool;
  pool.id = kPool;
  pool.account = kAccount;
  pool.name = "shop";
  pool.allow_guests = true;
  pool.authenticated_role_arn = reader.arn();
  pool.providers = {{"idp.example.com/tenant", {"web"}}};
  PoolRoleMapping rules{"idp.example.com/tenant", PoolRoleMapping::Kind::Rules, true, {}};
  rules.rules = {{"dept", PoolRoleMapping::Rule::Match::StartsWith, "a", reader.arn()}};
  pool.role_mappings = {rules};
  pool.attribute_tags = {{"sub", "username"}};
  t.put(pool);
}

const std::string kPeople = R"(accounts:
  "111122223333":
    access_keys: [{access_key_id: AKIAROOT, secret_access_key: secret-root}]
    policies:
      All: {path: /p/, description: all of it, tags: {a: b}, document: ')" +
                            kAllow + R"('}
    groups:
      Ops: {attached_policies: [all], inline_policies: {Own: ')" +
                            kAllow + R"('}}
    users:
      Ann:
        path: /team/
        tags: {team: blue}
        groups: [ops]
        permissions_boundary: All
        attached_policies: ["arn:aws:iam::111122223333:policy/p/All"]
        access_keys:
          - {access_key_id: AKIAONE, secret_access_key: secret-one, session_token: token-one}
          - {access_key_id: AKIAOFF, secret_access_key: secret-off, status: Inactive}
      bob: {}
    roles:
      Reader:
        description: reads
        max_session_duration: 7200
        permissions_boundary: All
        tags: {k: v}
        trust_policy: ')" + kTrust +
                            R"('
        inline_policies:
          Own: {Version: "2012-10-17", Statement: {Effect: Allow, Action: "*", Resource: "*"}}
    oidc_providers:
      idp.example.com/tenant:
        client_ids: [web, cli]
        thumbprints: [9e99a48a9960b14926bb7f3b02e22da2b0ab7280]
    identity_pools:
      shop:
        id: )" + kPool + R"(
        allow_unauthenticated_identities: true
        authenticated_role: Reader
        providers: {idp.example.com/tenant: [web]}
        role_mappings:
          idp.example.com/tenant:
            type: Rules
            ambiguous_role_resolution: Deny
            rules: [{claim: dept, match_type: StartsWith, value: a, role_arn: reader}]
        principal_tags: {sub: username}
)";

std::vector<Backend> all_backends() {
  std::vector<Backend> out;
  for (Backend& database : backends()) {
    database.open = [open = std::move(database.open)](const Folder& folder, bool fresh, const auto& ring,
                                                      const base::Clock& clock) {
      auto store = open(folder, fresh, ring, clock);
      writing(*store, put_people);
      return store;
    };
    out.push_back(std::move(database));
  }
  out.push_back({"Yaml", [](const Folder& folder, bool, const auto& ring, const base::Clock&) {
                   Store::Options options;
                   options.file = folder.file("identities.yaml");
                   std::ofstream(options.file) << kPeople;
                   ::chmod(options.file.c_str(), 0600);
                   auto store = Store::open(options, ring_of(ring));
                   if (!store) throw std::runtime_error(store.error().what());
                   return *store;
                 }});
  return out;
}

class StoreReads : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { store_ = GetParam().open(folder_, true, {"k1"}, base::system_clock()); }
  void reads(const std::function<void(Tables&)>& body) {
    reading<bool>(*store_, [&](Tables& t) {
      body(t);
      return true;
    });
  }
  Folder folder_;
  std::shared_ptr<Store> store_;
};
INSTANTIATE_TEST_SUITE_P(All, StoreReads, ::testing::ValuesIn(all_backends()),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_P(StoreReads, FromAKeyToWhatItMayDo) {
  reads([](Tables& t) {
    const auto key = t.key("AKIAONE");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->secret.reveal(), "secret-one");
    EXPECT_EQ(key->fixed_token.reveal(), "token-one");
    EXPECT_TRUE(key->active);
    const auto owner = t.user_by_id(key->owner);
    ASSERT_TRUE(owner);
    EXPECT_EQ(owner->arn(), "arn:aws:iam::111122223333:user/team/Ann");
    EXPECT_EQ(owner->boundary_arn, "arn:aws:iam::111122223333:policy/p/All");
    ASSERT_EQ(owner->tags.size(), 1u);
    EXPECT_EQ(owner->tags[0].key + "=" + owner->tags[0].value, "team=blue");
    EXPECT_THAT(t.attached(owner->id), ElementsAre("arn:aws:iam::111122223333:policy/p/All"));
    EXPECT_THAT(t.inline_policies(owner->id), IsEmpty());
    const auto groups = t.groups_of(owner->id);
    ASSERT_EQ(groups.size(), 1u);
    EXPECT_EQ(groups[0].name, "Ops");
    EXPECT_THAT(t.attached(groups[0].id), ElementsAre("arn:aws:iam::111122223333:policy/p/All"));
    ASSERT_EQ(t.inline_policies(groups[0].id).size(), 1u);
    EXPECT_EQ(t.inline_policies(groups[0].id)[0].document, kAllow);
    EXPECT_EQ(t.members(groups[0].id).size(), 1u);
  });
}

TEST_P(StoreReads, KeysThatAreOffAndOfRoot) {
  reads([](Tables& t) {
    EXPECT_FALSE(t.key("AKIAOFF")->active);
    EXPECT_EQ(t.key("AKIAROOT")->owner, kAccount);
    EXPECT_FALSE(t.key("AKIANONE"));
    EXPECT_EQ(t.keys_of(t.user(kAccount, "ANN")->id).size(), 2u);
    EXPECT_EQ(t.last_used("AKIAONE").when, 0);
  });
  ASSERT_TRUE(store_->note_used({{"AKIAONE", {7, "sts", "us-east-1"}}}));
  reads([](Tables& t) { EXPECT_EQ(t.last_used("AKIAONE").when, 7); });
}

TEST_P(StoreReads, Policies) {
  reads([](Tables& t) {
    const auto all = t.policy("arn:aws:iam::111122223333:policy/p/All");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->document, kAllow);
    EXPECT_EQ(all->description, "all of it");
    EXPECT_EQ(all->tags.size(), 1u);
    EXPECT_EQ(t.versions(all->id).size(), 1u);
    EXPECT_EQ(t.attachments(all->arn()), 4u);
    EXPECT_EQ(t.policies(kAccount, {"/p/", "", 10}).size(), 1u);
    EXPECT_THAT(t.policies(kAccount, {"/q/", "", 10}), IsEmpty());
  });
}

TEST_P(StoreReads, Roles) {
  reads([](Tables& t) {
    const auto reader = t.role(kAccount, "reader");
    ASSERT_TRUE(reader);
    EXPECT_EQ(t.role_by_id(reader->id)->name, "Reader");
    EXPECT_EQ(reader->trust_policy, kTrust);
    EXPECT_EQ(reader->description, "reads");
    EXPECT_EQ(reader->max_session_seconds, 7200);
    EXPECT_EQ(reader->boundary_arn, "arn:aws:iam::111122223333:policy/p/All");
    EXPECT_EQ(reader->tags.size(), 1u);
    EXPECT_EQ(t.inline_policies(reader->id).at(0).document, kAllow);
  });
}

TEST_P(StoreReads, Pages) {
  reads([](Tables& t) {
    EXPECT_EQ(t.users(kAccount, {}).size(), 2u);
    EXPECT_EQ(t.users(kAccount, {"/", "Ann", 10}).at(0).name, "bob");
    EXPECT_EQ(t.users(kAccount, {"/team/", "", 10}).size(), 1u);
    EXPECT_THAT(t.users("444455556666", {}), IsEmpty());
    EXPECT_EQ(t.groups(kAccount, {}).size(), 1u);
    EXPECT_EQ(t.roles(kAccount, {}).size(), 1u);
  });
}

TEST_P(StoreReads, Federation) {
  reads([](Tables& t) {
    const auto idp = t.provider(kAccount, "idp.example.com/tenant");
    ASSERT_TRUE(idp);
    EXPECT_THAT(idp->client_ids, ElementsAre("web", "cli"));
    EXPECT_EQ(idp->thumbprints.size(), 1u);
    const auto pool = t.pool(kPool);
    ASSERT_TRUE(pool);
    EXPECT_EQ(pool->name, "shop");
    EXPECT_TRUE(pool->allow_guests);
    EXPECT_FALSE(pool->allow_basic_flow);
    EXPECT_EQ(pool->authenticated_role_arn, "arn:aws:iam::111122223333:role/Reader");
    EXPECT_EQ(pool->unauthenticated_role_arn, "");
    ASSERT_EQ(pool->role_mappings.size(), 1u);
    EXPECT_TRUE(pool->role_mappings[0].deny_when_ambiguous);
    ASSERT_EQ(pool->role_mappings[0].rules.size(), 1u);
    EXPECT_EQ(pool->role_mappings[0].rules[0].match, PoolRoleMapping::Rule::Match::StartsWith);
    EXPECT_EQ(pool->role_mappings[0].rules[0].role_arn, "arn:aws:iam::111122223333:role/Reader");
    EXPECT_EQ(pool->providers.at(0).second.at(0), "web");
    EXPECT_EQ(pool->attribute_tags.at(0).second, "username");
  });
}

}  // namespace
}  // namespace gatehouse::identity::testing
