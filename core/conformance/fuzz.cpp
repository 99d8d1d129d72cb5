// Random requests to instances with random settings, until the time is up.
#include "conformance/example.hpp"
#include "conformance/rule.hpp"

namespace gatehouse::conformance {

Verdict random_input(const Question& q) {
  constexpr std::uint64_t kPerInstance = 200;
  const auto until = Looper::Clock::now() + std::chrono::seconds(q.seconds);
  std::uint64_t n = 0;
  for (std::uint64_t round = 0; round == 0 || Looper::Clock::now() < until; ++round) {
    Question with = q;
    if (round > 0) {
      auto subject = Subject::load(q.file);
      if (!subject) return failed(subject.error().text);
      const auto settings = random_settings(subject->description().settings_schema, q.seed, round);
      if (settings) with.settings = *settings;
    }
    const std::string place = "seed " + std::to_string(q.seed) + ", settings " + std::to_string(round);
    with.at = [&](const std::string& what) { q.at(place + ", " + what); };
    Play play(with, static_cast<Services>(round % 4), round % 2 == 0 ? Memory::Kind::Guarded : Memory::Kind::Plain);
    if (play.refusal()) {
      // Random settings may be refused; the first are those that were given.
      if (play.refusal()->kind == Verdict::Kind::Failed && (round == 0 || play.refusal()->text.starts_with("in ")))
        return *play.refusal();
      if (round == 0 && play.refusal()->kind != Verdict::Kind::Passed) return *play.refusal();
      continue;
    }
    play.stage().judge_answers = false;
    for (std::uint64_t i = 0; i < kPerInstance && (i < 20 || Looper::Clock::now() < until); ++i, ++n) {
      const Sample sample = random_sample(q.seed, n, play.api_types());
      with.at(sample.name);
      const Outcome o = play.running().ask(sample, i % 8 == 0 ? Memory::Kind::Guarded : Memory::Kind::Plain);
      std::string fault = fault_of(o, play.flags());
      if (fault.empty()) fault = o.invalid;
      if (!fault.empty()) return failed(place + ", " + sample.name + ": " + fault);
    }
    with.at("ending the instance");
    if (const Verdict ended = play.end(); ended.kind != Verdict::Kind::Passed) return ended;
  }
  Verdict out = passed();
  out.text = std::to_string(n) + " requests, seed " + std::to_string(q.seed);
  return out;
}

}  // namespace gatehouse::conformance
