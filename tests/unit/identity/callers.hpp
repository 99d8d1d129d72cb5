#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "access/caller.hpp"
#include "access/policy_kind.hpp"
#include "policy/parse.hpp"

namespace gatehouse::identity {

/// A caller that tests make others of: KnownCaller itself is made once.
using Known = std::shared_ptr<access::KnownCaller>;

inline Known copy_of(const access::KnownCaller& from) {
  auto out = std::make_shared<access::KnownCaller>();
  out->kind = from.kind;
  out->arn = from.arn;
  out->principal_arn = from.principal_arn;
  out->principal_id = from.principal_id;
  out->user_id = from.user_id;
  out->account = from.account;
  out->access_key_id = from.access_key_id;
  out->name = from.name;
  out->session_name = from.session_name;
  out->issued = from.issued;
  out->expires = from.expires;
  out->from_session_token = from.from_session_token;
  out->source_identity = from.source_identity;
  out->tags = from.tags;
  out->transitive_tag_keys = from.transitive_tag_keys;
  out->keys = from.keys;
  out->policies = from.policies;
  out->held = from.held;
  out->has_session_policy = from.has_session_policy;
  out->sound = from.sound;
  out->settle();
  return out;
}

inline constexpr const char* kHome = "111122223333";
inline constexpr const char* kAway = "444455556666";

inline Known user(const std::string& account, const std::string& name) {
  auto out = std::make_shared<access::KnownCaller>();
  out->kind = policy::Caller::Kind::User;
  out->arn = out->principal_arn = "arn:aws:iam::" + account + ":user/dev/" + name;
  out->principal_id = out->user_id = "AIDA" + account + name;
  out->account = account;
  out->access_key_id = "AKIAQQQQQQQQQQQQQQQQ";
  out->name = name;
  out->keys = {{"aws:username", {name}, {}, false}, {"aws:principalarn", {out->arn}, {}, false}};
  out->settle();
  return out;
}

inline Known role_session(const std::string& account, const std::string& role, const std::string& name) {
  auto out = std::make_shared<access::KnownCaller>();
  out->kind = policy::Caller::Kind::RoleSession;
  out->arn = "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + name;
  out->principal_arn = "arn:aws:iam::" + account + ":role/" + role;
  out->principal_id = "AROA" + account + role;
  out->user_id = out->principal_id + ":" + name;
  out->account = account;
  out->access_key_id = "ASIAQQQQQQQQQQQQQQQQ";
  out->name = role;
  out->session_name = name;
  out->issued = 1'799'999'000;
  out->expires = 1'800'002'600;
  out->settle();
  return out;
}

inline Known root_of(const std::string& account) {
  auto out = std::make_shared<access::KnownCaller>();
  out->kind = policy::Caller::Kind::Root;
  out->arn = out->principal_arn = "arn:aws:iam::" + account + ":root";
  out->principal_id = out->user_id = out->account = account;
  out->settle();
  return out;
}

/// The caller with one more policy, of one statement.
inline Known with_policy(const Known& from, const std::string& statement,
                         access::PolicyRole role = access::PolicyRole::Identity) {
  const Known caller = copy_of(*from);
  auto parsed = policy::parse(R"({"Version":"2012-10-17","Statement":[)" + statement + "]}", access::kind_of(role));
  if (!parsed) {
    ADD_FAILURE() << policy::text(parsed.error());
    return caller;
  }
  caller->held.push_back(std::make_shared<const policy::Policy>(std::move(*parsed)));
  caller->policies.push_back({role, 0, caller->held.back().get()});
  caller->has_session_policy = caller->has_session_policy || role == access::PolicyRole::Session;
  return caller;
}

/// A trust policy of one Allow for sts:AssumeRole; `rest`: its other members.
inline std::string trust(const std::string& rest) {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)" + rest + "}]}";
}

}  // namespace gatehouse::identity
