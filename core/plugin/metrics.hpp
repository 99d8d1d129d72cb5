#pragma once
#include <gatehouse/abi.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/metrics.hpp"

namespace gatehouse::plugin {

/// The metrics of one instance. They are in the registry as long as this lives.
class Metrics {
 public:
  static constexpr std::size_t kMost = 64;

  /// `registry` may be null: then they are counted and shown nowhere. It outlives the declarations, not this.
  Metrics(base::Registry* registry, std::string authorizer) : registry_(registry), authorizer_(std::move(authorizer)) {}

  /// One thread at a time; results as in abi.h.
  std::int32_t declare_counter(std::string_view name, std::string_view help, const gh_kvs* labels,
                               std::uint32_t& handle);
  std::int32_t declare_histogram(std::string_view name, std::string_view help, const gh_kvs* labels,
                                 std::uint32_t& handle);
  /// No more declarations.
  void close() noexcept { closed_ = true; }

  /// [any] Unknown handles are ignored.
  void add(std::uint32_t handle, std::uint64_t value) noexcept;
  void observe_ns(std::uint32_t handle, std::uint64_t ns) noexcept;

 private:
  struct Metric {
    std::string name;
    base::Labels labels;
    std::shared_ptr<base::SharedCounter> counter;  // one of the two
    std::shared_ptr<base::SharedHistogram> histogram;
  };
  template <class M>
  std::int32_t declare(std::shared_ptr<M> Metric::*kind, std::string_view name, std::string_view help,
                       const gh_kvs* labels, std::uint32_t& handle);

  base::Registry* const registry_;
  const std::string authorizer_;
  std::atomic<bool> closed_{false};
  std::array<Metric, kMost> metrics_;
  std::atomic<std::uint32_t> count_{0};  // those below are complete
};

}  // namespace gatehouse::plugin
