#include "conformance/rule.hpp"

#include "conformance/example.hpp"

namespace gatehouse::conformance {
namespace {

constexpr Rule kRules[] = {
    {"loads", "the gateway loads it, and its module says what its manifest says", loads},
    {"offers_all", "this gateway has everything that it asks for", offers_all},
    {"load_time", "loading takes less than a second", load_time, 3, true},
    {"load_side_effects", "loading changes nothing in the process: signal handlers, threads, environment, files",
     load_side_effects},
    {"strange_interfaces", "an interface, index or extension that it does not know is null", strange_interfaces},
    {"described", "its description says what it is for", described},
    {"schema", "its settings schema is sound, and so are the defaults and examples in it", schema_sound},
    {"empty_settings", "settings that it cannot use are refused with a reason", empty_settings},
    {"starts", "an instance is made of good settings", starts},
    {"answers_once", "each call is answered, once, by its deadline", answers_once},
    {"answers_valid", "answers are of a known kind and keep to the contract", answers_valid},
    {"nonblocking", "authorize() of a NONBLOCKING plugin does not wait", nonblocking, 1, true},
    {"threads_agree", "eight threads get the answers that one gets", threads_agree},
    {"hostile_bytes", "requests of an attacker are answered like others", hostile_bytes},
    {"text_ends", "no byte behind the end of a text is read", text_ends},
    {"request_ends", "no member behind the end of a struct is read", request_ends},
    {"request_lifetime", "a request is not touched after its answer", request_lifetime},
    {"without_services", "a host without services is borne", without_services},
    {"failing_services", "services that fail are borne", failing_services},
    {"cancel", "a cancelled call is still paid, once", cancelled},
    {"stop_pays", "stop() returns when every answer is paid", stop_pays},
    {"instances", "many instances, one after the other, leave no memory, file or thread behind", repeated_instances},
    {"unloads", "it can be unloaded, or says that it cannot", unloads},
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

const Rule* find_rule(std::string_view name) {
  static constexpr Rule kOthers[] = {{"random", "random requests and settings are borne", random_input},
                                     {"describe", "", describe},
                                     {"measure", "", measure}};
  for (const Rule& rule : kRules)
    if (name == rule.name) return &rule;
  for (const Rule& rule : kOthers)
    if (name == rule.name) return &rule;
  return nullptr;
}

Play::Play(const Question& q, Services services, Memory::Kind memory) : memory_(memory) {
  q.at("loading");
  auto subject = Subject::load(q.file);
  if (!subject) {
    refusal_ = failed(subject.error().text);
    return;
  }
  subject_ = std::move(*subject);
  std::string settings = q.settings;
  if (settings.empty()) {
    auto made = example_settings(subject_->description().settings_schema);
    if (!made) {
      refusal_ = not_run("no settings could be made from its schema (" + made.error().text +
                         "): give some with --settings, or put `examples` into it");
      return;
    }
    settings = *made;
  }
  settings_ = std::move(settings);
  stage_ = std::make_unique<Stage>(services, subject_->description(), memory);
  stage_->answer_fetches(Script::parse(q.http).value_or(Script()), q.fetched);
  running_ = std::make_unique<Running>(*subject_, *stage_);
  q.at("making an instance");
  const Creation made = begin();
  if (made.code == GH_OK) return;
  if (!made.fault.empty())
    refusal_ = failed("in " + made.call + ": " + made.fault);
  else if (services != Services::Work)
    refusal_ = passed();  // to refuse with a reason is one way to bear it
  else if (const std::string fetch = stage_->failed_fetch(); !fetch.empty())
    refusal_ = not_run("its " + made.call + "() says `" + made.text + "` after " + fetch +
                       ": give the reply that it needs with --http");
  else if (q.settings.empty())
    refusal_ = not_run("it refuses settings that were made from its schema (" + made.text +
                       "): give some with --settings, or put `examples` into it");
  else
    refusal_ = failed("it refuses the settings in " + made.call + ": " + made.text);
}

Play::~Play() {
  if (running_ == nullptr || running_->c() == nullptr) return;
  static_cast<void>(running_.release());
  static_cast<void>(stage_.release());
  static_cast<void>(config_.release());
}

Creation Play::begin() {
  // Anew each time: what was looked up in it stays in memory with it.
  auto config = Config::make(settings_, memory_);
  if (!config) return {GH_E_CONFIG, "create", config.error().text, config.error().text};
  config_ = std::move(*config);
  return running_->begin(config_->c());
}

Verdict Play::end() {
  running_->end();
  const std::string wrong = stage_->misdeeds();
  return wrong.empty() ? passed() : failed(wrong);
}

std::string kind_name(std::uint32_t kind) {
  switch (kind) {
    case GH_ALLOW:
      return "allow";
    case GH_DENY:
      return "deny";
    case GH_UNAUTHORIZED:
      return "unauthorized";
    case GH_FAILED:
      return "failed";
    case GH_ABSTAIN:
      return "abstain";
    default:
      return "no answer";
  }
}

std::string fault_of(const Outcome& o, std::uint32_t flags) {
  if (o.threw) return "it threw an exception across the ABI";
  if (o.answers > 1) return "it was answered twice";
  if (o.late) return "there was no answer by the deadline";
  if (o.code > 0 && o.code != GH_PENDING && o.answers == 0)
    return "authorize() returned " + std::to_string(o.code) + ", which means nothing, and no answer";
  if (o.code == GH_PENDING && (flags & GH_F_ASYNC) == 0 && !o.inside)
    return "authorize() returned GH_PENDING, and the flag GH_F_ASYNC is not set";
  if (o.code == GH_OK && !o.inside) return "authorize() returned GH_OK without an answer";
  return {};
}

}  // namespace gatehouse::conformance
