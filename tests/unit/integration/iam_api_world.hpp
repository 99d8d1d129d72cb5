#pragma once
#include <gtest/gtest.h>

#include "access/policy_kind.hpp"
#include "integration/iam_api.hpp"
#include "policy/parse.hpp"
#include "unit/identity/store_support.hpp"

namespace gatehouse::integration::testing {

using access::KnownCaller;
using access::PolicyRole;
using Kind = policy::Caller::Kind;

inline constexpr const char* kAccount = "111122223333";

inline std::string encoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) out += {'%', kDigits[static_cast<unsigned char>(c) >> 4], kDigits[c & 15]};
  return out;
}

/// A store in memory, the API on it, and callers with policies of their own.
class IamApiTest : public ::testing::Test {
 protected:
  std::shared_ptr<KnownCaller> caller(Kind kind, const std::string& name = "ann") {
    auto out = std::make_shared<KnownCaller>();
    out->kind = kind;
    out->account = kAccount;
    out->name = name;
    out->principal_id = kind == Kind::Root ? kAccount : "AIDAANN";
    out->user_id = out->principal_id;
    const std::string stem = "arn:aws:iam::" + std::string(kAccount) + ":";
    out->arn = out->principal_arn = kind == Kind::Root ? stem + "root" : stem + "user/" + name;
    if (kind == Kind::RoleSession) {
      out->principal_arn = stem + "role/" + name;
      out->arn = "arn:aws:sts::" + std::string(kAccount) + ":assumed-role/" + name + "/job";
    }
    return out;
  }

  static void give(KnownCaller& to, const std::string& document, PolicyRole role = PolicyRole::Identity) {
    auto parsed = policy::parse(document, access::kind_of(role));
    ASSERT_TRUE(parsed) << policy::text(parsed.error());
    to.held.push_back(std::make_shared<policy::Policy>(std::move(*parsed)));
    access::AnswerPolicy one;
    one.role = role;
    one.policy = to.held.back().get();
    to.policies.push_back(one);
    if (role == PolicyRole::Session) to.has_session_policy = true;
  }
  static std::string statement(const std::string& effect, const std::string& action, const std::string& resource,
                               const std::string& condition = "{}") {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":")" + effect + R"(","Action":")" + action +
           R"(","Resource":")" + resource + R"(","Condition":)" + condition + "}]}";
  }

  ServiceRequest request(std::shared_ptr<const KnownCaller> who, const std::string& form) {
    ServiceRequest out;
    out.method = "POST";
    out.path = "/";
    out.body = form + "&Version=2010-05-08";
    out.content_type = "application/x-www-form-urlencoded";
    out.signature_given = who != nullptr;
    out.caller = std::move(who);
    out.source_ip = *base::IpAddress::parse("192.0.2.7");
    out.source_ip_text = "192.0.2.7";
    out.request_id = "id";
    out.account = "000000000000";
    out.region = "eu-central-1";
    out.unix_ms = 1'769'860'800'000;
    return out;
  }
  ServiceResponse ask(std::shared_ptr<const KnownCaller> who, const std::string& form) {
    return IamApi(store_).answer(request(std::move(who), form));
  }
  static std::string between(const std::string& text, const std::string& open, const std::string& close) {
    const std::size_t at = text.find(open);
    if (at == std::string::npos) return "";
    return text.substr(at + open.size(), text.find(close, at) - at - open.size());
  }
  static std::string code(const ServiceResponse& said) {
    return said.status == 200 ? "ok" : between(said.body, "<Code>", "</Code>");
  }
  std::string code(std::shared_ptr<const KnownCaller> who, const std::string& form) {
    return code(ask(std::move(who), form));
  }

  std::shared_ptr<identity::Store> store_ = identity::testing::open_sqlite(":memory:");
};

}  // namespace gatehouse::integration::testing
