#include "access/evaluate.hpp"

#include <cassert>

namespace gatehouse::access {

std::optional<Verdict> objection(Category category, AnswerKind kind) noexcept {
  const bool identity = category == Category::Identity;
  if (!identity && category != Category::Network && category != Category::Resource) return Verdict::Failed;
  switch (kind) {
    case AnswerKind::Failed:
      return Verdict::Failed;
    case AnswerKind::Allow:
      return std::nullopt;
    case AnswerKind::Deny:
      return Verdict::Denied;
    case AnswerKind::Unauthorized:
      return identity ? Verdict::Unauthorized : Verdict::Denied;
    case AnswerKind::Abstain:
      return identity ? std::optional(Verdict::NotAllowed) : std::nullopt;
  }
  return Verdict::Failed;
}

bool Evaluation::add(const Authorizer& by, const Answer& answer) noexcept {
  assert(!objected_);
  const Category category = by.category();
  if (category == Category::Identity) {
    identity_asked_ = true;
    decision_.identity = answer;
    decision_.by = &by;
  }
  if (category == Category::Resource) {
    resource_asked_ = true;
    if (answer.kind == AnswerKind::Allow && resource_allowed_ == nullptr) resource_allowed_ = &by;
  }
  const std::optional<Verdict> refused = objection(category, answer.kind);
  if (!refused) return false;
  objected_ = true;
  decision_.verdict = *refused;
  decision_.by = &by;
  decision_.decisive = answer;
  return true;
}

const Decision& Evaluation::conclude(bool identity_expected) noexcept {
  Decision& out = decision_;
  if (objected_) return out;
  if (identity_expected || identity_asked_) {
    out.verdict = identity_asked_ ? Verdict::Allowed : Verdict::NotAllowed;
  } else if (resource_asked_) {
    out.verdict = resource_allowed_ != nullptr ? Verdict::Allowed : Verdict::NotAllowed;
    out.by = resource_allowed_;
  } else {
    out.verdict = Verdict::Allowed;
  }
  return out;
}

}  // namespace gatehouse::access
