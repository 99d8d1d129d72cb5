#include "base/trace.hpp"

namespace gatehouse::base {

std::string_view name(Step step) noexcept {
  switch (step) {
    case Step::Connection:
      return "connection";
    case Step::Host:
      return "host";
    case Step::Route:
      return "route";
    case Step::Network:
      return "network";
    case Step::Resource:
      return "resource";
    case Step::Identity:
      return "identity";
    case Step::Evaluate:
      return "decision";
    case Step::Integration:
      return "integration";
    case Step::Respond:
      return "respond";
  }
  return "?";
}

std::string_view name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::Passed:
      return "passed";
    case Outcome::Allowed:
      return "allow";
    case Outcome::Denied:
      return "deny";
    case Outcome::Unauthorized:
      return "unauthorized";
    case Outcome::Abstained:
      return "abstain";
    case Outcome::Failed:
      return "failed";
    case Outcome::Answered:
      return "answered";
  }
  return "?";
}

}  // namespace gatehouse::base
