#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/command.hpp"
#include "app/runtime.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace gatehouse::app {
namespace {

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

// As many descriptors as the system lets us have: each connection is one, and one more to its upstream.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class ServeCommand final : public Command {
 public:
  explicit ServeCommand(CLI::App& parser) {
    parser.add_option("-c,--config", file_, "configuration file")->default_str("/etc/gatehouse/gatehouse.yaml");
    parser.add_option("--ready-fd", ready_fd_, "write one JSON line to this descriptor when serving, then close it");
    parser.footer(
        "Signals: SIGTERM, SIGINT finish what was begun and stop; a second one stops at once. SIGHUP reloads.\n"
        "SIGUSR1 opens the access log anew.");
  }

  int run() override {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) ::sigaddset(&signals, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread starts: all inherit it
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes fails the write, not the gateway
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::umask(0077);
    raise_descriptor_limit();

    Runtime runtime(file_);
    config::Diagnostics diagnostics;
    const bool serving = runtime.start(diagnostics);
    print(diagnostics);
    if (!serving) {
      std::fprintf(stderr, "error: not started: %zu fault%s in `%s`\n", diagnostics.errors().size(),
                   diagnostics.errors().size() == 1 ? "" : "s", file_.c_str());
      return kFault;
    }
    announce(runtime);
    return wait(runtime, signals);
  }

 private:
  void announce(Runtime& runtime) const {
    std::string line = "{\"ready\":true,\"listeners\":{";
    bool first = true;
    for (const auto& [name, address] : runtime.listeners()) {
      base::log(base::Level::Info, "listening", {{"listener", name}, {"address", address}});
      if (!first) line += ',';
      first = false;
      base::append_json_string(line, name);
      line += ':';
      base::append_json_string(line, address);
    }
    line += "},\"admin\":";
    base::append_json_string(line, runtime.admin_address());
    line += "}\n";
    if (ready_fd_ >= 0) {
      write_all(ready_fd_, line);
      ::close(ready_fd_);
    }
  }

  static int wait(Runtime& runtime, const sigset_t& signals) {
    for (;;) {
      int signal = 0;
      if (::sigwait(&signals, &signal) != 0) continue;
      if (signal == SIGHUP) {
        runtime.reload();
      } else if (signal == SIGUSR1) {
        runtime.reopen_log();
      } else {
        base::log(base::Level::Info, "stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
        // A second signal must be able to end a drain that hangs.
        sigset_t again;
        ::sigemptyset(&again);
        ::sigaddset(&again, SIGTERM);
        ::sigaddset(&again, SIGINT);
        ::pthread_sigmask(SIG_UNBLOCK, &again, nullptr);
        const bool whole = runtime.drain();
        base::log(whole ? base::Level::Info : base::Level::Warn,
                  whole ? "stopped" : "stopped at the deadline: requests under way were cut off");
        return whole ? kOk : kFault;
      }
    }
  }

  std::string file_ = "/etc/gatehouse/gatehouse.yaml";
  int ready_fd_ = -1;
};

}  // namespace

std::unique_ptr<Command> serve_command(CLI::App& parser) {
  return std::make_unique<ServeCommand>(parser);
}

}  // namespace gatehouse::app
