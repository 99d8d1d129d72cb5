#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "access/caller.hpp"
#include "access/facts.hpp"
#include "base/arena.hpp"
#include "policy/weigh.hpp"

namespace gatehouse::access {

/// What policies may ask about a request by name (spec iam-policy section 5, resource-policies section 3). A key that
/// the request does not have is absent. Values are made when they are first asked for. [loop]
///
/// `aws:SourceIp` is Facts::source_ip: what trusted proxies say is judged already; absent on a Unix socket. Of headers
/// that come more than once `aws:UserAgent` and `aws:Referer` are all lines, joined with `, `: none hides another.
class PolicyContext final : public policy::Context {
 public:
  /// `caller`: who brings keys of his own; null: nobody is known.
  PolicyContext(const Facts& facts, base::Arena& arena, const KnownCaller* caller = nullptr) noexcept
      : facts_(facts), arena_(arena), caller_(caller) {}
  policy::Values find(const policy::KeyName& key) const override;

 private:
  void make(policy::KnownKey key) const;
  std::string_view value(policy::KnownKey key) const;
  std::string_view header(std::string_view name) const;

  const Facts& facts_;
  base::Arena& arena_;
  const KnownCaller* caller_;
  mutable std::uint32_t made_ = 1;  // a bit for each KnownKey; None has no value
  mutable std::array<std::string_view, policy::kKnownKeys> values_;
};

/// The question that a request puts to policies: may this caller do this to the method's ARN, and to the other name of
/// an HTTP API's `$default` route (spec iam-policy section 6). Routing overlooks slashes at the ends, and whoever
/// serves the path may decode more of it than we do: a Deny of `admin` holds for `admin/`, `%61dmin`, `//admin` and
/// `admin;x`, which have spellings of their own. Views of facts and arena. [loop]
class PolicyQuestion {
 public:
  PolicyQuestion(const Facts& facts, base::Arena& arena, const KnownCaller* caller = nullptr);
  PolicyQuestion(const PolicyQuestion&) = delete;
  PolicyQuestion& operator=(const PolicyQuestion&) = delete;
  const policy::Question& get() const noexcept { return question_; }

 private:
  PolicyContext context_;
  void spell(const Facts& facts, base::Arena& arena);

  std::array<policy::Arn, 2> arns_;
  std::array<policy::Arn, 2> spellings_;
  policy::Question question_;
};

}  // namespace gatehouse::access
