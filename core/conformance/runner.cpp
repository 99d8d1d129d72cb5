#include "conformance/runner.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <deque>

#include "conformance/apart.hpp"

namespace gatehouse::conformance {
namespace {

volatile std::sig_atomic_t interrupted = 0;

/// The signals with which users end programs: held back, so that what was begun can be cleared away.
class Interrupts {
 public:
  Interrupts() {
    interrupted = 0;
    sigset_t held;
    ::sigemptyset(&held);
    for (std::size_t i = 0; i < std::size(kSignals); ++i) {
      ::sigaddset(&held, kSignals[i]);
      struct sigaction note {};
      note.sa_handler = [](int signal) { interrupted = signal; };
      ::sigaction(kSignals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &note, nullptr);
    }
    ::sigprocmask(SIG_BLOCK, &held, &mask_);
  }
  ~Interrupts() {
    for (std::size_t i = 0; i < std::size(kSignals); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
    if (interrupted != 0) ::raise(interrupted);
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  /// As poll(); they come here and nowhere else.
  int poll(std::vector<pollfd>& fds, std::chrono::nanoseconds limit) const {
    const timespec t{limit.count() / 1'000'000'000, limit.count() % 1'000'000'000};
    return ::ppoll(fds.data(), fds.size(), &t, &mask_);
  }

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction before_[std::size(kSignals)];
  sigset_t mask_;
};

struct Held {
  std::size_t index;
  std::unique_ptr<Apart> process;
};

class Runner {
 public:
  Runner(const std::vector<Task>& tasks, std::size_t jobs, const std::function<void(std::size_t, const Verdict&)>& done)
      : tasks_(tasks),
        jobs_(std::max<std::size_t>(jobs, 1)),
        done_(done),
        attempts_(tasks.size()),
        verdicts_(tasks.size()) {}

  void run() {
    const Interrupts interrupts;
    // Those that want to be alone first: they are short, and nobody has to wait for others to end.
    for (const bool alone : {true, false})
      for (std::size_t i = 0; i < tasks_.size(); ++i)
        if (tasks_[i].alone == alone) pending_.push_back(i);
    while (interrupted == 0 && (!pending_.empty() || !running_.empty())) {
      while (!pending_.empty() && has_room(tasks_[pending_.front()])) {
        start(pending_.front());
        pending_.pop_front();
      }
      if (!running_.empty()) wait(interrupts);
    }
    running_.clear();
  }

 private:
  bool has_room(const Task& task) const {
    if (running_.empty()) return true;
    return running_.size() < jobs_ && !task.alone && !tasks_[running_.front().index].alone;
  }
  void start(std::size_t index) {
    const Task& task = tasks_[index];
    ++attempts_[index];
    auto process = Apart::start(task.rule, task.question, task.limit);
    if (process)
      running_.push_back({index, std::move(*process)});
    else
      settle(index, not_checked(process.error().text));
  }
  void wait(const Interrupts& interrupts) {
    auto until = running_.front().process->until();
    std::vector<pollfd> fds;
    for (const Held& r : running_) {
      until = std::min(until, r.process->until());
      fds.push_back({r.process->fd(), POLLIN, 0});
    }
    const auto left = std::max(until - Apart::Clock::now(), Apart::Clock::duration::zero());
    if (interrupts.poll(fds, left) < 0) return;
    std::vector<Held> over;
    for (std::size_t i = fds.size(); i-- > 0;) {
      Apart& process = *running_[i].process;
      if ((fds[i].revents != 0 && process.listen()) || process.until() <= Apart::Clock::now()) {
        over.push_back(std::move(running_[i]));
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    for (const Held& r : over) {
      Verdict verdict = r.process->end();
      if (verdict.kind == Verdict::Kind::Failed && attempts_[r.index] < tasks_[r.index].attempts)
        start(r.index);
      else
        settle(r.index, std::move(verdict));
    }
  }
  void settle(std::size_t index, Verdict verdict) {
    verdicts_[index] = std::move(verdict);
    for (; told_ < verdicts_.size() && verdicts_[told_]; ++told_) done_(told_, *verdicts_[told_]);
  }

  const std::vector<Task>& tasks_;
  const std::size_t jobs_;
  const std::function<void(std::size_t, const Verdict&)>& done_;
  std::vector<int> attempts_;
  std::vector<std::optional<Verdict>> verdicts_;
  std::size_t told_ = 0;
  std::deque<std::size_t> pending_;
  std::vector<Held> running_;
};

}  // namespace

void run_all(const std::vector<Task>& tasks, unsigned jobs,
             const std::function<void(std::size_t, const Verdict&)>& done) {
  Runner(tasks, jobs, done).run();
}

Verdict run_apart(const std::string& rule, const Question& question, std::chrono::seconds limit) {
  Verdict out = not_checked("interrupted");
  run_all({Task{rule, question, limit}}, 1, [&](std::size_t, const Verdict& v) { out = v; });
  return out;
}

}  // namespace gatehouse::conformance
