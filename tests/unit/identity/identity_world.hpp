#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "identity/assume.hpp"
#include "identity/directory.hpp"
#include "unit/identity/callers.hpp"
#include "unit/identity/store_support.hpp"

namespace gatehouse::identity {

inline constexpr std::int64_t kNow = 1'800'000'000;

/// A store with two accounts, made of what a test puts there.
class IdentityWorld : public ::testing::Test {
 protected:
  User put_user(const std::string& account, const std::string& name, const std::string& statement = "") {
    User user;
    user.id = new_id("AIDA", random_);
    user.account = account;
    user.path = "/dev/";
    user.name = name;
    user.created = kNow;
    write([&](Tables& tables) {
      tables.put(user);
      if (!statement.empty()) tables.put_inline(user.id, {"own", document(statement)});
    });
    return user;
  }
  Role put_role(const std::string& name, const std::string& trust, const std::string& statement = "",
                const std::string& account = kHome) {
    Role role;
    role.id = new_id("AROA", random_);
    role.account = account;
    role.name = name;
    role.created = kNow;
    role.trust_policy = trust;
    write([&](Tables& tables) {
      tables.put(role);
      if (!statement.empty()) tables.put_inline(role.id, {"own", document(statement)});
    });
    return role;
  }
  void put(const Role& role) {
    write([&](Tables& tables) { tables.put(role); });
  }
  void write(const std::function<void(Tables&)>& body) { testing::writing(*store_, body); }
  static std::string document(const std::string& statement) {
    return R"({"Version":"2012-10-17","Statement":[)" + statement + "]}";
  }

  /// Whom the store knows by a long-term key of his.
  std::shared_ptr<const access::KnownCaller> caller(const User& user) { return key_of(user.id); }
  std::shared_ptr<const access::KnownCaller> key_of(const std::string& owner) {
    AccessKey key;
    key.id = new_id("AKIA", random_);
    key.owner = owner;
    key.secret = new_secret(random_);
    key.created = kNow;
    write([&](Tables& tables) { tables.put(key); });
    return known(key.id, std::nullopt, KeyStatus::Ok);
  }
  /// Whom temporary credentials speak for, a moment later.
  std::shared_ptr<const access::KnownCaller> caller(const TemporaryCredentials& made, std::int64_t at = kNow + 1) {
    return known(made.access_key_id, made.session_token.reveal(), KeyStatus::Ok, at);
  }
  std::shared_ptr<const access::KnownCaller> known(const std::string& id, std::optional<std::string_view> token,
                                                   KeyStatus expected, std::int64_t at = kNow + 1) {
    auto found = directory_.find(id, token, at);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    if (!found) return nullptr;
    EXPECT_EQ(found->status, expected);
    return found->caller;
  }

  StsFacts facts(const access::KnownCaller* who) const {
    StsFacts out;
    out.caller = who;
    out.region = "eu-central-1";
    out.unix_ms = kNow * 1000;
    return out;
  }
  static AssumeInput input(const std::string& role, const std::string& name = "job1") {
    AssumeInput out;
    out.role_arn = "arn:aws:iam::" + std::string(kHome) + ":role/" + role;
    out.session_name = name;
    return out;
  }
  Outcome<Assumed> assume(const std::shared_ptr<const access::KnownCaller>& who, const AssumeInput& in) {
    log_.clear();
    return assume_role(*store_, random_, facts(who.get()), in, log_);
  }
  template <class T>
  static std::string code(const Outcome<T>& outcome) {
    return outcome ? "" : outcome.error().code;
  }
  template <class T>
  static std::string message(const Outcome<T>& outcome) {
    return outcome ? "" : outcome.error().message;
  }

  base::SystemRandom random_;
  testing::Folder folder_;
  std::shared_ptr<Store> store_ = testing::open_sqlite(folder_.file("identity.db"));
  Directory directory_{store_};
  std::string log_;
};

}  // namespace gatehouse::identity
