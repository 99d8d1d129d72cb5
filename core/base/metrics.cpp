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

std::string Registry::text() const {
  const std::lock_guard guard(lock_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + family.help + "\n# TYPE " + name + " " + family.type + "\n";
    for (const auto& [labels, cell] : family.cells) {
      if (!cell.histograms.empty()) {
        std::uint64_t count = 0;
        std::uint64_t sum_us = 0;
        for (std::size_t i = 0; i <= Histogram::kBounds.size(); ++i) {
          for (const auto& [worker, histogram] : cell.histograms) count += histogram->bucket(i);
          const std::string bound = i < Histogram::kBounds.size() ? decimal(Histogram::kBounds[i]) : "+Inf";
          out += name + "_bucket" + label_text(labels, "le=\"" + bound + "\"") + " " + std::to_string(count) + "\n";
        }
        for (const auto& [worker, histogram] : cell.histograms) sum_us += histogram->sum_us();
        out += name + "_sum" + label_text(labels) + " " + decimal(static_cast<double>(sum_us) * 1e-6) + "\n";
        out += name + "_count" + label_text(labels) + " " + std::to_string(count) + "\n";
        continue;
      }
      std::uint64_t sum = 0;
      for (const auto& [worker, counter] : cell.own) sum += counter->value();
      for (const Counter* counter : cell.attached) sum += counter->value();
      out += name + label_text(labels) + " " + std::to_string(sum) + "\n";
    }
  }
  return out;
}

}  // namespace gatehouse::base
