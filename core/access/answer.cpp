#include "access/answer.hpp"

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

}  // namespace gatehouse::access
