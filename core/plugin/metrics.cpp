#include "plugin/metrics.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

constexpr std::size_t kMaxLabels = 8;
constexpr std::size_t kMaxLabelValue = 128;
constexpr std::size_t kMaxHelp = 256;

bool is_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > 64 || name.front() < 'a' || name.front() > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_line(std::string_view text) noexcept {
  return base::is_utf8(text) && std::none_of(text.begin(), text.end(),
                                             [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Labels of a plugin; false when one breaks the rules. `le` and `authorizer` are the host's.
bool read_labels(const gh_kvs* from, base::Labels& out) {
  if (from == nullptr || from->count == 0) return true;
  if (from->items == nullptr || from->count > kMaxLabels) return false;
  for (std::size_t i = 0; i < from->count; ++i) {
    const gh_kv& label = from->items[i];
    if (!is_text(&label.key) || !is_text(&label.val)) return false;
    const std::string_view name = view(label.key), value = view(label.val);
    if (!is_name(name) || name == "le" || name == "authorizer") return false;
    if (value.size() > kMaxLabelValue || !is_line(value)) return false;
    for (const auto& [known, ignored] : out)
      if (known == name) return false;
    out.emplace_back(name, value);
  }
  // Sorted: the same labels in another order are the same.
  std::sort(out.begin(), out.end());
  return true;
}

// The text format has two characters to escape.
std::string help_line(std::string_view help) {
  std::string out;
  for (const char c : help) {
    if (c == '\\') out += c;
    out += c;
  }
  return out;
}

}  // namespace

template <class M>
std::int32_t Metrics::declare(std::shared_ptr<M> Metric::*kind, std::string_view name, std::string_view help,
                              const gh_kvs* labels, std::uint32_t& handle) {
  if (closed_) return GH_E_STATE;
  base::Labels own;
  if (!is_name(name) || help.size() > kMaxHelp || !is_line(help) || !read_labels(labels, own)) return GH_E_INVALID;
  own.insert(own.begin(), {"authorizer", authorizer_});
  const std::uint32_t count = count_.load(std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (metrics_[i].name != name) continue;
    if (metrics_[i].*kind == nullptr) return GH_E_INVALID;
    if (metrics_[i].labels == own) return handle = i + 1, GH_OK;
  }
  if (count == kMost) return GH_E_LIMIT;
  auto made = std::make_shared<M>();
  Metric& metric = metrics_[count];
  metric.name = name;
  metric.labels = own;
  if (registry_ != nullptr && !registry_->attach("gatehouse_plugin_" + metric.name, help_line(help), own, made))
    return GH_E_INVALID;
  metric.*kind = std::move(made);
  count_.store(count + 1, std::memory_order_release);
  handle = count + 1;
  return GH_OK;
}

std::int32_t Metrics::declare_counter(std::string_view name, std::string_view help, const gh_kvs* labels,
                                      std::uint32_t& handle) {
  return declare(&Metric::counter, name, help, labels, handle);
}

std::int32_t Metrics::declare_histogram(std::string_view name, std::string_view help, const gh_kvs* labels,
                                        std::uint32_t& handle) {
  return declare(&Metric::histogram, name, help, labels, handle);
}

void Metrics::add(std::uint32_t handle, std::uint64_t value) noexcept {
  if (handle == 0 || handle > count_.load(std::memory_order_acquire)) return;
  const Metric& metric = metrics_[handle - 1];
  if (metric.counter != nullptr) metric.counter->add(value);
}

void Metrics::observe_ns(std::uint32_t handle, std::uint64_t ns) noexcept {
  if (handle == 0 || handle > count_.load(std::memory_order_acquire)) return;
  const Metric& metric = metrics_[handle - 1];
  if (metric.histogram != nullptr) metric.histogram->observe_ns(ns);
}

}  // namespace gatehouse::plugin
