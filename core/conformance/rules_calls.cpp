// What becomes of calls.
#include <algorithm>
#include <map>
#include <thread>

#include "conformance/rule.hpp"

namespace gatehouse::conformance {
namespace {

Verdict about(const Sample& sample, const std::string& what) {
  return failed(sample.name + ": " + what);
}

/// Asks each and looks whether it was answered as it should be.
Verdict ask_all(Play& play, const Question& q, const std::vector<Sample>& samples, Memory::Kind memory) {
  for (const Sample& sample : samples) {
    q.at("asking about " + sample.name);
    const Outcome o = play.running().ask(sample, memory);
    if (const std::string fault = fault_of(o, play.flags()); !fault.empty()) return about(sample, fault);
  }
  q.at("ending the instance");
  return play.end();
}

constexpr int kRounds = 11;

/// Of the processor's time, which nobody else's work adds to.
std::int64_t least_busy_us(const std::vector<Outcome>& outcomes) {
  std::int64_t least = outcomes.front().cpu_ns;
  for (const Outcome& o : outcomes) least = std::min(least, o.cpu_ns);
  return least / 1000;
}

/// How long the thread stands still in a usual call; 0 unless it gives its processor away in most of them. Neither
/// alone tells: a busy machine interrupts, a lock is met now and then, and an instance may do something once.
std::int64_t still_in_most_us(const std::vector<Outcome>& outcomes) {
  std::vector<std::int64_t> still;
  std::size_t waited = 0;
  for (const Outcome& o : outcomes) {
    still.push_back(o.wall_ns - o.cpu_ns);
    waited += o.waits > 0 ? 1 : 0;
  }
  if (waited * 2 <= outcomes.size()) return 0;
  std::nth_element(still.begin(), still.begin() + static_cast<std::ptrdiff_t>(still.size() / 2), still.end());
  return still[still.size() / 2] / 1000;
}

}  // namespace

Verdict answers_once(const Question& q) {
  Play play(q);
  if (play.refusal()) return *play.refusal();
  play.stage().judge_answers = false;
  const auto samples = ordinary_samples(play.api_types());
  bool answered = false;
  // Twice, so that a second answer to the first is noticed.
  for (int round = 0; round < 2; ++round)
    for (const Sample& sample : samples) {
      q.at("asking about " + sample.name);
      const Outcome o = play.running().ask(sample);
      if (const std::string fault = fault_of(o, play.flags()); !fault.empty()) return about(sample, fault);
      answered = answered || o.answers > 0;
    }
  q.at("ending the instance");
  const std::string fetch = play.stage().failed_fetch();
  const Verdict ended = play.end();
  if (ended.kind != Verdict::Kind::Passed || answered) return ended;
  if (!fetch.empty()) return not_run("each call failed after " + fetch + ": give the reply that it needs with --http");
  return failed("it returned an error for every request and never answered");
}

Verdict answers_valid(const Question& q) {
  Play play(q);
  if (play.refusal()) return *play.refusal();
  for (const Sample& sample : ordinary_samples(play.api_types())) {
    q.at("asking about " + sample.name);
    const Outcome o = play.running().ask(sample);
    if (!o.invalid.empty()) return about(sample, o.invalid);
    if (o.late) return about(sample, "there was no answer by the deadline");
  }
  q.at("ending the instance");
  return play.end();
}

Verdict nonblocking(const Question& q) {
  Play play(q);
  if (play.refusal()) return *play.refusal();
  if ((play.flags() & GH_F_NONBLOCKING) == 0) return passed();
  const auto samples = ordinary_samples(play.api_types());
  // On a busy machine many a call is interrupted: a wait counts when it is there each time that one looks.
  std::string waits;
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::map<std::string, std::vector<Outcome>> by_sample;
    for (int round = 0; round < kRounds; ++round) {
      for (const Sample& sample : samples) {
        q.at("asking about " + sample.name);
        const Outcome o = play.running().ask(sample);
        if (o.late) return not_checked("calls get no answer: see answers_once");
        by_sample[sample.name].push_back(o);
      }
      if (round == kRounds / 4)
        for (const auto& [name, outcomes] : by_sample)
          if (const std::int64_t busy_us = least_busy_us(outcomes); busy_us > 50'000)
            return failed(name + ": authorize() computes for " + std::to_string(busy_us) +
                          " microseconds, in which the event loop serves nobody: leave GH_F_NONBLOCKING out");
    }
    waits.clear();
    for (const auto& [name, outcomes] : by_sample)
      if (const std::int64_t still_us = still_in_most_us(outcomes); still_us > 500 && waits.empty())
        waits = name + ": authorize() waits, " + std::to_string(still_us) +
                " microseconds of most calls: use a service that calls back, or leave GH_F_NONBLOCKING out";
    if (waits.empty()) return play.end();
  }
  return failed(waits);
}

Verdict threads_agree(const Question& q) {
  Play play(q);
  if (play.refusal()) return *play.refusal();
  const auto samples = ordinary_samples(play.api_types());
  constexpr std::size_t kMost = 3200;
  const auto key = [](const Outcome& o) { return o.answers == 0 ? std::string("an error") : kind_name(o.kind); };

  // First one thread: a plugin that counts callers changes its mind by itself, and nothing can be compared.
  std::vector<std::string> alone(samples.size());
  bool steady = true;
  std::size_t asked = 0;
  const auto until = Looper::Clock::now() + std::chrono::milliseconds(1500);
  for (; asked < kMost && (asked < 2 * samples.size() || Looper::Clock::now() < until); ++asked) {
    const std::size_t which = asked % samples.size();
    q.at("asking from one thread about " + samples[which].name);
    const Outcome o = play.running().ask(samples[which]);
    if (o.late) return about(samples[which], "there was no answer by the deadline");
    if (alone[which].empty()) alone[which] = key(o);
    steady = steady && alone[which] == key(o);
  }
  if (const Verdict ended = play.end(); ended.kind != Verdict::Kind::Passed) return ended;

  // A new instance, and no more calls than one thread has made.
  if (play.begin().code != GH_OK) return failed("a second instance is refused");
  const std::size_t each = std::max<std::size_t>(asked / Stage::kWorkers / 2, 4);
  std::mutex mutex;
  std::string fault;
  q.at("asking from eight threads");
  std::vector<std::thread> threads;
  for (std::uint32_t worker = 0; worker < Stage::kWorkers; ++worker)
    threads.emplace_back([&, worker] {
      for (std::size_t i = 0; i < each; ++i) {
        const std::size_t which = (i + worker) % samples.size();
        const Outcome o = play.running().ask(samples[which], Memory::Kind::Plain, worker);
        std::string wrong = fault_of(o, play.flags());
        if (wrong.empty() && steady && key(o) != alone[which])
          wrong = "one thread gets `" + alone[which] + "`, eight at once get `" + key(o) + "` too";
        if (wrong.empty()) continue;
        const std::lock_guard lock(mutex);
        if (fault.empty()) fault = samples[which].name + ": " + wrong;
        return;
      }
    });
  for (std::thread& t : threads) t.join();
  if (!fault.empty()) return failed(fault);
  return play.end();
}

Verdict hostile_bytes(const Question& q) {
  Play play(q);
  if (play.refusal()) return *play.refusal();
  play.stage().judge_answers = false;
  for (const Sample& sample : hostile_samples(play.api_types())) {
    q.at("asking about " + sample.name);
    const Outcome o = play.running().ask(sample);
    if (const std::string fault = fault_of(o, play.flags()); !fault.empty()) return about(sample, fault);
    if (!o.invalid.empty()) return about(sample, o.invalid);
  }
  q.at("ending the instance");
  return play.end();
}

Verdict cancelled(const Question& q) {
  Play play(q);
  if (play.refusal()) return *play.refusal();
  for (const Sample& sample : ordinary_samples(play.api_types())) {
    q.at("cancelling " + sample.name);
    play.stage().begin(play.subject().api(), play.running().c(),
                       std::make_shared<Request>(sample, play.subject().description().needs, Memory::Kind::Plain));
    play.stage().cancel(play.subject().api(), play.running().c());
    const Outcome o = play.stage().finish();
    if (o.late) return about(sample, "a call that was cancelled is never answered: complete() is still owed");
    if (o.answers > 1) return about(sample, "a call that was cancelled is answered twice");
    if (o.threw) return about(sample, "it threw an exception across the ABI");
  }
  q.at("ending the instance");
  return play.end();
}

Verdict stop_pays(const Question& q) {
  Play play(q);
  if (play.refusal()) return *play.refusal();
  const auto samples = ordinary_samples(play.api_types());
  for (std::uint32_t worker = 0; worker < Stage::kWorkers; ++worker)
    play.stage().begin(play.subject().api(), play.running().c(),
                       std::make_shared<Request>(samples[worker % samples.size()], play.subject().description().needs,
                                                 Memory::Kind::Plain),
                       worker);
  play.stage().settle();
  q.at("stopping with calls under way");
  play.running().stop();
  play.stage().limit = std::chrono::milliseconds(50);
  for (std::uint32_t worker = 0; worker < Stage::kWorkers; ++worker)
    if (play.stage().finish(worker).late)
      return failed("stop() returned, and a call has no answer yet: answer what is owed and join your threads in it");
  q.at("ending the instance");
  return play.end();
}

Verdict text_ends(const Question& q) {
  Play play(q, Services::Work, Memory::Kind::GuardedTexts);
  if (play.refusal()) return *play.refusal();
  play.stage().judge_answers = false;
  auto samples = ordinary_samples(play.api_types());
  for (Sample& s : hostile_samples(play.api_types()))
    if (s.headers.size() < 100) samples.push_back(std::move(s));
  return ask_all(play, q, samples, Memory::Kind::GuardedTexts);
}

Verdict request_ends(const Question& q) {
  // Every struct of a call ends at an unreadable page: a member that a later minor adds would lie behind it.
  Play play(q, Services::Work, Memory::Kind::GuardedStructs);
  if (play.refusal()) return *play.refusal();
  return ask_all(play, q, ordinary_samples(play.api_types()), Memory::Kind::GuardedStructs);
}

Verdict request_lifetime(const Question& q) {
  Play play(q);
  if (play.refusal()) return *play.refusal();
  play.stage().close_memory = true;
  auto samples = ordinary_samples(play.api_types());
  const auto again = samples;
  samples.insert(samples.end(), again.begin(), again.end());
  return ask_all(play, q, samples, Memory::Kind::Guarded);
}

Verdict without_services(const Question& q) {
  Play play(q, Services::Absent);
  if (play.refusal()) return *play.refusal();
  return ask_all(play, q, ordinary_samples(play.api_types()), Memory::Kind::Plain);
}

Verdict failing_services(const Question& q) {
  for (const Services services : {Services::Refuse, Services::Fail}) {
    Play play(q, services);
    if (play.refusal() && play.refusal()->kind != Verdict::Kind::Passed) return *play.refusal();
    if (play.refusal()) continue;
    if (const Verdict v = ask_all(play, q, ordinary_samples(play.api_types()), Memory::Kind::Plain);
        v.kind != Verdict::Kind::Passed)
      return v;
  }
  return passed();
}

}  // namespace gatehouse::conformance
