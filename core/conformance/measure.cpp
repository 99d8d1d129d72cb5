// What a call costs: the plugin alone, on threads of its own, with a host that does nothing but count.
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "conformance/allocations.hpp"
#include "conformance/example.hpp"
#include "conformance/rule.hpp"

namespace gatehouse::conformance {
namespace {

/// The host of a thread: one call at a time, answered inside authorize() or from elsewhere.
struct Lane {
  std::atomic<std::uint64_t> answered{0};
  std::uint32_t kinds[8] = {};
};
std::vector<Lane>* lanes = nullptr;

std::int32_t GH_CALL complete(const gh_host*, std::uint64_t id, const gh_answer* answer) noexcept {
  Lane& lane = (*lanes)[id & 0xff];
  if (answer != nullptr) ++lane.kinds[answer->kind & 7];
  lane.answered.store(id, std::memory_order_release);
  return GH_OK;
}

struct Measured {
  std::uint64_t calls = 0;
  std::uint64_t ns = 0;
  std::uint64_t allocations = 0;
  bool late = false;
};

Measured run(const Subject& subject, gh_plugin* plugin, const Sample& sample, std::uint32_t worker,
             std::chrono::nanoseconds limit) {
  Request request(sample, subject.description().needs, Memory::Kind::Plain);
  gh_request& r = request.c();
  const bool on_loop = (subject.description().flags & GH_F_NONBLOCKING) != 0;
  r.worker = on_loop ? worker : GH_WORKER_NONE;
  Lane& lane = (*lanes)[worker];
  Measured out;
  const auto before = std::chrono::steady_clock::now();
  const std::uint64_t allocations = allocations_of_this_thread();
  auto now = before;
  for (std::uint64_t serial = 1; now - before < limit; now = std::chrono::steady_clock::now()) {
    for (int i = 0; i < 64; ++i, ++serial) {
      r.call_id = std::uint64_t{1} << 63 | serial << 8 | worker;
      const std::int32_t code = subject.api().authorize(plugin, &r);
      for (std::uint64_t spins = 0; code == GH_PENDING && lane.answered.load(std::memory_order_acquire) != r.call_id;
           ++spins) {
        if (spins < 1000) continue;
        std::this_thread::yield();
        if ((spins & 0xfff) == 0 && std::chrono::steady_clock::now() - before > limit + std::chrono::seconds(5)) {
          out.late = true;
          return out;
        }
      }
      ++out.calls;
      if (i % 8 == 7 && std::chrono::steady_clock::now() - before > limit) break;  // slow plugins
    }
  }
  out.ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(now - before).count());
  out.allocations = allocations_of_this_thread() - allocations;
  return out;
}

}  // namespace

Verdict measure(const Question& q) {
  Play play(q);
  if (play.refusal()) return *play.refusal();
  count_allocations();
  const gh_plugin_desc& d = play.subject().description();
  for (const char* const* id = d.services; id != nullptr && *id != nullptr; ++id)
    if (std::string_view(*id) != GH_SVC_LOG && std::string_view(*id) != GH_SVC_CLOCK)
      return not_checked("it needs the service `" + std::string(*id) +
                         "`, whose cost would be measured and not its own");
  static gh_host host = *play.stage().c();
  host.complete = complete;
  host.worker_count = 256;
  std::vector<Lane> all(256);
  lanes = &all;
  std::string settings = q.settings;
  if (settings.empty()) settings = example_settings(d.settings_schema).value_or("{}");
  auto config = Config::make(settings, Memory::Kind::Plain);
  if (!config) return failed(config.error().text);
  gh_plugin* plugin = nullptr;
  gh_err error{};
  error.struct_size = sizeof error;
  if (play.subject().api().create(&host, (*config)->c(), &plugin, &error) != GH_OK ||
      play.subject().api().start(plugin, &error) != GH_OK)
    return failed(error.msg);

  std::string out = "{\"threads\":" + std::to_string(q.threads) + ",\"cases\":[";
  const auto samples = ordinary_samples(d.api_types);
  const std::size_t shown = std::min<std::size_t>(samples.size(), 2);  // of one API type: without and with credentials
  for (std::size_t which = 0; which < shown; ++which) {
    const Sample& sample = samples[which];
    run(play.subject(), plugin, sample, 0, std::chrono::milliseconds(50));  // warm
    for (Lane& lane : all) std::fill(std::begin(lane.kinds), std::end(lane.kinds), 0u);
    std::vector<Measured> results(q.threads);
    std::vector<std::thread> threads;
    const auto limit =
        std::chrono::nanoseconds(std::chrono::seconds(std::max(q.seconds, 1u))) / static_cast<int>(shown);
    for (std::uint32_t i = 0; i < q.threads; ++i)
      threads.emplace_back([&, i] { results[i] = run(play.subject(), plugin, sample, i, limit); });
    for (std::thread& t : threads) t.join();
    Measured sum;
    for (const Measured& m : results) {
      sum.calls += m.calls;
      sum.ns += m.ns;
      sum.allocations += m.allocations;
      sum.late = sum.late || m.late;
    }
    if (sum.late || sum.calls == 0) return failed(sample.name + ": a call was not answered");
    std::uint32_t kind = 0;
    for (std::uint32_t k = 1; k < 8; ++k)
      if (all[0].kinds[k] > all[0].kinds[kind]) kind = k;
    char numbers[160];
    std::snprintf(numbers, sizeof numbers, "\"calls\":%llu,\"ns_per_call\":%.1f,\"allocations_per_call\":%.2f}",
                  static_cast<unsigned long long>(sum.calls),
                  static_cast<double>(sum.ns) / static_cast<double>(sum.calls),
                  static_cast<double>(sum.allocations) / static_cast<double>(sum.calls));
    out += std::string(which > 0 ? "," : "") + "{\"request\":\"" + sample.name + "\",\"answer\":\"" + kind_name(kind) +
           "\"," + numbers;
  }
  play.subject().api().stop(plugin);
  play.subject().api().destroy(plugin);
  play.end();
  return {Verdict::Kind::Passed, out + "]}"};
}

}  // namespace gatehouse::conformance
