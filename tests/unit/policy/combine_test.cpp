#include "policy/combine.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "support.hpp"

namespace gatehouse::policy {
namespace {

using test::policy;

const std::string kWhat = "'Action':'execute-api:Invoke','Resource':'*'";
constexpr const char* kOwner = "111122223333";
constexpr const char* kUser = "arn:aws:iam::111122223333:user/alice";
constexpr const char* kSession = "arn:aws:sts::111122223333:assumed-role/Reader/s1";
constexpr const char* kFederated = "arn:aws:sts::111122223333:federated-user/fred";
constexpr const char* kForeign = "arn:aws:iam::444455556666:user/eve";
constexpr const char* kForeignSession = "arn:aws:sts::444455556666:assumed-role/Partner/s2";

/// `A`llow, `D`eny, `N`othing said; `-`: no such policy.
std::unique_ptr<Policy> say(char what, Kind kind, const std::string& principal = "'*'") {
  if (what == '-') return nullptr;
  const bool has_principal = kind == Kind::Resource || kind == Kind::Endpoint;
  const std::string who = has_principal ? ",'Principal':" + principal : "";
  const std::string effect = what == 'D' ? "Deny" : "Allow";
  const std::string elements = what == 'N' ? "'Action':'s3:GetObject','Resource':'*'" : kWhat;
  return std::make_unique<Policy>(
      policy("{'Statement':{'Effect':'" + effect + "'" + who + "," + elements + "}}", kind));
}

struct Given {
  const char* caller = kUser;
  char identity = 'N', resource = '-', boundary = '-', session = '-', guardrail = '-', endpoint = '-';
  std::string principal = "'*'";
  const char* made_by = "";  // of a federated user
};

/// `Allowed resource-based policy` and the like.
std::string verdict(const Given& g) {
  const auto identity = say(g.identity, Kind::Identity), boundary = say(g.boundary, Kind::Boundary),
             session = say(g.session, Kind::Session), guardrail = say(g.guardrail, Kind::Guardrail),
             resource = say(g.resource, Kind::Resource, g.principal), endpoint = say(g.endpoint, Kind::Endpoint);
  Sets sets;
  const Policy* identities[] = {identity.get()};
  const Policy* sessions[] = {session.get()};
  const Policy* level[] = {guardrail.get()};
  const std::span<const Policy* const> levels[] = {level};
  if (identity) sets.identity = identities;
  if (session) sets.session = sessions;
  if (guardrail) sets.guardrails = levels;
  sets.has_session = session != nullptr;
  sets.boundary = boundary.get();
  sets.resource = resource.get();
  sets.endpoint = endpoint.get();
  const std::string text = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/prod/GET/pets";
  const Arn arn = Arn::split(text);
  Caller caller;
  if (std::string_view(g.caller) != "anonymous") caller = Caller::of_arn(g.caller).value();
  caller.user_arn = g.made_by;
  const Verdict out = combine(sets, {caller, Action::of("execute-api:Invoke"), {&arn, 1}, NoContext()}, kOwner);
  return std::string(name(out.outcome)) + " " + std::string(name(out.layer));
}

TEST(Combine, P9_2_SameAndCrossAccount) {
  const struct {
    char identity, resource;
    const char* same;
    const char* cross;
  } kRows[] = {
      {'A', 'A', "Allowed", "Allowed"},
      {'A', 'N', "Allowed", "ImplicitlyDenied"},
      {'A', '-', "Allowed", "ImplicitlyDenied"},
      {'A', 'D', "ExplicitlyDenied", "ExplicitlyDenied"},
      {'N', 'A', "Allowed", "ImplicitlyDenied"},
      {'N', 'N', "ImplicitlyDenied", "ImplicitlyDenied"},
      {'N', '-', "ImplicitlyDenied", "ImplicitlyDenied"},
      {'N', 'D', "ExplicitlyDenied", "ExplicitlyDenied"},
      {'D', 'A', "ExplicitlyDenied", "ExplicitlyDenied"},
      {'D', 'N', "ExplicitlyDenied", "ExplicitlyDenied"},
      {'D', '-', "ExplicitlyDenied", "ExplicitlyDenied"},
      {'D', 'D', "ExplicitlyDenied", "ExplicitlyDenied"},
  };
  for (const auto& row : kRows) {
    Given g;
    g.identity = row.identity;
    g.resource = row.resource;
    EXPECT_TRUE(verdict(g).starts_with(row.same)) << row.identity << row.resource << " " << verdict(g);
    g.caller = kForeign;
    EXPECT_TRUE(verdict(g).starts_with(row.cross)) << row.identity << row.resource << " " << verdict(g);
  }
}

struct Row {
  const char* name;
  Given given;
  const char* verdict;
};

TEST(Combine, P8_2_P12_Rows) {
  const std::string user = "{'AWS':'arn:aws:iam::111122223333:user/alice'}";
  const std::string role = "{'AWS':'arn:aws:iam::111122223333:role/team/Reader'}";
  const std::string session = "{'AWS':'arn:aws:sts::111122223333:assumed-role/Reader/s1'}";
  const std::string root = "{'AWS':'arn:aws:iam::111122223333:root'}";
  const std::string foreign_root = "{'AWS':'arn:aws:iam::444455556666:root'}";
  const Row kRows[] = {
      {"the user named, boundary silent",
       {.resource = 'A', .boundary = 'N', .principal = user},
       "Allowed resource-based policy"},
      {"the role named, boundary silent",
       {.caller = kSession, .resource = 'A', .boundary = 'N', .principal = role},
       "ImplicitlyDenied identity-based policy"},
      {"the role named, boundary allows",
       {.caller = kSession, .resource = 'A', .boundary = 'A', .principal = role},
       "Allowed resource-based policy"},
      {"the role named, session policy silent",
       {.caller = kSession, .resource = 'A', .session = 'N', .principal = role},
       "ImplicitlyDenied identity-based policy"},
      {"the role named, nothing bounds",
       {.caller = kSession, .resource = 'A', .principal = role},
       "Allowed resource-based policy"},
      {"the session named, boundary silent",
       {.caller = kSession, .resource = 'A', .boundary = 'N', .principal = session},
       "Allowed resource-based policy"},
      {"everybody, session policy silent",
       {.caller = kSession, .resource = 'A', .session = 'N'},
       "Allowed resource-based policy"},
      {"the account named delegates only",
       {.resource = 'A', .principal = root},
       "ImplicitlyDenied identity-based policy"},
      {"the account named, identity allows",
       {.identity = 'A', .resource = 'A', .principal = root},
       "Allowed identity-based policy"},
      {"identity allows, boundary silent", {.identity = 'A', .boundary = 'N'}, "ImplicitlyDenied permissions boundary"},
      {"identity allows, session policy silent", {.identity = 'A', .session = 'N'}, "ImplicitlyDenied session policy"},
      {"identity, boundary, session allow",
       {.identity = 'A', .boundary = 'A', .session = 'A'},
       "Allowed identity-based policy"},
      {"boundary denies", {.identity = 'A', .boundary = 'D'}, "ExplicitlyDenied permissions boundary"},
      {"session policy denies what is granted directly",
       {.resource = 'A', .session = 'D', .principal = user},
       "ExplicitlyDenied session policy"},
      {"guardrail silent", {.identity = 'A', .guardrail = 'N'}, "ImplicitlyDenied service control policy"},
      {"guardrail allows", {.identity = 'A', .guardrail = 'A'}, "Allowed identity-based policy"},
      {"guardrail denies, and is named first",
       {.identity = 'D', .resource = 'D', .guardrail = 'D', .endpoint = 'D'},
       "ExplicitlyDenied service control policy"},
      {"endpoint before resource",
       {.identity = 'D', .resource = 'D', .endpoint = 'D'},
       "ExplicitlyDenied VPC endpoint policy"},
      {"resource before identity", {.identity = 'D', .resource = 'D'}, "ExplicitlyDenied resource-based policy"},
      {"endpoint silent", {.identity = 'A', .endpoint = 'N'}, "ImplicitlyDenied VPC endpoint policy"},
      {"endpoint allows", {.identity = 'A', .endpoint = 'A'}, "Allowed identity-based policy"},
      {"root needs no policy", {.caller = "arn:aws:iam::111122223333:root"}, "Allowed identity-based policy"},
      {"root meets guardrails",
       {.caller = "arn:aws:iam::111122223333:root", .guardrail = 'N'},
       "ImplicitlyDenied service control policy"},
      {"federated without session policy", {.caller = kFederated, .identity = 'A'}, "ImplicitlyDenied session policy"},
      {"federated with session policy",
       {.caller = kFederated, .identity = 'A', .session = 'A'},
       "Allowed identity-based policy"},
      {"federated, its user named, session silent",
       {.caller = kFederated, .resource = 'A', .session = 'N', .principal = user, .made_by = kUser},
       "ImplicitlyDenied identity-based policy"},
      {"federated, its user named, session allows",
       {.caller = kFederated, .resource = 'A', .session = 'A', .principal = user, .made_by = kUser},
       "Allowed resource-based policy"},
      {"another's user named",
       {.caller = kFederated,
        .resource = 'A',
        .session = 'A',
        .principal = user,
        .made_by = "arn:aws:iam::111122223333:user/bob"},
       "ImplicitlyDenied identity-based policy"},
      // 8.3
      {"cross account by root and identity",
       {.caller = kForeign, .identity = 'A', .resource = 'A', .principal = foreign_root},
       "Allowed identity-based policy"},
      {"cross account by role",
       {.caller = kForeignSession,
        .identity = 'A',
        .resource = 'A',
        .principal = "{'AWS':'arn:aws:iam::444455556666:role/Partner'}"},
       "Allowed identity-based policy"},
      {"cross account without resource policy",
       {.caller = kForeign, .identity = 'A'},
       "ImplicitlyDenied resource-based policy"},
      {"cross account, boundary silent",
       {.caller = kForeign, .identity = 'A', .resource = 'A', .boundary = 'N'},
       "ImplicitlyDenied permissions boundary"},
      {"cross account, everybody, no identity",
       {.caller = kForeign, .resource = 'A'},
       "ImplicitlyDenied identity-based policy"},
      // 8.4
      {"anonymous, everybody",
       {.caller = "anonymous", .resource = 'A', .principal = "{'AWS':'*'}"},
       "Allowed resource-based policy"},
      {"anonymous, an account",
       {.caller = "anonymous", .resource = 'A', .principal = root},
       "ImplicitlyDenied resource-based policy"},
      {"anonymous, no policy", {.caller = "anonymous"}, "ImplicitlyDenied resource-based policy"},
      {"anonymous, identity sets do not count",
       {.caller = "anonymous", .identity = 'A'},
       "ImplicitlyDenied resource-based policy"},
      {"anonymous, denied", {.caller = "anonymous", .resource = 'D'}, "ExplicitlyDenied resource-based policy"},
      {"a service is nobody",
       {.caller = "anonymous", .resource = 'A', .principal = "{'Service':'apigateway.amazonaws.com'}"},
       "ImplicitlyDenied resource-based policy"},
  };
  for (const Row& row : kRows) EXPECT_EQ(verdict(row.given), row.verdict) << row.name;
}

TEST(Combine, P7_3_NotPrincipalExemptsWithTheAccountOnly) {
  const struct {
    const char* listed;
    const char* caller;
    bool denied;
  } kRows[] = {
      {"'arn:aws:iam::111122223333:user/alice'", kUser, true},
      {"'111122223333'", kUser, true},
      {"'arn:aws:iam::111122223333:user/alice','111122223333'", kUser, false},
      {"'arn:aws:iam::111122223333:user/alice','arn:aws:iam::111122223333:root'", kUser, false},
      {"'arn:aws:iam::111122223333:user/bob','111122223333'", kUser, true},
      {"'arn:aws:iam::111122223333:role/Reader'", kSession, true},
      {"'arn:aws:iam::111122223333:role/Reader','111122223333'", kSession, false},
      {"'arn:aws:sts::111122223333:assumed-role/Reader/s1','111122223333'", kSession, false},
      {"'arn:aws:sts::111122223333:assumed-role/Reader/s2','111122223333'", kSession, true},
      {"'111122223333'", "arn:aws:iam::111122223333:root", false},
      {"'111122223333','arn:aws:iam::111122223333:user/alice'", "anonymous", true},
  };
  for (const auto& row : kRows) {
    const Policy p = policy("{'Statement':{'Effect':'Deny','NotPrincipal':{'AWS':[" + std::string(row.listed) + "]}," +
                            kWhat + "}}");
    const std::string text = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/prod/GET/pets";
    const Arn arn = Arn::split(text);
    Caller caller;
    if (std::string_view(row.caller) != "anonymous") caller = Caller::of_arn(row.caller).value();
    EXPECT_EQ(weigh(p, {caller, Action::of("execute-api:Invoke"), {&arn, 1}, NoContext()}).effect == Effect::Deny,
              row.denied)
        << row.listed << " " << row.caller;
  }
}

TEST(Combine, P7_3_ARolesPathCountsWhereItIsKnown) {
  const struct {
    const char* listed;
    const char* role_arn;
    Grant grant;
  } kRows[] = {
      {"arn:aws:iam::111122223333:role/admin/Reader", "", Grant::Role},  // the session's ARN has lost it
      {"arn:aws:iam::111122223333:role/admin/Reader", "arn:aws:iam::111122223333:role/admin/Reader", Grant::Role},
      {"arn:aws:iam::111122223333:role/admin/READER", "arn:aws:iam::111122223333:role/admin/Reader", Grant::Role},
      {"arn:aws:iam::111122223333:role/admin/Reader", "arn:aws:iam::111122223333:role/dev/Reader", Grant::None},
      {"arn:aws:iam::111122223333:role/admin/Reader", "arn:aws:iam::111122223333:role/Reader", Grant::None},
      {"arn:aws:iam::111122223333:role/Reader", "arn:aws:iam::111122223333:role/admin/Reader", Grant::None},
      {"arn:aws:iam::111122223333:role/Reader", "arn:aws:iam::111122223333:role/Reader", Grant::Role},
  };
  for (const auto& row : kRows) {
    Principals principals;
    ASSERT_FALSE(principals.add(Principals::Type::Aws, row.listed));
    Caller caller = Caller::of_arn(kSession).value();
    caller.role_arn = row.role_arn;
    EXPECT_EQ(principals.names(caller), row.grant) << row.listed << " " << row.role_arn;
  }
}

TEST(Combine, TheCallersSideAlone) {
  const auto identity = say('A', Kind::Identity), resource = say('D', Kind::Resource);
  const Policy* identities[] = {identity.get()};
  Sets sets;
  sets.identity = identities;
  sets.resource = resource.get();
  const std::string text = "arn:aws:execute-api:us-east-1:111122223333:abcde12345/prod/GET/pets";
  const Arn arn = Arn::split(text);
  const Caller caller = Caller::of_arn(kUser).value();
  EXPECT_EQ(combine_identity(sets, {caller, Action::of("execute-api:Invoke"), {&arn, 1}, NoContext()}).outcome,
            Outcome::Allowed);
  EXPECT_EQ(combine_identity({}, {caller, Action::of("execute-api:Invoke"), {&arn, 1}, NoContext()}).outcome,
            Outcome::ImplicitlyDenied);
}

TEST(Caller, P7_1_OfArn) {
  EXPECT_EQ(Caller::of_arn("arn:aws:iam::111122223333:root")->kind, Caller::Kind::Root);
  EXPECT_EQ(Caller::of_arn("arn:aws:iam::111122223333:user/a/b")->kind, Caller::Kind::User);
  EXPECT_EQ(Caller::of_arn(kSession)->role_name, "Reader");
  EXPECT_EQ(Caller::of_arn("arn:aws:sts::111122223333:assumed-role/path/Reader/s")->role_name, "Reader");
  EXPECT_EQ(Caller::of_arn(kFederated)->kind, Caller::Kind::FederatedUser);
  for (const char* text :
       {"", "anonymous", "arn:aws:iam::1:root", "arn:aws:iam::111122223333:user/", "arn:aws:iam::111122223333:role/x",
        "arn:aws:sts::111122223333:assumed-role/x", "arn:aws:sts::111122223333:assumed-role/x/",
        "arn:aws:iam:us-east-1:111122223333:root", "arn:aws:s3::111122223333:root"})
    EXPECT_FALSE(Caller::of_arn(text)) << text;
}

}  // namespace
}  // namespace gatehouse::policy
