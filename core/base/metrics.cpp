#include "base/metrics.hpp"

#include <cstdio>

namespace gatehouse::base {
namespace {

const char* type_name(Registry::Kind kind) {
  return kind == Registry::Kind::Gauge ? "gauge" : "counter";
}

// `{a="x",b="y"}`, with `extra` (already in that form, without braces) last.
std::string label_text(const Labels& labels, const std::string& extra = {}) {
  std::string out;
  for (const auto& [key, value] : labels) {
    if (!out.empty()) out += ',';
    out += key + "=\"";
    for (const char c : value) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n')
        out += "\\n";
      else
        out += c;
    }
    out += '"';
  }
  if (!extra.empty()) out += (out.empty() ? "" : ",") + extra;
  return out.empty() ? out : "{" + out + "}";
}

std::string decimal(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%g", value);
  return out;
}

}  // namespace

void Histogram::observe_ns(std::int64_t ns) noexcept {
  const double seconds = static_cast<double>(ns) * 1e-9;
  std::size_t i = 0;
  while (i < kBounds.size() && seconds > kBounds[i]) ++i;
  buckets_[i].add();
  sum_us_.add(ns > 0 ? static_cast<std::uint64_t>(ns / 1000) : 0);
}

std::size_t SharedCounter::own_cell() noexcept {
  static std::atomic<std::size_t> next{0};
  static thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % kCells;
  return mine;
}

std::uint64_t SharedCounter::value() const noexcept {
  std::uint64_t sum = 0;
  for (const Cell& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
  return sum;
}

void SharedHistogram::observe_ns(std::uint64_t ns) noexcept {
  const double seconds = static_cast<double>(ns) * 1e-9;
  std::size_t i = 0;
  while (i < Histogram::kBounds.size() && seconds > Histogram::kBounds[i]) ++i;
  Cell& cell = cells_[SharedCounter::own_cell()];
  cell.buckets[i].fetch_add(1, std::memory_order_relaxed);
  cell.sum_us.fetch_add(ns / 1000, std::memory_order_relaxed);
}

std::uint64_t SharedHistogram::bucket(std::size_t i) const noexcept {
  std::uint64_t sum = 0;
  for (const Cell& cell : cells_) sum += cell.buckets[i].load(std::memory_order_relaxed);
  return sum;
}

std::uint64_t SharedHistogram::sum_us() const noexcept {
  std::uint64_t sum = 0;
  for (const Cell& cell : cells_) sum += cell.sum_us.load(std::memory_order_relaxed);
  return sum;
}

Counter& Registry::counter(std::uint32_t worker, const std::string& name, const std::string& help, const Labels& labels,
                           Kind kind) {
  const std::lock_guard guard(lock_);
  Family& family = families_[name];
  family.help = help;
  family.type = type_name(kind);
  auto& slot = family.cells[labels].own[worker];
  if (!slot) slot = std::make_unique<Counter>();
  return *slot;
}

Histogram& Registry::histogram(std::uint32_t worker, const std::string& name, const std::string& help,
                               const Labels& labels) {
  const std::lock_guard guard(lock_);
  Family& family = families_[name];
  family.help = help;
  family.type = "histogram";
  auto& slot = family.cells[labels].histograms[worker];
  if (!slot) slot = std::make_unique<Histogram>();
  return *slot;
}

void Registry::attach(std::uint32_t, const std::string& name, const std::string& help, const Labels& labels, Kind kind,
                      const Counter& counter) {
  const std::lock_guard guard(lock_);
  Family& family = families_[name];
  family.help = help;
  family.type = type_name(kind);
  family.cells[labels].attached.push_back(&counter);
}

void Registry::forget_the_dead() {
  for (auto& [name, family] : families_) {
    for (auto& [labels, cell] : family.cells) {
      std::erase_if(cell.shared, [](const auto& one) { return one.expired(); });
      std::erase_if(cell.shared_histograms, [](const auto& one) { return one.expired(); });
    }
    std::erase_if(family.cells, [](const auto& one) { return one.second.empty(); });
  }
  std::erase_if(families_, [](const auto& one) { return one.second.cells.empty(); });
}

// A histogram `x` shows as `x_bucket`, `x_sum` and `x_count`: nothing else may have these names.
Registry::Family* Registry::family(const std::string& name, const std::string& help, const char* type) {
  forget_the_dead();
  const std::string_view histogram = "histogram";
  const auto found = families_.find(name);
  if (found != families_.end()) return found->second.type == std::string_view(type) ? &found->second : nullptr;
  for (const std::string_view part : {"_bucket", "_sum", "_count"}) {
    if (type == histogram && families_.count(name + std::string(part)) != 0) return nullptr;
    if (!name.ends_with(part)) continue;
    const auto whole = families_.find(name.substr(0, name.size() - part.size()));
    if (whole != families_.end() && whole->second.type == histogram) return nullptr;
  }
  Family& fresh = families_[name];
  fresh.help = help;
  fresh.type = type;
  return &fresh;
}

bool Registry::attach(const std::string& name, const std::string& help, const Labels& labels,
                      const std::shared_ptr<const SharedCounter>& counter) {
  const std::lock_guard guard(lock_);
  Family* const into = family(name, help, "counter");
  if (into != nullptr) into->cells[labels].shared.push_back(counter);
  return into != nullptr;
}

bool Registry::attach(const std::string& name, const std::string& help, const Labels& labels,
                      const std::shared_ptr<const SharedHistogram>& histogram) {
  const std::lock_guard guard(lock_);
  Family* const into = family(name, help, "histogram");
  if (into != nullptr) into->cells[labels].shared_histograms.push_back(histogram);
  return into != nullptr;
}

std::string Registry::text() {
  const std::lock_guard guard(lock_);
  forget_the_dead();
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + family.help + "\n# TYPE " + name + " " + family.type + "\n";
    for (const auto& [labels, cell] : family.cells) {
      if (!cell.histograms.empty() || !cell.shared_histograms.empty()) {
        std::array<std::uint64_t, Histogram::kBounds.size() + 1> buckets{};
        std::uint64_t sum_us = 0;
        const auto add = [&](const auto& histogram) {
          for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += histogram.bucket(i);
          sum_us += histogram.sum_us();
        };
        for (const auto& [worker, histogram] : cell.histograms) add(*histogram);
        for (const auto& weak : cell.shared_histograms)
          if (const auto histogram = weak.lock()) add(*histogram);
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < buckets.size(); ++i) {
          count += buckets[i];
          const std::string bound = i < Histogram::kBounds.size() ? decimal(Histogram::kBounds[i]) : "+Inf";
          out += name + "_bucket" + label_text(labels, "le=\"" + bound + "\"") + " " + std::to_string(count) + "\n";
        }
        out += name + "_sum" + label_text(labels) + " " + decimal(static_cast<double>(sum_us) * 1e-6) + "\n";
        out += name + "_count" + label_text(labels) + " " + std::to_string(count) + "\n";
        continue;
      }
      std::uint64_t sum = 0;
      for (const auto& [worker, counter] : cell.own) sum += counter->value();
      for (const Counter* counter : cell.attached) sum += counter->value();
      for (const auto& weak : cell.shared)
        if (const auto counter = weak.lock()) sum += counter->value();
      out += name + label_text(labels) + " " + std::to_string(sum) + "\n";
    }
  }
  return out;
}

}  // namespace gatehouse::base
