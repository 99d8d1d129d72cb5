#include "conformance/apart.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

extern "C" char** environ;

namespace gatehouse::conformance {
namespace {

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

/// Ours, and no chunks that a thread of glibc's keeps for itself: they count as taken, and how many there are is
/// chance, so that plugins which use several threads would seem to leave memory behind.
std::vector<std::string> variables_of_a_probe() {
  constexpr std::string_view kTunables = "GLIBC_TUNABLES=";
  std::vector<std::string> out;
  std::string tunables = std::string(kTunables) + "glibc.malloc.tcache_count=0";
  for (char** v = environ; v != nullptr && *v != nullptr; ++v) {
    const std::string_view variable(*v);
    if (variable.substr(0, kTunables.size()) == kTunables)
      tunables.append(":").append(variable.substr(kTunables.size()));
    else
      out.emplace_back(variable);
  }
  out.push_back(std::move(tunables));
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

/// posix_spawn of what a process gets: pipes, a directory, a group, and signals as if nobody had touched them.
int spawn(pid_t& child, const Pipe& in, const Pipe& out, const std::string& directory, std::vector<std::string> words) {
  std::vector<std::string> variables = variables_of_a_probe();
  std::vector<char*> arguments = pointers(words), environment = pointers(variables);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.read, STDIN_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  if (::getenv("GATEHOUSE_PROBE_OUTPUT") == nullptr)
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.write, kReport);
  ::posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  const int error =
      ::posix_spawn(&child, "/proc/self/exe", &actions, &attributes, arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

Fetched read_fetched(const std::string& text) {
  const std::size_t url = text.find('\n'), answer = text.rfind('\n');
  if (url == answer) return {};
  return {text.substr(0, url), text.substr(url + 1, answer - url - 1), text.substr(answer + 1)};
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

Apart::Apart(Scratch scratch, std::chrono::seconds limit)
    : scratch_(std::move(scratch)), limit_(limit), until_(Clock::now() + limit) {}

Result<std::unique_ptr<Apart>> Apart::start(const std::string& rule, const Question& q, std::chrono::seconds limit) {
  auto scratch = Scratch::make();
  if (!scratch) return tl::unexpected(scratch.error());
  std::unique_ptr<Apart> out(new Apart(std::move(*scratch), limit));
  Pipe in, report;
  if (in.read < 0 || in.write < 0 || report.read < 0 || report.write < 0)
    return fail(Code::Io, "no pipe: " + std::string(std::strerror(errno)));
  std::error_code unknown;
  const auto file = std::filesystem::absolute(q.file, unknown);  // it is elsewhere by the time it looks
  const int error = spawn(
      out->child_, in, report, out->scratch_.path(),
      {"gatehouse", "plugin", "probe", "--rule", rule, "--seed", std::to_string(q.seed), "--seconds",
       std::to_string(q.seconds), "--threads", std::to_string(q.threads), "--", unknown ? q.file : file.string()});
  if (error != 0) {
    out->child_ = -1;
    return fail(Code::Io, "no process: " + std::string(std::strerror(error)));
  }
  Pipe::close(in.read);
  Pipe::close(report.write);
  write_record(in.write, kSettings, q.settings);
  write_record(in.write, kHttp, q.http);
  out->fd_ = std::exchange(report.read, -1);
  return out;
}

Apart::~Apart() {
  reap();
  if (fd_ >= 0) ::close(fd_);
}

int Apart::reap() {
  if (child_ < 0) return 0;
  const auto gone = [&](int options) {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOWAIT | options) < 0 && errno == EINTR) {
    }
    return info.si_pid == child_;
  };
  // Who closed the pipe and gave no verdict is most likely about to end, and how it does is the finding.
  bool over = false;
  while (ended_ && !verdict_ && !(over = gone(WNOHANG)) && Clock::now() < until_)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  hung_ = !over && !verdict_;
  if (!over) ::kill(child_, SIGKILL);
  gone(0);
  // While its leader is not reaped nobody else can have the number of the group.
  ::kill(-child_, SIGKILL);
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  return status;
}

bool Apart::listen() {
  char buffer[65536];
  const ssize_t size = ::read(fd_, buffer, sizeof buffer);
  if (size < 0 && errno == EINTR) return false;
  if (size > 0) records_.add({buffer, static_cast<std::size_t>(size)});
  for (Record record; !verdict_ && records_.next(record);) {
    if (record.what == kAt) at_ = std::move(record.text);
    if (record.what == kFetched) fetches_.push_back(read_fetched(record.text));
    if (record.what == kVerdict && !record.text.empty())
      verdict_ = Verdict{static_cast<Verdict::Kind>(record.text.front() - '0'), record.text.substr(1)};
  }
  ended_ = size <= 0;
  return ended_ || verdict_ || records_.broken();
}

Verdict Apart::end() {
  const int status = reap();
  const std::string where = at_.empty() ? "" : " (" + at_ + ")";
  Verdict out = verdict_ ? *verdict_
                : hung_
                    ? failed("it did not come to an end within " + std::to_string(limit_.count()) + " seconds" + where)
                    : failed(ending_of(status) + where);
  out.fetches = std::move(fetches_);
  return out;
}

}  // namespace gatehouse::conformance
