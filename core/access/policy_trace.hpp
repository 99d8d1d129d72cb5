#pragma once
#include <string_view>

#include "base/arena.hpp"
#include "base/trace.hpp"
#include "policy/weigh.hpp"

namespace gatehouse::access {

/// `statement 1 "Outsiders" (Deny): NotIpAddress aws:SourceIp [192.0.2.0/24], here 203.0.113.9`: a statement with its
/// conditions, or the one that does not hold, and what the request has under their keys. In the arena. [any]
std::string_view describe(const policy::Statement& statement, const policy::Condition* failed,
                          const policy::Context& context, base::Arena& arena);

/// Records that a trace of an explanation has room for, and how many statements of one weighing are told in it: those
/// that are about another action are not, and of those that apply kMostApplying more.
constexpr std::size_t kExplainedRecords = 256;
constexpr std::size_t kMostTold = 64;
constexpr std::size_t kMostApplying = 16;

/// Writes what became of each statement into the trace: only for who asks for an explanation. [loop]
class PolicyTrace final : public policy::Observer {
 public:
  PolicyTrace(base::Trace& trace, base::Step step, std::string_view who, const policy::Context& context,
              base::Arena& arena) noexcept
      : trace_(trace), step_(step), who_(who), context_(context), arena_(arena) {}
  void weighed(const policy::Policy& policy, const policy::Statement& statement, policy::Miss miss,
               const policy::Condition* condition) override;
  /// Behind the last: how many statements were left out.
  void end();

 private:
  base::Trace& trace_;
  base::Step step_;
  std::string_view who_;
  const policy::Context& context_;
  base::Arena& arena_;
  std::size_t told_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace gatehouse::access
