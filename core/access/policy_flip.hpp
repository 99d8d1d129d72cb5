#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "access/evaluate.hpp"
#include "base/arena.hpp"
#include "base/trace.hpp"
#include "policy/combine.hpp"

namespace gatehouse::access {

/// Everything that was weighed about one request, to weigh it anew about another: Evaluation's rules where only
/// policies differ.
struct Weighed {
  IdentityStyle style = IdentityStyle::None;
  bool require_authorizer_allow = false;
  bool identity_answered = false;  // and did not object
  bool identity_brought = false;   // its answer has policies: they decide
  policy::Sets sets;
  std::string_view owner;
};

/// What would be decided about the question; nothing where the identity authorizer was not asked and would be. [loop]
std::optional<policy::Verdict> decide(const Weighed& weighed, const policy::Question& question);

/// The code of the trace's record that says what would turn the decision round: Outcome::Allowed when that alone does.
constexpr std::string_view kToChange = "to_change_it";

/// Writes that record. Nothing when `allowed` is not what the policies come to: then they did not decide. [loop]
void trace_flip(const Weighed& weighed, const policy::Question& question, bool allowed, base::Trace& trace,
                std::string_view who, base::Arena& arena);

}  // namespace gatehouse::access
