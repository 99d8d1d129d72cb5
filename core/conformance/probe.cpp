// The process in which a rule is held: what run_apart() starts.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "conformance/records.hpp"
#include "conformance/runner.hpp"

namespace gatehouse::conformance {
namespace {

void read_question(Question& question) {
  Records records;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    records.add({buffer, static_cast<std::size_t>(n)});
  }
  for (Record record; records.next(record);)
    if (record.what == kSettings)
      question.settings = std::move(record.text);
    else if (record.what == kHttp)
      question.http = std::move(record.text);
}

}  // namespace

int run_probe(const std::string& name, Question question) {
  const Rule* const rule = find_rule(name);
  if (rule == nullptr || ::fcntl(kReport, F_GETFD) < 0) return 2;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::fcntl(kReport, F_SETFD, FD_CLOEXEC);
  read_question(question);
  question.at = [](const std::string& what) { write_record(kReport, kAt, what); };
  // Shorter than what a pipe takes at once, whatever other threads write.
  question.fetched = [](const Fetched& f) {
    write_record(kReport, kFetched, f.method + "\n" + f.url + "\n" + f.answer);
  };
  Verdict verdict;
  try {
    verdict = rule->check(question);
  } catch (const std::exception& e) {
    verdict = not_checked(std::string("the check itself failed: ") + e.what());
  }
  write_record(kReport, kVerdict,
               std::string(1, static_cast<char>('0' + static_cast<int>(verdict.kind))) + verdict.text);
  ::_exit(0);
}

}  // namespace gatehouse::conformance
