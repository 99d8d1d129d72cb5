// gatehouse.metrics/1
#include "plugin/instance.hpp"
#include "plugin/metrics.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

using Declare = std::int32_t (Metrics::*)(std::string_view, std::string_view, const gh_kvs*, std::uint32_t&);

std::int32_t declare(Declare kind, const gh_host* host, const gh_str* name, const gh_str* help, const gh_kvs* labels,
                     std::uint32_t* handle) noexcept try {
  static const gh_str kNoHelp{"", 0};
  if (help == nullptr) help = &kNoHelp;
  if (host == nullptr || !is_text(name) || !is_text(help) || handle == nullptr) return GH_E_INVALID;
  return (Instance::of(host).metrics().*kind)(view(*name), view(*help), labels, *handle);
} catch (...) {
  return GH_E_LIMIT;  // out of memory
}

std::int32_t GH_CALL counter(const gh_host* host, const gh_str* name, const gh_str* help, const gh_kvs* labels,
                             std::uint32_t* handle) noexcept {
  return declare(&Metrics::declare_counter, host, name, help, labels, handle);
}

std::int32_t GH_CALL histogram(const gh_host* host, const gh_str* name, const gh_str* help, const gh_kvs* labels,
                               std::uint32_t* handle) noexcept {
  return declare(&Metrics::declare_histogram, host, name, help, labels, handle);
}

void GH_CALL add(const gh_host* host, std::uint32_t handle, std::uint64_t value) noexcept {
  if (host != nullptr) Instance::of(host).metrics().add(handle, value);
}

void GH_CALL observe_ns(const gh_host* host, std::uint32_t handle, std::uint64_t ns) noexcept {
  if (host != nullptr) Instance::of(host).metrics().observe_ns(handle, ns);
}

}  // namespace

const gh_metrics kMetricsService = {sizeof(gh_metrics), 0, &counter, &histogram, &add, &observe_ns};

}  // namespace gatehouse::plugin
