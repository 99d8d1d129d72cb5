#include "gateway/metrics.hpp"

namespace gatehouse::gateway {

ServeMetrics::ServeMetrics(base::Registry& registry, std::uint32_t worker, const Gateway& gateway) {
  static constexpr const char* kClasses[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (const auto& api : gateway.apis) {
    PerApi& counters = apis.emplace_back();
    for (std::size_t i = 0; i < counters.status.size(); ++i)
      counters.status[i] =
          &registry.counter(worker, "gatehouse_requests_total", "Requests answered, by API and status class.",
                            {{"api", api->name}, {"status", kClasses[i]}});
    for (std::size_t i = 0; i < counters.verdict.size(); ++i)
      counters.verdict[i] =
          &registry.counter(worker, "gatehouse_decisions_total", "Access decisions, by API and verdict.",
                            {{"api", api->name}, {"verdict", std::string(name(static_cast<access::Verdict>(i)))}});
    counters.duration =
        &registry.histogram(worker, "gatehouse_request_duration_seconds",
                            "From the request's head to the end of the response.", {{"api", api->name}});
    counters.integration =
        &registry.histogram(worker, "gatehouse_integration_duration_seconds",
                            "From invoking the integration to its response head.", {{"api", api->name}});
  }
  unmatched = &registry.counter(worker, "gatehouse_unmatched_requests_total", "Requests for no API or stage.");
}

}  // namespace gatehouse::gateway
