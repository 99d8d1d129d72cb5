#include <gmock/gmock.h>

#include "unit/identity/store_support.hpp"

namespace gatehouse::identity::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Everything that the tables promise, on every engine.
class StoreTables : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { store_ = GetParam().open(folder_, true, {"k1"}, base::system_clock()); }
  Folder folder_;
  std::shared_ptr<Store> store_;
};
INSTANTIATE_TEST_SUITE_P(All, StoreTables, ::testing::ValuesIn(backends()),
                         [](const auto& tested) { return std::string(tested.param.name); });

std::vector<std::string> names(const auto& records) {
  std::vector<std::string> out;
  for (const auto& record : records) out.push_back(record.name);
  return out;
}

TEST_P(StoreTables, KeepsAllOfAUser) {
  User ann = user("AIDAANN", "Ann", "/team/a/");
  ann.tags = {{"team", "blue"}, {"empty", ""}, {"ünïcode", "日本 'quoted' \"; --"}};
  writing(*store_, [&](Tables& t) {
    t.put(managed("ANPAEDGE", "Edge"));
    ann.boundary_arn = managed("", "Edge").arn();
    t.put(ann);
  });
  for (const auto& found : {reading<std::optional<User>>(*store_, [](Tables& t) { return t.user(kAccount, "aNN"); }),
                            reading<std::optional<User>>(*store_, [](Tables& t) { return t.user_by_id("AIDAANN"); })}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, "AIDAANN");
    EXPECT_EQ(found->account, kAccount);
    EXPECT_EQ(found->name, "Ann");
    EXPECT_EQ(found->path, "/team/a/");
    EXPECT_EQ(found->boundary_arn, "arn:aws:iam::111122223333:policy/Edge");
    EXPECT_EQ(found->created, 1'700'000'000);
    EXPECT_EQ(found->arn(), "arn:aws:iam::111122223333:user/team/a/Ann");
    ASSERT_EQ(found->tags.size(), 3u);
    EXPECT_EQ(found->tags[0].key, "team");
    EXPECT_EQ(found->tags[1].value, "");
    EXPECT_EQ(found->tags[2].key, "ünïcode");
    EXPECT_EQ(found->tags[2].value, "日本 'quoted' \"; --");
  }
}

TEST_P(StoreTables, ReplacesAUserById) {
  writing(*store_, [](Tables& t) {
    User ann = user("AIDAANN", "Ann");
    ann.tags = {{"a", "1"}, {"b", "2"}};
    t.put(ann);
    ann.name = "Anna";
    ann.path = "/new/";
    ann.tags = {{"b", "3"}};
    t.put(ann);
  });
  const auto old = reading<std::optional<User>>(*store_, [](Tables& t) { return t.user(kAccount, "Ann"); });
  EXPECT_FALSE(old);
  const auto found = reading<std::optional<User>>(*store_, [](Tables& t) { return t.user(kAccount, "Anna"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->path, "/new/");
  ASSERT_EQ(found->tags.size(), 1u);
  EXPECT_EQ(found->tags[0].value, "3");
}

TEST_P(StoreTables, NamesAreThereOnceInAnAccountWhateverTheirCase) {
  writing(*store_, [](Tables& t) {
    t.put(user("AIDA1", "Ann"));
    t.put(group("AGPA1", "Ops"));
    t.put(role("AROA1", "Reader"));
    t.put(managed("ANPA1", "Edge"));
  });
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(user("AIDA2", "ANN")); }), "EntityAlreadyExists");
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(group("AGPA2", "ops")); }), "EntityAlreadyExists");
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(role("AROA2", "reader")); }), "EntityAlreadyExists");
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(managed("ANPA2", "edge")); }), "EntityAlreadyExists");
  EXPECT_EQ(fault_of(*store_,
                     [](Tables& t) {
                       User other = user("AIDA3", "Ann");
                       other.account = "444455556666";
                       t.put(other);
                     }),
            "");
}

TEST_P(StoreTables, PagesByName) {
  writing(*store_, [](Tables& t) {
    for (const char* name : {"delta", "Alpha", "charlie", "Bravo", "_under", "echo"})
      t.put(user(std::string("AIDA") + name, name, name[0] == 'd' || name[0] == 'B' ? "/x/y/" : "/"));
    User other = user("AIDAother", "aardvark");
    other.account = "444455556666";
    t.put(other);
  });
  const auto page = [&](std::string_view after, std::size_t limit, std::string_view prefix = "/") {
    return reading<std::vector<std::string>>(*store_, [&](Tables& t) {
      return names(t.users(kAccount, {prefix, after, limit}));
    });
  };
  EXPECT_THAT(page("", 100), ElementsAre("_under", "Alpha", "Bravo", "charlie", "delta", "echo"));
  EXPECT_THAT(page("", 2), ElementsAre("_under", "Alpha"));
  EXPECT_THAT(page("Alpha", 2), ElementsAre("Bravo", "charlie"));
  EXPECT_THAT(page("delta", 2), ElementsAre("echo"));
  EXPECT_THAT(page("echo", 2), IsEmpty());
  EXPECT_THAT(page("", 0), IsEmpty());
  EXPECT_THAT(page("", 100, "/x/"), ElementsAre("Bravo", "delta"));
  EXPECT_THAT(page("", 100, "/x/y/z/"), IsEmpty());
  EXPECT_THAT(page("", 100, "/%/"), IsEmpty());  // no pattern
}

TEST_P(StoreTables, GroupsAndTheirMembers) {
  writing(*store_, [](Tables& t) {
    t.put(user("AIDA1", "ann"));
    t.put(user("AIDA2", "Bob"));
    t.put(group("AGPA1", "ops"));
    t.put(group("AGPA2", "Dev"));
    t.add_member("AGPA1", "AIDA2");
    t.add_member("AGPA1", "AIDA1");
    t.add_member("AGPA1", "AIDA1");
    t.add_member("AGPA2", "AIDA1");
  });
  const auto members = [&] {
    return reading<std::vector<std::string>>(*store_, [](Tables& t) { return names(t.members("AGPA1")); });
  };
  const auto groups = [&] {
    return reading<std::vector<std::string>>(*store_, [](Tables& t) { return names(t.groups_of("AIDA1")); });
  };
  EXPECT_THAT(members(), ElementsAre("ann", "Bob"));
  EXPECT_THAT(groups(), ElementsAre("Dev", "ops"));
  writing(*store_, [](Tables& t) {
    EXPECT_TRUE(t.remove_member("AGPA1", "AIDA2"));
    EXPECT_FALSE(t.remove_member("AGPA1", "AIDA2"));
  });
  EXPECT_THAT(members(), ElementsAre("ann"));
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.add_member("AGPA1", "AIDA9"); }), "NoSuchEntity");
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.add_member("AGPA9", "AIDA1"); }), "NoSuchEntity");
  EXPECT_EQ(fault_of(*store_,
                     [](Tables& t) {
                       User other = user("AIDA3", "cy");
                       other.account = "444455556666";
                       t.put(other);
                       t.add_member("AGPA1", "AIDA3");
                     }),
            "NoSuchEntity");
  writing(*store_, [](Tables& t) { t.remove_group("AGPA2"); });
  EXPECT_THAT(groups(), ElementsAre("ops"));
  const auto all = reading<std::vector<std::string>>(*store_, [](Tables& t) { return names(t.groups(kAccount, {})); });
  EXPECT_THAT(all, ElementsAre("ops"));
}

TEST_P(StoreTables, KeepsAllOfARole) {
  Role reader = role("AROA1", "Reader");
  reader.description = "reads";
  reader.trusted_ids = {{"arn:aws:iam::111122223333:user/ann", "AIDA1"}, {"arn:aws:iam::111122223333:role/x", "AROA9"}};
  reader.max_session_seconds = 7200;
  reader.not_before = 1'700'000'111;
  reader.created = 1'700'000'222;
  reader.tags = {{"k", "v"}};
  writing(*store_, [&](Tables& t) { t.put(reader); });
  const auto found = reading<std::optional<Role>>(*store_, [](Tables& t) { return t.role(kAccount, "READER"); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->description, "reads");
  EXPECT_EQ(found->trust_policy, reader.trust_policy);
  EXPECT_EQ(found->trusted_ids, reader.trusted_ids);
  EXPECT_EQ(found->max_session_seconds, 7200);
  EXPECT_EQ(found->not_before, 1'700'000'111);
  EXPECT_EQ(found->created, 1'700'000'222);
  ASSERT_EQ(found->tags.size(), 1u);
  EXPECT_EQ(found->tags[0].value, "v");
  writing(*store_, [](Tables& t) { t.remove_role("AROA1"); });
  EXPECT_FALSE(reading<std::optional<Role>>(*store_, [](Tables& t) { return t.role_by_id("AROA1"); }));
  EXPECT_THAT(reading<std::vector<Role>>(*store_, [](Tables& t) { return t.roles(kAccount, {}); }), IsEmpty());
}

TEST_P(StoreTables, KeysOfUsersAndOfAccounts) {
  writing(*store_, [](Tables& t) {
    t.put(user("AIDA1", "ann"));
    AccessKey second = key("AKIASECOND", "AIDA1", "second");
    second.created = 1'800'000'000;
    second.active = false;
    second.fixed_token = base::Secret("AQoDYXdzEPT//////////wEXAMPLE");
    t.put(second);
    t.put(key("AKIAFIRST", "AIDA1", "first"));
    t.put(key("AKIAROOT", std::string(kAccount), "root"));
  });
  const auto keys = reading<std::vector<AccessKey>>(*store_, [](Tables& t) { return t.keys_of("AIDA1"); });
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].id, "AKIAFIRST");
  EXPECT_EQ(keys[0].secret.reveal(), "first");
  EXPECT_TRUE(keys[0].active);
  EXPECT_TRUE(keys[0].fixed_token.empty());
  EXPECT_EQ(keys[1].id, "AKIASECOND");
  EXPECT_FALSE(keys[1].active);
  EXPECT_EQ(keys[1].fixed_token.reveal(), "AQoDYXdzEPT//////////wEXAMPLE");
  const auto root = reading<std::optional<AccessKey>>(*store_, [](Tables& t) { return t.key("AKIAROOT"); });
  ASSERT_TRUE(root);
  EXPECT_EQ(root->owner, kAccount);
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(key("AKIAX", "AIDANOBODY")); }), "NoSuchEntity");
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put(key("AKIAX", "AIDA1", "")); }), "ValidationError");
  // Ids of keys, unlike names, are case-sensitive.
  EXPECT_FALSE(reading<std::optional<AccessKey>>(*store_, [](Tables& t) { return t.key("akiaroot"); }));
  writing(*store_, [](Tables& t) { t.remove_key("AKIAFIRST"); });
  EXPECT_FALSE(reading<std::optional<AccessKey>>(*store_, [](Tables& t) { return t.key("AKIAFIRST"); }));
}

TEST_P(StoreTables, WhatHangsOnAUserGoesWithHim) {
  writing(*store_, [](Tables& t) {
    t.put(managed("ANPA1", "Edge"));
    t.put(user("AIDA1", "ann"));
    t.put(group("AGPA1", "ops"));
    t.add_member("AGPA1", "AIDA1");
    t.put(key("AKIA1", "AIDA1"));
    t.put_inline("AIDA1", {"p", "{}"});
    t.attach("AIDA1", managed("", "Edge").arn());
    t.remove_user("AIDA1");
    t.put(user("AIDA1", "ann"));
  });
  reading<bool>(*store_, [](Tables& t) {
    EXPECT_FALSE(t.key("AKIA1"));
    EXPECT_THAT(t.members("AGPA1"), IsEmpty());
    EXPECT_THAT(t.inline_policies("AIDA1"), IsEmpty());
    EXPECT_THAT(t.attached("AIDA1"), IsEmpty());
    EXPECT_EQ(t.attachments(managed("", "Edge").arn()), 0u);
    return true;
  });
}

TEST_P(StoreTables, ManagedPoliciesAndTheirVersions) {
  const std::string arn = managed("", "Edge").arn();
  writing(*store_, [&](Tables& t) {
    ManagedPolicy edge = managed("ANPA1", "Edge");
    edge.description = "of the world";
    edge.tags = {{"a", "b"}};
    t.put(edge);
    for (int i = 1; i <= 10; ++i)
      t.put_version("ANPA1", {"v" + std::to_string(i), "{\"n\":" + std::to_string(i) + "}", 1'700'000'000 + i, i == 1});
  });
  auto found = reading<std::optional<ManagedPolicy>>(*store_, [&](Tables& t) { return t.policy(arn); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->document, "{\"n\":1}");
  EXPECT_EQ(found->description, "of the world");
  EXPECT_EQ(found->tags.size(), 1u);
  EXPECT_EQ(found->updated, 1'700'000'003);
  writing(*store_, [&](Tables& t) {
    t.put_version("ANPA1", {"v11", "{\"n\":11}", 1'700'000'011, true});
    t.remove_version("ANPA1", "v5");
  });
  const auto versions = reading<std::vector<PolicyVersion>>(*store_, [](Tables& t) { return t.versions("ANPA1"); });
  ASSERT_EQ(versions.size(), 10u);
  EXPECT_EQ(versions[0].id, "v11");
  EXPECT_TRUE(versions[0].is_default);
  EXPECT_EQ(versions[1].id, "v10");
  EXPECT_FALSE(versions[1].is_default);
  EXPECT_EQ(versions[9].id, "v1");
  found = reading<std::optional<ManagedPolicy>>(*store_, [&](Tables& t) { return t.policy(arn); });
  EXPECT_EQ(found->default_version, "v11");
  EXPECT_EQ(found->document, "{\"n\":11}");
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put_version("ANPA9", {"v1", "{}", 0, true}); }), "NoSuchEntity");
  EXPECT_THAT(names(reading<std::vector<ManagedPolicy>>(*store_, [](Tables& t) { return t.policies(kAccount, {}); })),
              ElementsAre("Edge"));
}

TEST_P(StoreTables, PoliciesOfHolders) {
  const std::string edge = managed("", "Edge").arn(), other = managed("", "Other").arn();
  writing(*store_, [&](Tables& t) {
    t.put(managed("ANPA1", "Edge"));
    t.put(managed("ANPA2", "Other"));
    User ann = user("AIDA1", "ann");
    ann.boundary_arn = edge;
    t.put(ann);
    t.put(role("AROA1", "r"));
    t.put(group("AGPA1", "g"));
    for (const char* holder : {"AIDA1", "AROA1", "AGPA1"}) {
      t.attach(holder, edge);
      t.attach(holder, edge);
      t.put_inline(holder, {"B", "{\"old\":1}"});
      t.put_inline(holder, {"b", "{\"new\":1}"});
      t.put_inline(holder, {"A", std::string(10'240, 'x')});
    }
    t.attach("AIDA1", other);
  });
  reading<bool>(*store_, [&](Tables& t) {
    EXPECT_THAT(t.attached("AIDA1"), ElementsAre(edge, other));
    EXPECT_EQ(t.attachments(edge), 4u);  // three, and a boundary
    const auto inlined = t.inline_policies("AROA1");
    EXPECT_EQ(inlined.size(), 2u);
    EXPECT_EQ(inlined.at(0).name, "A");
    EXPECT_EQ(inlined.at(0).document.size(), 10'240u);
    EXPECT_EQ(inlined.at(1).name, "b");
    EXPECT_EQ(inlined.at(1).document, "{\"new\":1}");
    return true;
  });
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.remove_policy("ANPA1"); }), "DeleteConflict");
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.attach("AIDA1", "arn:aws:iam::111122223333:policy/No"); }),
            "NoSuchEntity");
  EXPECT_EQ(fault_of(*store_, [&](Tables& t) { t.attach("AIDA9", edge); }), "NoSuchEntity");
  EXPECT_EQ(fault_of(*store_, [](Tables& t) { t.put_inline("AIDA9", {"p", "{}"}); }), "NoSuchEntity");
  EXPECT_EQ(fault_of(*store_,
                     [](Tables& t) {
                       User bob = user("AIDA2", "bob");
                       bob.boundary_arn = "arn:aws:iam::111122223333:policy/No";
                       t.put(bob);
                     }),
            "NoSuchEntity");
  writing(*store_, [&](Tables& t) {
    EXPECT_TRUE(t.detach("AIDA1", other));
    EXPECT_FALSE(t.detach("AIDA1", other));
    EXPECT_TRUE(t.remove_inline("AROA1", "a"));
    EXPECT_FALSE(t.remove_inline("AROA1", "a"));
    t.remove_policy("ANPA2");
  });
  EXPECT_FALSE(reading<std::optional<ManagedPolicy>>(*store_, [&](Tables& t) { return t.policy(other); }));
}

TEST_P(StoreTables, HostileTextsFindNothingAndAreNotKept) {
  writing(*store_, [](Tables& t) {
    t.put(user("AIDA1", "ann"));
    t.put(key("AKIA1", "AIDA1"));
  });
  const std::string nul("AKIA1\0", 6);
  for (const std::string& id :
       {nul, std::string("AKIA1\xff"), std::string("\xc3"), std::string("AKIA1'--"), std::string(), std::string("%"),
        std::string("AKIA_"), std::string(1'000'000, 'A'), std::string("AKIA1 "), std::string("$1")}) {
    const auto found = reading<bool>(*store_, [&](Tables& t) {
      return t.key(id).has_value() || t.user_by_id(id).has_value() || t.user(kAccount, id).has_value() ||
             t.policy(id).has_value() || t.identity_of(id, id, id).has_value() || t.last_used(id).when != 0;
    });
    EXPECT_FALSE(found) << id.substr(0, 20);
  }
  EXPECT_EQ(fault_of(*store_, [&](Tables& t) { t.put(user("AIDA2", std::string("b\0b", 3))); }), "ValidationError");
  EXPECT_EQ(fault_of(*store_, [&](Tables& t) { t.put(user("AIDA2", "b\xff")); }), "ValidationError");
  EXPECT_EQ(fault_of(*store_, [&](Tables& t) { t.put(user("AIDA2", "'; DROP TABLE users; --")); }), "");
  EXPECT_TRUE(reading<bool>(*store_, [](Tables& t) { return t.user(kAccount, "ann").has_value(); }));
}

}  // namespace
}  // namespace gatehouse::identity::testing
