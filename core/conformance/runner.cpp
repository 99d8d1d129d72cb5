#include "conformance/runner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

extern "C" char** environ;

namespace gatehouse::conformance {
namespace {

constexpr int kReport = 3;
constexpr std::size_t kMostReport = std::size_t{16} << 20;
constexpr char kVerdict = 'v';
constexpr char kAt = 'a';

struct Pipe {
  int read = -1, write = -1;
  // Above what the child gets: dup2 of a descriptor to itself would leave it closed on exec.
  Pipe() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) return;
    read = ::fcntl(fds[0], F_DUPFD_CLOEXEC, 16);
    write = ::fcntl(fds[1], F_DUPFD_CLOEXEC, 16);
    close(fds[0]);
    close(fds[1]);
  }
  ~Pipe() {
    close(read);
    close(write);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static void close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
};

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string read_all(int fd) {
  std::string out;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

/// A record: a letter, the length of the text, the text.
void report(char what, std::string_view text) {
  std::string record(1, what);
  const auto size = static_cast<std::uint32_t>(text.size());
  record.append(reinterpret_cast<const char*>(&size), sizeof size);
  record += text;
  write_all(kReport, record);
}

std::string ending_of(int status) {
  if (WIFSIGNALED(status)) {
    const char* const name = ::sigabbrev_np(WTERMSIG(status));
    const char* const words = ::sigdescr_np(WTERMSIG(status));
    return "it crashed: SIG" + std::string(name != nullptr ? name : "?") + " (" + (words != nullptr ? words : "") + ")";
  }
  return "it ended the process, with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Verdict run_apart(const std::string& rule, const Question& q, std::chrono::seconds limit) {
  Pipe in, out;
  if (in.read < 0 || in.write < 0 || out.read < 0 || out.write < 0)
    return not_checked("no pipe: " + std::string(std::strerror(errno)));
  const std::vector<std::string> words = {"gatehouse",
                                          "plugin",
                                          "probe",
                                          "--rule",
                                          rule,
                                          "--seed",
                                          std::to_string(q.seed),
                                          "--seconds",
                                          std::to_string(q.seconds),
                                          "--threads",
                                          std::to_string(q.threads),
                                          "--",
                                          q.file};
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.read, STDIN_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (::getenv("GATEHOUSE_PROBE_OUTPUT") == nullptr)
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.write, kReport);
  pid_t child = -1;
  const int error = ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return not_checked("no process: " + std::string(std::strerror(error)));
  Pipe::close(in.read);
  Pipe::close(out.write);
  write_all(in.write, q.settings);
  Pipe::close(in.write);

  const auto until = std::chrono::steady_clock::now() + limit;
  std::string got;
  bool hung = false;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd p{out.read, POLLIN, 0};
    const int n =
        left.count() <= 0 ? 0 : ::poll(&p, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1 << 30)));
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) {
      hung = true;
      break;
    }
    char buffer[65536];
    const ssize_t size = ::read(out.read, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0 || got.size() > kMostReport) break;
    got.append(buffer, static_cast<std::size_t>(size));
    // Of the records that say how far it has come the last is enough.
    if (got.size() > 65536 && got.front() == kAt)
      for (std::uint32_t length = 0; got.size() > 65536 && got.front() == kAt && got.size() >= 5;) {
        std::memcpy(&length, got.data() + 1, sizeof length);
        if (got.size() < 5 + std::size_t{length} + 5) break;
        got.erase(0, 5 + std::size_t{length});
      }
  }
  if (hung) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }

  std::string at;
  std::optional<Verdict> verdict;
  for (std::string_view rest = got; rest.size() >= 5 && !verdict;) {
    std::uint32_t length = 0;
    std::memcpy(&length, rest.data() + 1, sizeof length);
    if (rest.size() - 5 < length) break;
    const std::string_view text = rest.substr(5, length);
    if (rest.front() == kAt) at = text;
    if (rest.front() == kVerdict && !text.empty())
      verdict = Verdict{static_cast<Verdict::Kind>(text.front() - '0'), std::string(text.substr(1))};
    rest.remove_prefix(5 + std::size_t{length});
  }
  const std::string where = at.empty() ? "" : " (" + at + ")";
  if (hung) return failed("it did not come to an end within " + std::to_string(limit.count()) + " seconds" + where);
  if (verdict) return *verdict;
  return failed(ending_of(status) + where);
}

int run_probe(const std::string& name, Question question) {
  const Rule* const rule = find_rule(name);
  if (rule == nullptr || ::fcntl(kReport, F_GETFD) < 0) return 2;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::fcntl(kReport, F_SETFD, FD_CLOEXEC);
  question.settings = read_all(STDIN_FILENO);
  question.at = [](const std::string& what) { report(kAt, what); };
  Verdict verdict;
  try {
    verdict = rule->check(question);
  } catch (const std::exception& e) {
    verdict = not_checked(std::string("the check itself failed: ") + e.what());
  }
  report(kVerdict, std::string(1, static_cast<char>('0' + static_cast<int>(verdict.kind))) + verdict.text);
  ::_exit(0);
}

}  // namespace gatehouse::conformance
