#pragma once
#include <string>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::config {

/// All that is wrong with a configuration, gathered: an operator fixes everything in one go. Warnings do not refuse it.
class Diagnostics {
 public:
  void error(Where where, std::string text) {
    errors_.push_back({Code::Invalid, std::move(text), {}, std::move(where)});
  }
  void error(Error error) { errors_.push_back(std::move(error)); }
  void warning(Where where, std::string text) {
    warnings_.push_back({Code::Invalid, std::move(text), {}, std::move(where)});
  }
  bool ok() const noexcept { return errors_.empty(); }
  const std::vector<Error>& errors() const noexcept { return errors_; }
  const std::vector<Error>& warnings() const noexcept { return warnings_; }

 private:
  std::vector<Error> errors_;
  std::vector<Error> warnings_;
};

}  // namespace gatehouse::config
