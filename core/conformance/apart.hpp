#pragma once
#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/records.hpp"
#include "conformance/rule.hpp"
#include "conformance/scratch.hpp"

namespace gatehouse::conformance {

/// A rule that is being held in a process of its own: this program again, as `gatehouse plugin probe`, in a process
/// group and an empty working directory of its own, which end with it.
class Apart {
 public:
  using Clock = std::chrono::steady_clock;
  static Result<std::unique_ptr<Apart>> start(const std::string& rule, const Question& question,
                                              std::chrono::seconds limit);
  /// Ends it, if it has not ended.
  ~Apart();
  Apart(const Apart&) = delete;
  Apart& operator=(const Apart&) = delete;

  /// Readable when there is something to listen to.
  int fd() const noexcept { return fd_; }
  Clock::time_point until() const noexcept { return until_; }
  /// Whether everything was said: the verdict was given, or the process has ended.
  bool listen();
  /// The verdict; a process that is not at its end by now has hung.
  Verdict end();

 private:
  Apart(Scratch scratch, std::chrono::seconds limit);
  int reap();

  Scratch scratch_;
  std::chrono::seconds limit_;
  Clock::time_point until_;
  pid_t child_ = -1;
  int fd_ = -1;
  bool ended_ = false;  // it closed its end of the pipe
  bool hung_ = false;
  Records records_;
  std::string at_;
  std::vector<Fetched> fetches_;
  std::optional<Verdict> verdict_;
};

}  // namespace gatehouse::conformance
