#include "gateway/metrics.hpp"

#include <gtest/gtest.h>

namespace gatehouse::gateway {
namespace {

void add_api(Gateway& gateway, const std::string& name) {
  auto api = std::make_unique<Api>();
  api->name = name;
  api->index = static_cast<std::uint32_t>(gateway.apis.size());
  gateway.apis.push_back(std::move(api));
}

TEST(ServeMetrics, DeclaresEveryCounterOfEachApiOnce) {
  Gateway gateway;
  add_api(gateway, "orders");
  add_api(gateway, "pets");
  base::Registry registry;
  const ServeMetrics metrics(registry, 0, gateway);
  ASSERT_EQ(metrics.apis.size(), 2u);
  EXPECT_NE(metrics.apis[0].duration, metrics.apis[1].duration);

  const char* const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  const char* const verdicts[] = {"failed", "allowed", "unauthorized", "denied", "not_allowed"};
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < metrics.apis[1].status.size(); ++i) metrics.apis[1].status[i]->add(++n);
  for (std::size_t i = 0; i < metrics.apis[1].verdict.size(); ++i) metrics.apis[1].verdict[i]->add(++n);
  const std::string text = registry.text();
  n = 0;
  for (const char* status : classes) {
    const std::string sample = std::string("gatehouse_requests_total{api=\"pets\",status=\"") + status + "\"} ";
    EXPECT_NE(text.find(sample + std::to_string(++n) + "\n"), std::string::npos) << sample << n << "\n" << text;
  }
  for (const char* verdict : verdicts) {
    const std::string sample = std::string("gatehouse_decisions_total{api=\"pets\",verdict=\"") + verdict + "\"} ";
    EXPECT_NE(text.find(sample + std::to_string(++n) + "\n"), std::string::npos) << sample << n << "\n" << text;
  }
  EXPECT_NE(text.find("gatehouse_requests_total{api=\"orders\",status=\"2xx\"} 0\n"), std::string::npos) << text;
  EXPECT_NE(text.find("gatehouse_unmatched_requests_total 0\n"), std::string::npos) << text;
}

TEST(ServeMetrics, AReloadGoesOnCounting) {
  base::Registry registry;
  Gateway before, after;
  add_api(before, "orders");
  add_api(after, "new");
  add_api(after, "orders");  // at another place
  const ServeMetrics old(registry, 0, before);
  const ServeMetrics fresh(registry, 0, after);
  old.apis[0].status[2]->add();
  fresh.apis[1].status[2]->add();
  fresh.unmatched->add();
  EXPECT_EQ(old.apis[0].status[2]->value(), 2u);
  EXPECT_EQ(old.unmatched->value(), 1u);
  EXPECT_EQ(fresh.apis[0].status[2]->value(), 0u);
}

TEST(ServeMetrics, WorkersCountApartAndAreSummed) {
  base::Registry registry;
  Gateway gateway;
  add_api(gateway, "orders");
  const ServeMetrics first(registry, 0, gateway), second(registry, 1, gateway);
  first.apis[0].status[4]->add(2);
  second.apis[0].status[4]->add(3);
  EXPECT_EQ(first.apis[0].status[4]->value(), 2u);
  const std::string text = registry.text();
  EXPECT_NE(text.find("gatehouse_requests_total{api=\"orders\",status=\"4xx\"} 5\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace gatehouse::gateway
