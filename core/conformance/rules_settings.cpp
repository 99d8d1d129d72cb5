// What instances do with their settings and with what they leave behind.
#include <dlfcn.h>
#include <malloc.h>

#include <algorithm>
#include <filesystem>
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
  // Two hundred, or as many as five seconds hold of a plugin that takes its time.
  constexpr std::size_t kLeast = 20, kMost = 200;
  std::size_t rounds = kMost, warm = kMost / 5;
  const auto begun = Looper::Clock::now();
  Play play(q);
  if (play.refusal()) return *play.refusal();
  const std::vector<Sample> samples = ordinary_samples(play.api_types());
  struct State {
    std::size_t bytes, files, threads;
  };
  const auto now = [] { return State{allocated_bytes(), entries("/proc/self/fd"), entries("/proc/self/task")}; };
  State states[3] = {};
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
      warm = rounds / 5;
    }
    if (round + 1 == warm) states[0] = now();
    if (round + 1 == warm + (rounds - warm) / 2) states[1] = now();
  }
  states[2] = now();
  // A thread that was joined may take a moment to vanish.
  for (int i = 0; i < 100 && states[2].threads > states[0].threads; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    states[2].threads = entries("/proc/self/task");
  }
  const std::size_t half = (rounds - warm) / 2;
  if (states[2].threads >= states[0].threads + half)
    return failed("each instance leaves a thread behind: join it in stop()");
  if (states[2].files >= states[0].files + half) return failed("each instance leaves an open file behind");
  // Both halves grow: what fills up once, grows in one.
  const std::size_t grown = std::max<std::size_t>(half * 16, 1280);  // what a list or a cache may add by chance
  if (states[1].bytes >= states[0].bytes + grown && states[2].bytes >= states[1].bytes + grown)
    return failed("each instance leaves about " + std::to_string((states[2].bytes - states[1].bytes) / half) +
                  " bytes of memory behind");
  return passed();
}

}  // namespace gatehouse::conformance
