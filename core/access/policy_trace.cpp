#include "access/policy_trace.hpp"

#include <string>

namespace gatehouse::access {
namespace {

constexpr std::size_t kMostValues = 8;

template <class List>
void append_list(std::string& out, const List& texts) {
  std::size_t n = 0;
  for (const auto& text : texts) {
    if (n > 0) out += ", ";
    if (n++ == kMostValues) {
      out += "...";
      break;
    }
    out += text;
  }
}

void append_condition(std::string& out, const policy::Condition& condition, const policy::Context& context) {
  out.append(condition.operator_text()).append(" ").append(condition.key().text).append(" [");
  append_list(out, condition.texts());
  out += "], here ";
  const policy::Values have = context.find(condition.key());
  if (have.absent())
    out += "absent";
  else
    append_list(out, have.texts);
}

}  // namespace

std::string_view describe(const policy::Statement& statement, const policy::Condition* failed,
                          const policy::Context& context, base::Arena& arena) {
  std::string out = "statement " + std::to_string(statement.index);
  if (!statement.sid.empty()) out += " \"" + statement.sid + "\"";
  out.append(" (").append(policy::name(statement.effect)).append(")");
  if (failed != nullptr) {
    out += ": does not hold: ";
    append_condition(out, *failed, context);
  } else {
    for (std::size_t i = 0; i < statement.conditions.size(); ++i) {
      out += i == 0 ? ": " : " and ";
      append_condition(out, statement.conditions[i], context);
    }
  }
  return arena.copy(out);
}

void PolicyTrace::weighed(const policy::Policy&, const policy::Statement& statement, policy::Miss miss,
                          const policy::Condition* condition) {
  if (miss == policy::Miss::Action) return;
  if (told_ >= (miss == policy::Miss::None ? kMostTold + kMostApplying : kMostTold)) {
    ++left_out_;
    return;
  }
  ++told_;
  const auto outcome = miss != policy::Miss::None                 ? base::Outcome::Passed
                       : statement.effect == policy::Effect::Deny ? base::Outcome::Denied
                                                                  : base::Outcome::Allowed;
  trace_.add(step_, outcome, who_, policy::name(miss), describe(statement, condition, context_, arena_));
}

void PolicyTrace::end() {
  if (left_out_ == 0) return;
  trace_.add(step_, base::Outcome::Passed, who_, "left_out",
             arena_.copy(std::to_string(left_out_) + " more statements are not told"));
}

}  // namespace gatehouse::access
