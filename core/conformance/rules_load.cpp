// What a library does when it is loaded, and what it says of itself.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "base/text.hpp"
#include "conformance/example.hpp"
#include "conformance/rule.hpp"
#include "plugin/file.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"

extern "C" char** environ;

namespace gatehouse::conformance {
namespace {

std::size_t entries(const char* directory) {
  std::error_code error;
  std::size_t n = 0;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) ++n;
  return n;
}

/// What a process has one of.
std::map<std::string, std::string> process_state() {
  std::map<std::string, std::string> out;
  for (int n = 1; n < NSIG; ++n) {
    struct sigaction action {};
    if (::sigaction(n, nullptr, &action) != 0) continue;
    std::ostringstream text;
    text << reinterpret_cast<const void*>(action.sa_sigaction) << ' ' << action.sa_flags;
    const char* const name = ::sigabbrev_np(n);
    out["the handler of signal " + (name != nullptr ? "SIG" + std::string(name) : std::to_string(n))] = text.str();
  }
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  std::string mask;
  for (int n = 1; n < NSIG; ++n) mask += ::sigismember(&blocked, n) == 1 ? '1' : '0';
  out["the signal mask"] = mask;
  std::string variables;
  for (char** v = environ; v != nullptr && *v != nullptr; ++v) variables.append(*v).push_back('\n');
  out["the environment"] = variables;
  std::error_code error;
  out["the working directory"] = std::filesystem::current_path(error).string();
  out["the locale"] = std::setlocale(LC_ALL, nullptr);
  const mode_t mask_of_files = ::umask(0);
  ::umask(mask_of_files);
  out["the umask"] = std::to_string(mask_of_files);
  out["the number of threads"] = std::to_string(entries("/proc/self/task"));
  out["the number of open files"] = std::to_string(entries("/proc/self/fd"));
  return out;
}

bool is_text(const char* text) {
  return text != nullptr && *text != '\0' && base::is_utf8(text);
}

}  // namespace

Verdict loads(const Question& q) {
  const std::filesystem::path path(q.file);
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  auto manifest = plugin::check_library(bytes);
  if (!manifest) return failed(manifest.error().text);
  auto staging = plugin::Staging::open("");
  if (!staging) return not_checked(staging.error().text);
  auto library = plugin::Library::load(*staging, bytes, "check", *manifest);
  return library ? passed() : failed(library.error().text);
}

Verdict offers_all(const Question& q) {
  auto subject = Subject::load(q.file);
  if (!subject) return failed(subject.error().text);
  auto runnable = plugin::Host::runnable(subject->description());
  return runnable ? passed() : failed(runnable.error().text);
}

Verdict load_time(const Question& q) {
  const auto before = std::chrono::steady_clock::now();
  auto subject = Subject::load(q.file);
  if (!subject) return failed(subject.error().text);
  const auto took = std::chrono::steady_clock::now() - before;
  if (took < std::chrono::seconds(1)) return passed();
  return failed("loading took " +
                std::to_string(std::chrono::milliseconds(took / std::chrono::milliseconds(1)).count()) +
                " ms: do in start() what takes time");
}

Verdict load_side_effects(const Question& q) {
  const auto before = process_state();
  auto subject = Subject::load(q.file);
  if (!subject) return failed(subject.error().text);
  const auto after = process_state();
  std::string changed;
  for (const auto& [what, was] : before)
    if (after.at(what) != was) changed += (changed.empty() ? "" : ", ") + what;
  if (changed.empty()) return passed();
  return failed("loading changes " + changed + ": nothing may happen before create()");
}

Verdict strange_interfaces(const Question& q) {
  Play play(q);
  if (play.refusal() && play.refusal()->kind == Verdict::Kind::Failed) return *play.refusal();
  const gh_module& m = play.subject().module();
  q.at("asking for interfaces that do not exist");
  for (const char* const id :
       {"", "gatehouse.authorizer/99", "gatehouse.authorizer", "gatehouse.authorizer/1x", "com.example.nothing/1"})
    if (m.iface(0, id) != nullptr)
      return failed("it has something for the unknown interface `" + std::string(id) + "`");
  if (m.iface(1, GH_IFACE_AUTHORIZER) != nullptr || m.iface(0xffffffffu, GH_IFACE_AUTHORIZER) != nullptr)
    return failed("it has an interface for a plugin that it does not hold: iface(1, ...) must be null");
  if (m.plugin(1) != nullptr || m.plugin(0xffffffffu) != nullptr)
    return failed("it describes a plugin that it does not hold: plugin(1) must be null");
  if (play.subject().entry()() != &m || m.plugin(0) != &play.subject().description())
    return failed("its entry says another thing when it is asked again");
  if (play.refusal()) return passed();
  if (play.subject().api().extension != nullptr)
    for (const char* const id : {"", "com.example.nothing/1"})
      if (play.subject().api().extension(play.running().c(), id) != nullptr)
        return failed("it has something for the unknown extension `" + std::string(id) + "`");
  return play.end();
}

Verdict described(const Question& q) {
  auto subject = Subject::load(q.file);
  if (!subject) return failed(subject.error().text);
  const gh_plugin_desc& d = subject->description();
  if (!is_text(d.summary)) return failed("it has no summary: `gatehouse plugin docs` would have nothing to say");
  if (std::strchr(d.summary, '\n') != nullptr) return failed("its summary is more than one line");
  if (d.vendor != nullptr && !base::is_utf8(d.vendor)) return failed("its vendor is not UTF-8");
  if (d.doc_url != nullptr) {
    const std::string_view url = d.doc_url;
    if (!url.starts_with("https://") && !url.starts_with("http://"))
      return failed("its doc_url is no address: `" + std::string(url) + "`");
  }
  for (const char* const* id = d.services; id != nullptr && *id != nullptr; ++id) {
    const std::string_view service = *id;
    const std::size_t slash = service.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == service.size())
      return failed("it needs the service `" + std::string(service) + "`, which is no id and revision");
  }
  return passed();
}

Verdict schema_sound(const Question& q) {
  auto subject = Subject::load(q.file);
  if (!subject) return failed(subject.error().text);
  auto sound = check_schema(subject->description().settings_schema);
  return sound ? passed() : failed(sound.error().text);
}

Verdict unloads(const Question& q) {
  std::optional<Subject> subject;
  bool never = false;
  {
    Play play(q);
    if (play.refusal() && play.refusal()->kind == Verdict::Kind::Failed) return *play.refusal();
    if (!play.refusal())
      for (const Sample& sample : ordinary_samples(play.api_types())) {
        q.at("asking about " + sample.name);
        if (play.running().ask(sample).late) break;
      }
    q.at("ending the instance");
    if (play.subject().api().destroy != nullptr && !play.refusal()) play.running().end();
    never = (play.flags() & GH_F_NEVER_UNLOAD) != 0;
    subject = play.subject();
  }
  if (never) return passed();
  q.at("unloading");
  if (subject->unload())
    return failed(
        "it stays mapped after dlclose(): the version script of the SDK is missing, or a thread still has thread-local "
        "objects of it; else set GH_F_NEVER_UNLOAD");
  // What it left running runs into nothing now.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  return passed();
}

}  // namespace gatehouse::conformance
