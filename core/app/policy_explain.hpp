#pragma once
#include <string>
#include <vector>

#include "app/policy_case.hpp"

namespace gatehouse::app {

/// Keeps what became of every statement of a case, to tell it: what applies, and of the others which element missed,
/// with the policy's values and the request's.
class PolicyExplanation final : public policy::Observer {
 public:
  explicit PolicyExplanation(const PolicyCase& of) : case_(of) {}
  void weighed(const policy::Policy& policy, const policy::Statement& statement, policy::Miss miss,
               const policy::Condition* condition) override;

  /// For people, lines; behind them what decided, and what would turn it round.
  std::string text(const policy::Verdict& verdict) const;
  /// `[{"statement":"/resourcePolicy/Statement/0",...}]`
  std::string json() const;

 private:
  struct Row {
    const policy::Statement* statement;
    std::string pointer;
    policy::Miss miss;
    const policy::Condition* condition;
  };
  std::string line(const Row& row) const;

  const PolicyCase& case_;
  std::vector<Row> rows_;
};

/// The pointer of a statement in a case: `/resourcePolicy/Statement/0`, without the number when it stands alone.
std::string pointer_of(const PolicyCase& in, const policy::Policy& policy, const policy::Statement& statement);

/// What would turn the verdict round, an object; null when there is nothing to say.
std::string flip_json(const PolicyCase& in, const policy::Verdict& verdict);

/// Which policy decided and by which statement; of an implicit denial what lacks an Allow.
std::string decided(const PolicyCase& in, const policy::Verdict& verdict);

}  // namespace gatehouse::app
