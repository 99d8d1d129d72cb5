#pragma once
#include <deque>
#include <gatehouse/kit/json.hpp>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "policy/flip.hpp"

namespace gatehouse::app {

/// Condition keys as somebody wrote them down: `{"aws:SourceIp": "192.0.2.7", "aws:PrincipalOrgPaths": ["o-a/r-b/"]}`.
/// An array is a multi-valued key; names fold case.
class WrittenContext final : public policy::Context {
 public:
  /// Errors: what is no string, number, boolean or array of them; a key twice.
  Result<void> read(const kit::Json& object);
  policy::Values find(const policy::KeyName& key) const override;

 private:
  struct Entry {
    std::vector<std::string> texts;
    std::vector<std::string_view> views;
    bool multi = false;
  };
  std::map<std::string, Entry, std::less<>> entries_;
};

/// A question to policies and the policies, from one JSON object: who asks, for what, and every set that has a say.
/// Nothing is derived from the principal: the context is as given.
class PolicyCase {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{4} << 20;

  /// Errors: the object is not sound, or a policy in it has a fault; the text names the member by its JSON pointer.
  static Result<std::unique_ptr<PolicyCase>> read(std::string_view json);
  PolicyCase(const PolicyCase&) = delete;

  policy::Verdict verdict(policy::Observer* observer = nullptr) const;
  /// What would turn the verdict round.
  policy::Flip flip(const policy::Verdict& verdict) const;
  /// Views of this.
  policy::Question question() const { return {caller_, policy::Action::of(action_), {&arn_, 1}, context_}; }
  /// The pointer of a policy in the object, such as `/identityPolicies/0`; empty when it is none of ours.
  std::string_view pointer_of(const policy::Policy& policy) const noexcept;
  const kit::Json& json() const noexcept { return json_; }
  const policy::Context& context() const noexcept { return context_; }

 private:
  PolicyCase() = default;
  using List = std::vector<const policy::Policy*>;
  policy::Verdict judge(const policy::Question& question, policy::Observer* observer) const;
  Result<void> fill();
  Result<void> fill_policies();
  Result<void> fill_guardrails(const kit::Json& levels);
  Result<std::string> text(const char* member, bool required) const;
  Result<void> add(const kit::Json& document, std::string pointer, policy::Kind kind, List& to);
  Result<void> add_one(const char* member, policy::Kind kind, const policy::Policy*& to);
  Result<void> add_all(const char* member, policy::Kind kind, List& to);

  struct Held {
    policy::Policy policy;
    std::string pointer;
  };
  kit::Json json_;
  WrittenContext context_;
  std::string principal_, action_, resource_, account_, api_arn_;
  policy::Caller caller_;
  policy::Arn arn_;
  std::deque<Held> held_;
  List identity_, session_;
  std::vector<List> guardrails_;
  const policy::Policy* boundary_ = nullptr;
  const policy::Policy* resource_policy_ = nullptr;
  const policy::Policy* endpoint_ = nullptr;
  bool has_session_ = false;
};

}  // namespace gatehouse::app
