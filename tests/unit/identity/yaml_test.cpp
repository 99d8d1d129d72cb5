#include <gmock/gmock.h>

#include <fstream>

#include "identity/store.hpp"
#include "unit/identity/store_support.hpp"

namespace gatehouse::identity::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kOneUser = R"(accounts:
  "111122223333":
    users:
      ann:
        access_keys: [{access_key_id: AKIAANN, secret_access_key: open-sesame}]
)";

class Yaml : public ::testing::Test {
 protected:
  void write(const std::string& text, mode_t mode = 0600, const std::string& name = "identities.yaml") {
    const std::string path = folder_.file(name);
    // As editors do: another file in the place of the first.
    std::ofstream(path + ".new") << text;
    ASSERT_EQ(::chmod((path + ".new").c_str(), mode), 0);
    std::filesystem::rename(path + ".new", path);
  }
  Result<std::shared_ptr<Store>> open() {
    Store::Options options;
    options.file = folder_.file("identities.yaml");
    return Store::open(options, KeyRing());
  }
  std::string faults(const std::string& text, mode_t mode = 0600) {
    write(text, mode);
    const auto store = open();
    return store ? std::string() : store.error().what();
  }
  static std::string id_of(Store& store, const std::string& name) {
    return reading<std::string>(store, [&](Tables& t) {
      const auto user = t.user(kAccount, name);
      return user ? user->id : std::string();
    });
  }
  Folder folder_;
};

std::string in_account(const std::string& text) {
  return "accounts:\n  \"111122223333\":\n    " + text + "\n";
}
std::string in_user(const std::string& text) {
  return in_account("users:\n      ann:\n        " + text);
}

TEST_F(Yaml, TellsEachFaultWithItsPlace) {
  struct Case {
    std::string text, fault;
  };
  const Case cases[] = {
      {"", "the file is empty"},
      {"users: {}", "unknown key `users`"},
      {"accounts: {}", "is an empty map"},
      {"accounts: {\"12\": {}}", "takes twelve digits"},
      {in_account("user: {}"), "did you mean `users`?"},
      {in_user("pat: /"), "identities.yaml:5:9: unknown key `pat` in a user, did you mean `path`?"},
      {in_user("path: team"), "must begin and end with `/`"},
      {in_user("path: /a b/"), "printable ASCII"},
      {in_account("users: {\"a b\": {}}"), "takes letters, digits"},
      {in_account("users: {" + std::string(65, 'a') + ": {}}"), "takes 1 to 64 characters"},
      {in_account("users: {ann: {}, ann: {}}"), "duplicate key `ann`"},
      {in_account("users: {ann: {}, Ann: {}}"), "User with name Ann already exists"},
      {in_user("groups: [nobody]"), "there is no group `nobody`"},
      {in_user("attached_policies: [None]"), "Policy None does not exist"},
      {in_user("permissions_boundary: None"), "Policy None does not exist"},
      {in_user("tags: {a: x, A: y}"), "the same but for their case"},
      {in_user("access_keys: [{access_key_id: AKIAX}]"), "`secret_access_key` is missing"},
      {in_user("access_keys: [{secret_access_key: x}]"), "`access_key_id` is missing"},
      {in_user("access_keys: [{access_key_id: ASIAX, secret_access_key: x}]"), "temporary credentials"},
      {in_user("access_keys: [{access_key_id: A-B, secret_access_key: x}]"), "letters, digits and `_`"},
      {in_user("access_keys: [{access_key_id: A, secret_access_key: ''}]"), "is empty"},
      {in_user("access_keys: [{access_key_id: A, secret_access_key: x, status: Off}]"), "`Active`"},
      {in_user("access_keys: [{access_key_id: A, secret_access_key: x}, {access_key_id: A, secret_access_key: y}]"),
       "access key `A` stands at"},
      {in_user("access_keys: [{access_key_id: A, secret_access_key: x}, {access_key_id: B, secret_access_key: y}, "
               "{access_key_id: C, secret_access_key: z}]"),
       "more than two access keys"},
      {in_user("access_keys: [{access_key_id: A, secret_access_key: \"${env:GATEHOUSE_NOT_SET}\"}]"), "is not set"},
      {in_user("inline_policies: {p: {Version: \"2012-10-17\", Statement: [{Effect: Permit, Action: '*', Resource: "
               "'*'}]}}"),
       "/Statement/0/Effect"},
      {in_user("inline_policies: {p: '{\"Version\":'}"), "policy `p`"},
      {in_user("inline_policies: {p: [1]}"), "takes a policy, as a map or as JSON text"},
      {in_user("inline_policies: {p: {Version: \"2012-10-17\", Statement: }}"), "no place for nothing"},
      {in_account("roles: {r: {}}"), "`trust_policy` is missing"},
      {in_account("roles: {r: {trust_policy: {Version: \"2012-10-17\", Statement: {Effect: Allow, Principal: '*', "
                  "Action: 'sts:AssumeRole'}}}}"),
       "lets everybody assume the role"},
      {in_account("roles: {r: {trust_policy: {Version: \"2012-10-17\", Statement: {Effect: Allow, "
                  "Principal: {AWS: 'arn:aws:iam::111122223333:user/nobody'}, Action: 'sts:AssumeRole'}}}}"),
       "identities.yaml:3:31: `trust_policy`: Invalid principal in policy"},
      {in_account("oidc_providers: {idp: {client_ids: [a]}}\n    roles: {r: {trust_policy: {Version: \"2012-10-17\", "
                  "Statement: {Effect: Allow, Principal: {Federated: 'arn:aws:iam::111122223333:oidc-provider/idp'}, "
                  "Action: 'sts:AssumeRoleWithWebIdentity'}}}}"),
       "lets in whomever `idp` vouches for"},
      {in_account("roles: {r: {max_session_duration: 899, trust_policy: {}}}"), "from 3600 to 43200"},
      {in_account("oidc_providers: {\"https://idp\": {client_ids: [a]}}"), "without its scheme"},
      {in_account("oidc_providers: {idp: {client_ids: []}}"), "is an empty list"},
      {in_account("identity_pools: {p: {id: x}}"), "takes `region:uuid`"},
      {"accounts: &a {}", "anchor"},
      {"\xff", "UTF-8"},
  };
  for (const Case& one : cases) {
    const std::string told = faults(one.text);
    EXPECT_THAT(told, HasSubstr(one.fault)) << one.text;
    EXPECT_THAT(told, HasSubstr("identities.yaml")) << one.text;
  }
}

TEST_F(Yaml, TellsAllFaultsAtOnce) {
  const std::string told = faults(in_account("users: {a: {pat: /}, b: {path: x}}\n    group: {}"));
  EXPECT_THAT(told, HasSubstr("`pat`"));
  EXPECT_THAT(told, HasSubstr("must begin and end"));
  EXPECT_THAT(told, HasSubstr("`group`"));
}

TEST_F(Yaml, APolicysFaultStandsAtItsLine) {
  const std::string told = faults(in_user(R"(inline_policies:
          p:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: "*"
                Resource: "*"
              - Effect: Allow
                Action: "*"
                Resource: "*"
                Condition:
                  StringLik: {a: b})"));
  EXPECT_THAT(told, HasSubstr("identities.yaml:16:"));
}

TEST_F(Yaml, RefusesSecretsThatEverybodyCanRead) {
  EXPECT_THAT(faults(kOneUser, 0644), HasSubstr("chmod o-r"));
  EXPECT_EQ(faults(kOneUser, 0640), "");
  const std::string from_file = in_user("access_keys: [{access_key_id: A, secret_access_key: \"${file:secret}\"}]");
  write("open-sesame\n", 0644, "secret");
  EXPECT_THAT(faults(from_file, 0644), HasSubstr("secret`, which holds this secret, can be read by everybody"));
  write("open-sesame\n", 0600, "secret");
  EXPECT_EQ(faults(from_file, 0644), "");
  ::setenv("GATEHOUSE_TEST_SECRET", "open-sesame", 1);
  EXPECT_EQ(
      faults(in_user("access_keys: [{access_key_id: A, secret_access_key: \"${env:GATEHOUSE_TEST_SECRET}\"}]"), 0644),
      "");
  ::unsetenv("GATEHOUSE_TEST_SECRET");
  EXPECT_EQ(faults(in_user("path: /"), 0644), "");  // no secret, nothing to hide
}

TEST_F(Yaml, MessagesShowNoSecret) {
  for (const std::string& text :
       {in_user("access_keys: [{access_key_id: A, secret_access_key: [sesame]}]"),
        in_user("access_keys: [{access_key_id: A, secret_access_key: {sesame: 1}}]"),
        in_user("access_keys: [{access_key_id: A, secret_access_key: \"se same\"}]"),
        in_user("access_keys: [{access_key_id: A, secret_access_key: sesame" + std::string(5000, 'x') + "}]")}) {
    const std::string told = faults(text);
    EXPECT_THAT(told, Not(::testing::IsEmpty()));
    EXPECT_THAT(told, Not(HasSubstr("sesame"))) << told;
  }
}

TEST_F(Yaml, CannotBeWrittenTo) {
  write(kOneUser);
  const auto store = open().value();
  EXPECT_FALSE(store->writable());
  EXPECT_EQ(fault_of(*store, [](Tables& t) { t.put(user("AIDA1", "bob")); }), "ReadOnly");
  const auto out = store->read<bool>([](Tables& t) -> Outcome<bool> {
    t.put(user("AIDA1", "bob"));
    return true;
  });
  EXPECT_FALSE(out);
  EXPECT_EQ(id_of(*store, "bob"), "");
  EXPECT_EQ(store->reseal().value(), 0u);
  EXPECT_EQ(store->name(), "file:" + folder_.file("identities.yaml"));
}

TEST_F(Yaml, IdsStayAsLongAsNamesDo) {
  write(kOneUser);
  const std::string first = id_of(*open().value(), "ann");
  EXPECT_THAT(first, ::testing::MatchesRegex("AIDA[A-Z2-7]*"));
  EXPECT_EQ(first.size(), 21u);
  EXPECT_EQ(first, id_of(*open().value(), "ann"));
  write(in_account("users: {bob: {}, ann: {tags: {a: b}}}"));
  const auto store = open().value();
  EXPECT_EQ(id_of(*store, "ann"), first);
  EXPECT_NE(id_of(*store, "bob"), first);
  write(in_account("users: {ann: {path: /new/}}"));
  EXPECT_NE(id_of(*open().value(), "ann"), first);
}

TEST_F(Yaml, IsReadAgainWhenItChanges) {
  write(kOneUser);
  const auto store = open().value();
  const auto first = store->version().value();
  EXPECT_EQ(store->version().value(), first);
  write(in_account("users: {bob: {}}"));
  const auto second = store->version().value();
  EXPECT_GT(second, first);
  EXPECT_EQ(id_of(*store, "ann"), "");
  EXPECT_NE(id_of(*store, "bob"), "");
}

TEST_F(Yaml, WhatHasBecomeWrongKeepsWhatWasReadBefore) {
  write(kOneUser);
  const auto store = open().value();
  const auto first = store->version().value();
  for (const std::string& text : {std::string("accounts: ["), in_user("pat: /"), std::string()}) {
    write(text);
    EXPECT_EQ(store->version().value(), first) << text;
    EXPECT_NE(id_of(*store, "ann"), "");
  }
  write(kOneUser, 0644);  // now everybody can read the secret
  EXPECT_EQ(store->version().value(), first);
  write(in_account("users: {bob: {}}"));
  EXPECT_GT(store->version().value(), first);
  EXPECT_NE(id_of(*store, "bob"), "");
}

// Whoever asks for the version every quarter of a second knows nobody once that has failed for a while.
TEST_F(Yaml, AFileThatIsGoneIsAStoreThatIsLost) {
  write(kOneUser);
  const auto store = open().value();
  const auto first = store->version().value();
  std::filesystem::remove(folder_.file("identities.yaml"));
  const auto gone = store->version();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, "ServiceFailure");
  EXPECT_NE(gone.error().message.find("is not there any more"), std::string::npos);
  write(kOneUser);
  EXPECT_GT(store->version().value(), first);
}

TEST_F(Yaml, SeesWhatItIncludesAndSecretsOfFiles) {
  write("include: [more.yaml]\n" + in_account("users: {ann: {}}"));
  write(
      "accounts:\n  \"444455556666\":\n    users:\n      bob:\n        access_keys:\n          - {access_key_id: "
      "AKIABOB, "
      "secret_access_key: \"${file:secret}\"}\n",
      0600, "more.yaml");
  write("one", 0600, "secret");
  const auto store = open().value();
  const auto secret = [&] {
    return reading<std::string>(*store, [](Tables& t) { return std::string(t.key("AKIABOB")->secret.reveal()); });
  };
  EXPECT_EQ(secret(), "one");
  const auto first = store->version().value();
  write("two", 0600, "secret");
  EXPECT_GT(store->version().value(), first);
  EXPECT_EQ(secret(), "two");
  write("accounts: {\"444455556666\": {}}", 0600, "more.yaml");
  store->version();
  EXPECT_FALSE(reading<bool>(*store, [](Tables& t) { return t.key("AKIABOB").has_value(); }));
}

TEST_F(Yaml, STS_21_BindsRolesToWhomTheyTrustWhereverTheyStand) {
  write(in_account(R"(roles:
      a: {trust_policy: {Version: "2012-10-17", Statement: {Effect: Allow, Action: "sts:AssumeRole",
          Principal: {AWS: ["arn:aws:iam::111122223333:role/b", "arn:aws:iam::444455556666:user/bob"]}}}}
      b: {trust_policy: {Version: "2012-10-17", Statement: {Effect: Allow, Action: "sts:AssumeRole",
          Principal: {AWS: "111122223333"}}}}
  "444455556666":
    users: {bob: {}})"));
  const auto store = open();
  ASSERT_TRUE(store) << store.error().what();
  reading<bool>(**store, [](Tables& t) {
    using Bound = std::pair<std::string, std::string>;
    EXPECT_THAT(t.role(kAccount, "a")->trusted_ids,
                ::testing::ElementsAre(Bound("arn:aws:iam::111122223333:role/b", t.role(kAccount, "b")->id),
                                       Bound("arn:aws:iam::444455556666:user/bob", t.user("444455556666", "bob")->id)));
    EXPECT_TRUE(t.role(kAccount, "b")->trusted_ids.empty());
    return true;
  });
}

TEST_F(Yaml, TheExampleLoads) {
  ::setenv("ANN_SECRET", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 1);
  Store::Options options;
  options.file = std::string(GATEHOUSE_SOURCE) + "/config/examples/identities/identities.yaml";
  const auto store = Store::open(options, KeyRing());
  ::unsetenv("ANN_SECRET");
  ASSERT_TRUE(store) << store.error().what();
  EXPECT_TRUE(reading<bool>(**store, [](Tables& t) {
    return t.key("AKIAIOSFODNN7EXAMPLE").has_value() && t.role(kAccount, "Visitor").has_value() &&
           t.inline_policies(t.user(kAccount, "ann")->id).at(0).document.find("${aws:username}") != std::string::npos;
  }));
}

}  // namespace
}  // namespace gatehouse::identity::testing
