#include "identity/assume.hpp"

#include <gtest/gtest.h>

#include "identity/session.hpp"
#include "identity_world.hpp"

namespace gatehouse::identity {
namespace {

constexpr const char* kAssumeAny = R"({"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"})";
constexpr const char* kAllowAll = R"({"Effect":"Allow","Action":"*","Resource":"*"})";

/// A trust policy for one principal and these actions.
std::string trusting(const std::string& principal, const std::string& actions = R"("sts:AssumeRole")",
                     const std::string& more = "") {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")" + principal +
         R"("},"Action":[)" + actions + "]" + more + "}]}";
}
constexpr const char* kTagging = R"("sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity")";

class AssumeRole : public IdentityWorld {
 protected:
  const User ann_ = put_user(kHome, "ann");
};

TEST_F(AssumeRole, STS_1_CredentialsOfARoleThatNamesTheUser) {
  const Role role = put_role("Reader", trusting(ann_.arn()), kAllowAll);
  const auto made = assume(caller(ann_), input("Reader"));
  ASSERT_TRUE(made) << made.error().message << log_;
  EXPECT_TRUE(made->credentials.access_key_id.starts_with("ASIA"));
  EXPECT_EQ(made->credentials.access_key_id.size(), 20u);
  EXPECT_EQ(made->credentials.secret.reveal().size(), 40u);
  EXPECT_EQ(made->credentials.expires, kNow + 3600);
  EXPECT_EQ(made->role_id, role.id + ":job1");
  EXPECT_EQ(made->arn, "arn:aws:sts::111122223333:assumed-role/Reader/job1");
  EXPECT_FALSE(made->packed_percent);
  const auto who = caller(made->credentials);
  ASSERT_NE(who, nullptr);
  EXPECT_EQ(who->arn, made->arn);
  EXPECT_EQ(who->principal_arn, role.arn());
  EXPECT_EQ(who->policies.size(), 1u);
}

TEST_F(AssumeRole, STS_2_TheAccountDelegatesToIdentityPolicies) {
  put_role("Reader", trusting("arn:aws:iam::111122223333:root"));
  EXPECT_EQ(code(assume(caller(ann_), input("Reader"))), "AccessDenied");
  EXPECT_EQ(code(assume(caller(put_user(kHome, "bob", kAssumeAny)), input("Reader"))), "");
}

TEST_F(AssumeRole, STS_3_AcrossAccountsBothSidesMustAllow) {
  const User alone = put_user(kAway, "alone"), both = put_user(kAway, "both", kAssumeAny),
             stranger = put_user(kAway, "stranger", kAssumeAny);
  put_role("One", trusting(alone.arn()));
  put_role("Two", trusting(both.arn()));
  EXPECT_EQ(code(assume(caller(alone), input("One"))), "AccessDenied");
  EXPECT_EQ(code(assume(caller(stranger), input("Two"))), "AccessDenied");
  EXPECT_EQ(code(assume(caller(both), input("Two"))), "");
}

TEST_F(AssumeRole, STS_4_5_ARoleThatIsNotThereIsRefusedAsOneThatDenies) {
  const User bob = put_user(kHome, "bob", kAllowAll);
  put_role("Denies", R"({"Version":"2012-10-17","Statement":[)"
                     R"({"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"},)"
                     R"({"Effect":"Deny","Principal":{"AWS":")" +
                         bob.arn() + R"("},"Action":"sts:AssumeRole"}]})");
  put_role("Silent", trusting(ann_.arn()));
  const auto denied = assume(caller(bob), input("Denies"));
  EXPECT_EQ(message(denied), "User: " + bob.arn() +
                                 " is not authorized to perform: sts:AssumeRole on resource: "
                                 "arn:aws:iam::111122223333:role/Denies");
  std::string text = message(denied);
  text.replace(text.find("Denies"), 6, "Silent");
  EXPECT_EQ(message(assume(caller(bob), input("Silent"))), text);
  text.replace(text.find("Silent"), 6, "Absent");
  const auto missing = assume(caller(bob), input("Absent"));
  EXPECT_EQ(code(missing), "AccessDenied");
  EXPECT_EQ(message(missing), text);
  EXPECT_EQ(log_, "there is no such role");
  // Nor does anything else that is asked for tell them apart.
  AssumeInput asks = input("Absent");
  asks.duration_seconds = 43'200;
  asks.policy_arns = {"arn:aws:iam::111122223333:policy/none"};
  EXPECT_EQ(message(assume(caller(bob), asks)), text);
}

TEST_F(AssumeRole, ARoleGoesByItsWholeArn) {
  put_role("Reader", trusting(ann_.arn()));
  for (const char* other : {"reader", "ops/Reader", "Reader/"}) {
    const auto made = assume(caller(ann_), input(other));
    EXPECT_FALSE(made) << other;
  }
  for (const char* arn : {"arn:aws:iam::111122223333:user/Reader", "arn:aws:iam::11112222333:role/Reader",
                          "foo-bar-baz-something", "arn:aws:sts::111122223333:role/Reader"}) {
    AssumeInput in = input("Reader");
    in.role_arn = arn;
    EXPECT_EQ(code(assume(caller(ann_), in)), "ValidationError") << arn;
  }
}

TEST_F(AssumeRole, STS_6_ExternalId) {
  put_role("Reader",
           trusting(ann_.arn(), R"("sts:AssumeRole")", R"(,"Condition":{"StringEquals":{"sts:ExternalId":"k-1"}})"));
  AssumeInput in = input("Reader");
  EXPECT_EQ(code(assume(caller(ann_), in)), "AccessDenied");
  in.external_id = "k-2";
  EXPECT_EQ(code(assume(caller(ann_), in)), "AccessDenied");
  in.external_id = "k-1";
  EXPECT_EQ(code(assume(caller(ann_), in)), "");
}

TEST_F(AssumeRole, STS_7_Durations) {
  Role role = put_role("Reader", trusting(ann_.arn()));
  const auto asking = [&](std::int64_t seconds) {
    AssumeInput in = input("Reader");
    in.duration_seconds = seconds;
    return code(assume(caller(ann_), in));
  };
  EXPECT_EQ(asking(899), "ValidationError");
  EXPECT_EQ(asking(900), "");
  EXPECT_EQ(asking(3600), "");
  EXPECT_EQ(asking(3601), "ValidationError");
  role.max_session_seconds = 43'200;
  put(role);
  EXPECT_EQ(asking(43'200), "");
  EXPECT_EQ(asking(43'201), "ValidationError");
}

TEST_F(AssumeRole, STS_8_AChainedSessionLastsAnHour) {
  const Role first = put_role("First", trusting(ann_.arn()));
  Role second = put_role("Second", trusting(first.arn()));
  second.max_session_seconds = 43'200;
  put(second);
  const auto made = assume(caller(ann_), input("First"));
  ASSERT_TRUE(made);
  const auto chained = caller(made->credentials);
  AssumeInput in = input("Second");
  in.duration_seconds = 3601;
  EXPECT_EQ(code(assume(chained, in)), "ValidationError");
  in.duration_seconds = 3600;
  const auto next = assume(chained, in);
  ASSERT_TRUE(next) << next.error().message << log_;
  const auto session =
      open_session(next->credentials.session_token.reveal(), next->credentials.access_key_id, store_->ring());
  ASSERT_TRUE(session);
  EXPECT_TRUE(session->chained);
}

TEST_F(AssumeRole, STS_9_SessionPolicies) {
  put_role("Reader", trusting(ann_.arn()), kAllowAll);
  ManagedPolicy managed;
  managed.id = new_id("ANPA", random_);
  managed.account = kHome;
  managed.name = "get-only";
  managed.document = document(R"({"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"})");
  ManagedPolicy foreign = managed;
  foreign.id = new_id("ANPA", random_);
  foreign.account = kAway;
  write([&](Tables& tables) {
    for (const ManagedPolicy& one : {managed, foreign}) {
      tables.put(one);
      tables.put_version(one.id, {"v1", one.document, kNow, true});
    }
  });
  AssumeInput in = input("Reader");
  in.policy = "{ \"Version\" : \"2012-10-17\",\n \"Statement\" : [" + std::string(kAllowAll) + "] }";
  in.policy_arns = {managed.arn()};
  const auto made = assume(caller(ann_), in);
  ASSERT_TRUE(made) << made.error().message << log_;
  ASSERT_TRUE(made->packed_percent);
  EXPECT_GT(*made->packed_percent, 0);
  EXPECT_LT(*made->packed_percent, 20);
  const auto who = caller(made->credentials);
  ASSERT_NE(who, nullptr);
  EXPECT_TRUE(who->has_session_policy);
  EXPECT_TRUE(who->sound) << who->unsound_why;
  EXPECT_EQ(std::count_if(who->policies.begin(), who->policies.end(),
                          [](const auto& one) { return one.role == access::PolicyRole::Session; }),
            2);
  for (const std::string& arn : {foreign.arn(), std::string("arn:aws:iam::111122223333:policy/none")}) {
    in.policy_arns = {arn};
    EXPECT_EQ(code(assume(caller(ann_), in)), "ValidationError") << arn;
  }
  in.policy_arns.clear();
  for (const char* bad :
       {"{", "{}", R"({"Version":"2012-10-17","Statement":[{"Effect":"Permit"}]})",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]})"}) {
    in.policy = bad;
    EXPECT_EQ(code(assume(caller(ann_), in)), "MalformedPolicyDocument") << bad;
  }
}

TEST_F(AssumeRole, STS_10_SizesOfPolicies) {
  put_role("Reader", trusting(ann_.arn()));
  AssumeInput in = input("Reader");
  std::string policy = document(kAllowAll);
  policy.append(2048 - policy.size(), ' ');
  in.policy = policy;
  EXPECT_EQ(code(assume(caller(ann_), in)), "");
  in.policy = policy + " ";
  EXPECT_EQ(code(assume(caller(ann_), in)), "ValidationError");
  in.policy = policy;
  in.policy_arns = {"arn:aws:iam::111122223333:policy/p"};
  EXPECT_EQ(code(assume(caller(ann_), in)), "ValidationError") << "they are counted together";
}

TEST_F(AssumeRole, PackedSize) {
  put_role("Reader", trusting(ann_.arn(), kTagging));
  AssumeInput in = input("Reader");
  for (int i = 0; i < 8; ++i) in.tags.push_back({"key" + std::to_string(i), std::string(249, 'v')});
  const auto fits = assume(caller(ann_), in);
  ASSERT_TRUE(fits) << fits.error().message << log_;
  EXPECT_EQ(fits->packed_percent, 100);
  EXPECT_LE(fits->credentials.session_token.reveal().size(), kMaxTokenBytes);
  in.tags.push_back({"one", "more"});
  const auto over = assume(caller(ann_), in);
  EXPECT_EQ(code(over), "PackedPolicyTooLarge");
}

TEST_F(AssumeRole, STS_11_TagsNeedTagSession) {
  put_role("Plain", trusting(ann_.arn()));
  put_role("Tagged", trusting(ann_.arn(), kTagging,
                              R"(,"Condition":{"StringEquals":{"aws:RequestTag/team":"blue"},)"
                              R"("ForAllValues:StringEquals":{"aws:TagKeys":["team"]}})"));
  AssumeInput in = input("Plain");
  in.tags = {{"team", "blue"}};
  const auto refused = assume(caller(ann_), in);
  EXPECT_EQ(code(refused), "AccessDenied");
  EXPECT_NE(message(refused).find("not authorized to perform: sts:TagSession"), std::string::npos);
  in.role_arn = input("Tagged").role_arn;
  const auto made = assume(caller(ann_), in);
  ASSERT_TRUE(made) << made.error().message << log_;
  const auto who = caller(made->credentials);
  ASSERT_NE(who, nullptr);
  ASSERT_NE(who->find("aws:principaltag/team"), nullptr);
  in.tags = {{"team", "red"}};
  EXPECT_EQ(code(assume(caller(ann_), in)), "AccessDenied");
  in.tags = {{"team", "blue"}, {"other", "x"}};
  EXPECT_EQ(code(assume(caller(ann_), in)), "AccessDenied");
}

TEST_F(AssumeRole, TagsThatCannotBe) {
  put_role("Reader", trusting(ann_.arn(), kTagging));
  struct Row {
    std::vector<Tag> tags;
    std::vector<std::string> transitive;
    const char* code;
  };
  const Row rows[] = {
      {{{"a", "1"}, {"A", "2"}}, {}, "InvalidParameterValue"},
      {{{"aws:x", "1"}}, {}, "InvalidParameterValue"},
      {{{"a", "1"}}, {"b"}, "InvalidParameterValue"},
      {{{"a", "1"}}, {"A"}, ""},
      {{{"", "1"}}, {}, "ValidationError"},
      {{{"a<b", "1"}}, {}, "ValidationError"},
      {{{std::string(129, 'k'), "1"}}, {}, "ValidationError"},
      {{{"a", std::string(257, 'v')}}, {}, "ValidationError"},
      {{{"a", ""}}, {}, ""},
      {{{"Größe", "über"}}, {}, ""},
      {std::vector<Tag>(51, Tag{"a", "b"}), {}, "ValidationError"},
  };
  for (const Row& row : rows) {
    AssumeInput in = input("Reader");
    in.tags = row.tags;
    in.transitive_tag_keys = row.transitive;
    const auto made = assume(caller(ann_), in);
    EXPECT_EQ(code(made), row.code) << row.tags.front().key << ": " << message(made) << log_;
  }
}

TEST_F(AssumeRole, STS_31_TransitiveTagsAreInheritedAndStay) {
  const Role first = put_role("First", trusting(ann_.arn(), kTagging));
  put_role("Second",
           trusting(first.arn(), kTagging, R"(,"Condition":{"StringEquals":{"aws:RequestTag/team":"blue"}})"));
  put_role("Plain", trusting(first.arn()));
  AssumeInput in = input("First");
  in.tags = {{"Team", "blue"}, {"seat", "1"}};
  in.transitive_tag_keys = {"team"};
  const auto made = assume(caller(ann_), in);
  ASSERT_TRUE(made) << made.error().message << log_;
  const auto session = caller(made->credentials);
  in = input("Second");
  in.tags = {{"TEAM", "red"}};
  EXPECT_EQ(code(assume(session, in)), "InvalidParameterValue");
  in.tags = {};
  const auto next = assume(session, in);
  ASSERT_TRUE(next) << next.error().message << log_;
  const auto opened =
      open_session(next->credentials.session_token.reveal(), next->credentials.access_key_id, store_->ring());
  ASSERT_TRUE(opened);
  ASSERT_EQ(opened->tags.size(), 1u);
  EXPECT_EQ(opened->tags[0].value, "blue");
  EXPECT_EQ(opened->transitive_tag_keys, std::vector<std::string>{"Team"});
  // The tag is passed whether or not it is asked for: the next role has to allow that.
  EXPECT_EQ(code(assume(session, input("Plain"))), "AccessDenied");
}

TEST_F(AssumeRole, SourceIdentityNeedsItsActionAndSticks) {
  const Role first = put_role("First", trusting(ann_.arn(), kTagging));
  put_role("Second", trusting(first.arn(), kTagging));
  put_role("Plain", trusting(first.arn()));
  AssumeInput in = input("First");
  in.source_identity = "ann";
  const auto made = assume(caller(ann_), in);
  ASSERT_TRUE(made) << made.error().message << log_;
  EXPECT_EQ(made->source_identity, "ann");
  const auto session = caller(made->credentials);
  ASSERT_NE(session->find("aws:sourceidentity"), nullptr);
  EXPECT_EQ(code(assume(session, input("Plain"))), "AccessDenied");
  const auto next = assume(session, input("Second"));
  ASSERT_TRUE(next) << next.error().message << log_;
  EXPECT_EQ(next->source_identity, "ann");
  in = input("Second");
  in.source_identity = "bob";
  EXPECT_EQ(code(assume(session, in)), "AccessDenied");
}

TEST_F(AssumeRole, STS_20_ASessionEndsWithItsRole) {
  Role role = put_role("Reader", trusting(ann_.arn()));
  const auto made = assume(caller(ann_), input("Reader"));
  ASSERT_TRUE(made);
  const auto& id = made->credentials.access_key_id;
  const auto token = made->credentials.session_token.reveal();
  role.not_before = kNow + 1;
  put(role);
  known(id, token, KeyStatus::BadToken);
  role.not_before = 0;
  put(role);
  known(id, token, KeyStatus::Ok);
  known(id, token, KeyStatus::Expired, kNow + 3600);
  write([&](Tables& tables) { tables.remove_role(role.id); });
  known(id, token, KeyStatus::BadToken);
  put_role("Reader", trusting(ann_.arn()));
  known(id, token, KeyStatus::BadToken);
}

TEST_F(AssumeRole, STS_21_AUserMadeAnewIsAnother) {
  Role role = put_role("Reader", trusting(ann_.arn()));
  role.trusted_ids = {{ann_.arn(), ann_.id}};
  put(role);
  EXPECT_EQ(code(assume(caller(ann_), input("Reader"))), "");
  write([&](Tables& tables) {
    for (const AccessKey& key : tables.keys_of(ann_.id)) tables.remove_key(key.id);
    tables.remove_user(ann_.id);
  });
  EXPECT_EQ(code(assume(caller(put_user(kHome, "ann", kAssumeAny)), input("Reader"))), "AccessDenied");
}

TEST_F(AssumeRole, STS_30_RootAssumesNoRole) {
  put_role("Reader", trusting("111122223333"));
  const auto refused = assume(key_of(kHome), input("Reader"));
  EXPECT_EQ(code(refused), "AccessDenied");
  EXPECT_EQ(message(refused), "Roles may not be assumed by root accounts.");
}

TEST_F(AssumeRole, ParametersThatBreakTheirRulesAreAllTold) {
  AssumeInput in;
  in.role_arn = "x";
  in.session_name = "a b";
  in.duration_seconds = 1;
  in.external_id = "y";
  const auto refused = assume(caller(ann_), in);
  EXPECT_EQ(code(refused), "ValidationError");
  EXPECT_EQ(message(refused),
            "4 validation errors detected: Value 'x' at 'roleArn' failed to satisfy constraint: Member must have "
            "length greater than or equal to 20; Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member "
            "must satisfy regular expression pattern: [\\w+=,.@-]*; Value '1' at 'durationSeconds' failed to satisfy "
            "constraint: Member must have value greater than or equal to 900; Value 'y' at 'externalId' failed to "
            "satisfy constraint: Member must have length greater than or equal to 2");
  EXPECT_EQ(message(assume(caller(ann_), AssumeInput{})),
            "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be "
            "null; Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null");
}

TEST_F(AssumeRole, NoMfaDeviceIsKnown) {
  put_role("Reader", trusting(ann_.arn()));
  AssumeInput in = input("Reader");
  in.serial_number = "arn:aws:iam::111122223333:mfa/ann";
  EXPECT_EQ(code(assume(caller(ann_), in)), "ValidationError");
  in.token_code = "123456";
  EXPECT_EQ(code(assume(caller(ann_), in)), "AccessDenied");
  in.token_code = "12345x";
  EXPECT_EQ(code(assume(caller(ann_), in)), "ValidationError");
}

class SessionToken : public AssumeRole {
 protected:
  Outcome<TemporaryCredentials> token(const std::shared_ptr<const access::KnownCaller>& who,
                                      std::optional<std::int64_t> seconds = std::nullopt) {
    AssumeInput in;
    in.duration_seconds = seconds;
    return session_token(store_->ring(), random_, facts(who.get()), in);
  }
};

TEST_F(SessionToken, KeepsWhoTheCallerIs) {
  const auto made = token(caller(ann_));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->expires, kNow + 43'200);
  const auto who = caller(*made);
  ASSERT_NE(who, nullptr);
  EXPECT_EQ(who->arn, ann_.arn());
  EXPECT_EQ(who->user_id, ann_.id);
  EXPECT_TRUE(who->from_session_token);
}

TEST_F(SessionToken, Durations) {
  const auto ann = caller(ann_), root = key_of(kHome);
  EXPECT_EQ(code(token(ann, 899)), "ValidationError");
  EXPECT_EQ(code(token(ann, 129'601)), "ValidationError");
  EXPECT_EQ(token(ann, 129'600)->expires, kNow + 129'600);
  EXPECT_EQ(token(ann, 900)->expires, kNow + 900);
  EXPECT_EQ(token(root)->expires, kNow + 3600);
  EXPECT_EQ(token(root, 7200)->expires, kNow + 3600) << "root has an hour, whatever he asks";
  EXPECT_EQ(token(root, 900)->expires, kNow + 900);
}

TEST_F(SessionToken, STS_14_15_SessionsGetNone) {
  put_role("Reader", trusting(ann_.arn()));
  const auto made = token(caller(ann_));
  ASSERT_TRUE(made);
  const auto session = caller(*made);
  EXPECT_EQ(code(token(session)), "AccessDenied");
  const auto assumed = assume(session, input("Reader"));
  ASSERT_TRUE(assumed) << assumed.error().message << log_;
  EXPECT_EQ(code(token(caller(assumed->credentials))), "AccessDenied");
  EXPECT_EQ(code(token(caller(*token(key_of(kHome))))), "AccessDenied");
}

}  // namespace
}  // namespace gatehouse::identity
