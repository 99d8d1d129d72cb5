#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::config {

/// All that is wrong with a configuration, gathered: an operator fixes everything in one go. Warnings do not refuse it.
/// At most kMost of each are kept, and one that says there are more: a file may be wrong throughout.
class Diagnostics {
 public:
  static constexpr std::size_t kMost = 1000;
  static constexpr const char* kMore = "too many faults: the rest is not listed";

  void error(Where where, std::string text) { error({Code::Invalid, std::move(text), std::move(where)}); }
  void error(Error error) { keep(errors_, std::move(error)); }
  void warning(Where where, std::string text) { keep(warnings_, {Code::Invalid, std::move(text), std::move(where)}); }
  bool ok() const noexcept { return errors_.empty(); }
  bool full() const noexcept { return errors_.size() > kMost; }
  const std::vector<Error>& errors() const noexcept { return errors_; }
  const std::vector<Error>& warnings() const noexcept { return warnings_; }

 private:
  static void keep(std::vector<Error>& list, Error error) {
    if (list.size() > kMost) return;
    if (list.size() == kMost) error = {Code::Limit, kMore, {}};
    list.push_back(std::move(error));
  }
  std::vector<Error> errors_;
  std::vector<Error> warnings_;
};

}  // namespace gatehouse::config
