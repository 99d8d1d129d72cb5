#pragma once
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "access/answer.hpp"
#include "access/decision.hpp"
#include "base/metrics.hpp"
#include "gateway/gateway.hpp"

namespace gatehouse::gateway {

/// One worker's counters for one Gateway, declared when it is published: finding one is indexing.
class ServeMetrics {
 public:
  ServeMetrics(base::Registry& registry, std::uint32_t worker, const Gateway& gateway);
  struct PerApi {
    std::array<base::Counter*, 6> status{};  // by class: [0] no answer, [1] 1xx ... [5] 5xx
    std::array<base::Counter*, 5> verdict{};
    base::Histogram* duration = nullptr;
    base::Histogram* integration = nullptr;
  };
  std::vector<PerApi> apis;
  base::Counter* unmatched = nullptr;  // no API for that host or stage
};

}  // namespace gatehouse::gateway
