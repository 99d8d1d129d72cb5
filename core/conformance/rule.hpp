#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/subject.hpp"

namespace gatehouse::conformance {

/// What came of one rule. `text` of a failure says what the plugin did; of one that was not checked or not run, why,
/// and what to give for it to be run.
struct Verdict {
  enum class Kind : std::uint8_t { Passed, Failed, NotChecked, NotRun };
  Kind kind = Kind::Passed;
  std::string text;
  std::vector<Fetched> fetches = {};  // while it was held
};
inline Verdict passed() {
  return {};
}
inline Verdict failed(std::string text) {
  return {Verdict::Kind::Failed, std::move(text)};
}
inline Verdict not_checked(std::string text) {
  return {Verdict::Kind::NotChecked, std::move(text)};
}
inline Verdict not_run(std::string text) {
  return {Verdict::Kind::NotRun, std::move(text)};
}

/// What a rule is held against.
struct Question {
  std::string file;
  std::string settings;       // JSON; empty: those that the schema suggests
  std::string http;           // a Script, which is sound; empty: every fetch fails
  std::uint64_t seed = 1;     // of everything random
  std::uint32_t seconds = 0;  // for random input, and for measuring
  std::uint32_t threads = 1;  // for measuring
  std::function<void(const std::string&)> at = [](const std::string&) {};  // how far it has come, should it crash
  std::function<void(const Fetched&)> fetched = [](const Fetched&) {};     // [any]
};

/// One promise of the SDK that a plugin keeps or breaks. It runs in a process of its own, in which the plugin may
/// crash.
struct Rule {
  const char* name;
  const char* promise;
  Verdict (*check)(const Question&);
  int attempts = 1;    // how often it may fail before it counts
  bool alone = false;  // nothing else should run meanwhile: it measures time
};

std::span<const Rule> rules();
const Rule* find_rule(std::string_view name);

// By topic.
Verdict loads(const Question& q);
Verdict offers_all(const Question& q);
Verdict load_time(const Question& q);
Verdict load_side_effects(const Question& q);
Verdict strange_interfaces(const Question& q);
Verdict described(const Question& q);
Verdict schema_sound(const Question& q);
Verdict empty_settings(const Question& q);
Verdict starts(const Question& q);
Verdict unloads(const Question& q);
Verdict repeated_instances(const Question& q);
Verdict answers_once(const Question& q);
Verdict answers_valid(const Question& q);
Verdict nonblocking(const Question& q);
Verdict threads_agree(const Question& q);
Verdict hostile_bytes(const Question& q);
Verdict cancelled(const Question& q);
Verdict stop_pays(const Question& q);
Verdict text_ends(const Question& q);
Verdict request_ends(const Question& q);
Verdict request_lifetime(const Question& q);
Verdict without_services(const Question& q);
Verdict failing_services(const Question& q);
Verdict random_input(const Question& q);
/// No rule, but in need of a process of its own as well: the description, and what a call costs, as JSON.
Verdict describe(const Question& q);
Verdict measure(const Question& q);

/// A plugin that runs on the stage, for most rules. Its settings are those of the question or suggested by the schema.
class Play {
 public:
  explicit Play(const Question& q, Services services = Services::Work, Memory::Kind memory = Memory::Kind::Plain);
  /// An instance that was not ended is left as it is: the verdict is given, and its process ends.
  ~Play();
  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;
  /// Why there is nothing to ask: the library, its settings or the plugin itself refuse.
  const std::optional<Verdict>& refusal() const noexcept { return refusal_; }
  const Subject& subject() const { return *subject_; }
  Stage& stage() { return *stage_; }
  Running& running() { return *running_; }
  std::uint32_t api_types() const { return subject_->description().api_types; }
  std::uint32_t flags() const { return subject_->description().flags; }
  /// A second instance on the same stage, or again after the first has ended.
  Creation begin();
  /// Ends the instance; then the verdict on everything that belongs to no call.
  Verdict end();

 private:
  std::optional<Subject> subject_;
  std::string settings_;
  Memory::Kind memory_;
  std::unique_ptr<Config> config_;
  std::unique_ptr<Stage> stage_;
  std::unique_ptr<Running> running_;
  std::optional<Verdict> refusal_;
};

/// What is wrong with a call whatever was asked: empty when nothing is.
std::string fault_of(const Outcome& outcome, std::uint32_t flags);
std::string kind_name(std::uint32_t kind);

}  // namespace gatehouse::conformance
