#include "access/answer.hpp"

#include <algorithm>

#include "access/authorizer.hpp"
#include "access/decision.hpp"

namespace gatehouse::access {

std::string_view name(AnswerKind kind) noexcept {
  switch (kind) {
    case AnswerKind::Failed:
      return "failed";
    case AnswerKind::Allow:
      return "allow";
    case AnswerKind::Deny:
      return "deny";
    case AnswerKind::Unauthorized:
      return "unauthorized";
    case AnswerKind::Abstain:
      return "abstain";
  }
  return "unknown";
}

std::string_view name(Category category) noexcept {
  switch (category) {
    case Category::Network:
      return "network";
    case Category::Resource:
      return "resource";
    case Category::Identity:
      return "identity";
  }
  return "unknown";
}

std::string_view name(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::Failed:
      return "failed";
    case Verdict::Allowed:
      return "allowed";
    case Verdict::Unauthorized:
      return "unauthorized";
    case Verdict::Denied:
      return "denied";
    case Verdict::NotAllowed:
      return "not_allowed";
  }
  return "unknown";
}

std::string_view name(PolicyRole role) noexcept {
  switch (role) {
    case PolicyRole::Identity:
      return "identity";
    case PolicyRole::Boundary:
      return "boundary";
    case PolicyRole::Session:
      return "session";
    case PolicyRole::Resource:
      return "resource";
    case PolicyRole::Endpoint:
      return "endpoint";
  }
  return "unknown";
}

Answer copy_answer(const Answer& from, base::Arena& arena) {
  const auto copy = [&](std::string_view text) { return text.data() == nullptr ? text : arena.copy(text); };
  const auto copy_all = [&](std::span<const TypedValue> all) {
    const std::span<TypedValue> out = arena.array<TypedValue>(all.size());
    for (std::size_t i = 0; i < all.size(); ++i)
      out[i] = {arena.copy(all[i].key), arena.copy(all[i].value), all[i].type};
    return out;
  };
  Answer out = from;
  out.principal_id = copy(from.principal_id);
  out.challenge = copy(from.challenge);
  out.usage_key = copy(from.usage_key);
  out.reason = copy(from.reason);
  out.code = copy(from.code);
  out.error_text = copy(from.error_text);
  out.context = copy_all(from.context);
  out.claims = copy_all(from.claims);
  out.message = copy(from.message);
  out.error_type = copy(from.error_type);
  const std::span<std::string_view> scopes = arena.array<std::string_view>(from.scopes.size());
  std::transform(from.scopes.begin(), from.scopes.end(), scopes.begin(), copy);
  out.scopes = scopes;
  const std::span<AnswerPolicy> policies = arena.array<AnswerPolicy>(from.policies.size());
  std::copy(from.policies.begin(), from.policies.end(), policies.begin());
  out.policies = policies;
  return out;
}

}  // namespace gatehouse::access
