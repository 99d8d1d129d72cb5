// What instances do with their settings and with what they leave behind.
#include <dlfcn.h>
#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <thread>

#include "conformance/example.hpp"
#include "conformance/rule.hpp"

namespace gatehouse::conformance {
namespace {

std::size_t entries(const char* directory) {
  std::error_code error;
  std::size_t n = 0;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) ++n;
  return n;
}

/// What malloc has given out; of a sanitizer's allocator, where there is one.
std::size_t allocated_bytes() {
  using Function = std::size_t();
  static auto* const sanitizer =
      reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, "__sanitizer_get_current_allocated_bytes"));
  return sanitizer != nullptr ? sanitizer() : ::mallinfo2().uordblks;
}

/// Settings that were made for the purpose: accepted, or refused in the way that the contract has it.
std::string try_settings(const Subject& subject, const std::string& json, const Question& q) {
  auto config = Config::make(json, Memory::Kind::Plain);
  if (!config) return {};
  Stage stage(Services::Work, subject.description());
  stage.answer_fetches(Script::parse(q.http).value_or(Script()), q.fetched);
  Running running(subject, stage);
  const Creation made = running.begin((*config)->c());
  return made.fault.empty() ? std::string() : "in " + made.call + ": " + made.fault;
}

}  // namespace

Verdict empty_settings(const Question& q) {
  auto subject = Subject::load(q.file);
  if (!subject) return failed(subject.error().text);
  q.at("giving it no settings");
  if (const std::string wrong = try_settings(*subject, "{}", q); !wrong.empty())
    return failed("given no settings, " + wrong);
  for (std::uint64_t n = 0; n < 20; ++n) {
    const auto json = random_settings(subject->description().settings_schema, q.seed, n);
    if (!json) continue;
    q.at("giving it random settings that its schema allows: " + json->substr(0, 400));
    if (const std::string wrong = try_settings(*subject, *json, q); !wrong.empty())
      return failed("given settings that its schema allows (" + json->substr(0, 200) + "), " + wrong);
  }
  return passed();
}

Verdict starts(const Question& q) {
  Play play(q);
  return play.refusal() ? *play.refusal() : play.end();
}

Verdict repeated_instances(const Question& q) {
  // Two hundred, or as many as five seconds hold of a plugin that takes its time. After a first part, in which what is
  // made once is made, four windows: what grows in every one is left behind. Growing in one or two is no fault: a list
  // doubles, a cache fills up.
  constexpr std::size_t kLeast = 20, kMost = 200, kWindows = 4;
  std::size_t rounds = kMost, window = kMost / (kWindows + 1);
  const auto begun = Looper::Clock::now();
  Play play(q);
  if (play.refusal()) return *play.refusal();
  const std::vector<Sample> samples = ordinary_samples(play.api_types());
  struct State {
    std::size_t bytes, files, threads;
  };
  const auto now = [] { return State{allocated_bytes(), entries("/proc/self/fd"), entries("/proc/self/task")}; };
  std::vector<State> states;
  for (std::size_t round = 0; round < rounds; ++round) {
    q.at("instance " + std::to_string(round + 1) + " of " + std::to_string(rounds));
    if (round > 0)
      if (const Creation made = play.begin(); made.code != GH_OK)
        return failed("instance " + std::to_string(round + 1) + " is refused in " + made.call + ": " + made.text +
                      made.fault);
    if (play.running().ask(samples[round % samples.size()]).late) return failed("there was no answer by the deadline");
    if (const Verdict ended = play.end(); ended.kind != Verdict::Kind::Passed) return ended;
    if (round + 1 == 4) {
      const auto each = (Looper::Clock::now() - begun) / 4;
      rounds =
          std::clamp(static_cast<std::size_t>(std::chrono::seconds(5) / std::max(each, Looper::Clock::duration(1))),
                     kLeast, kMost);
      window = rounds / (kWindows + 1);
      rounds = window * (kWindows + 1);
    }
    if ((round + 1) % window == 0) states.push_back(now());
  }
  // A thread that was joined may take a moment to vanish.
  for (int i = 0; i < 100 && states.back().threads > states.front().threads; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    states.back().threads = entries("/proc/self/task");
  }
  if (states.back().threads >= states.front().threads + kWindows * window / 2)
    return failed("each instance leaves a thread behind: join it in stop()");
  if (states.back().files >= states.front().files + kWindows * window / 2)
    return failed("each instance leaves an open file behind");
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (std::size_t i = 1; i < states.size(); ++i)
    least = std::min(least, states[i].bytes - std::min(states[i].bytes, states[i - 1].bytes));
  if (least >= std::max<std::size_t>(window * 16, 512))
    return failed("each instance leaves about " + std::to_string(least / window) + " bytes of memory behind");
  return passed();
}

}  // namespace gatehouse::conformance
