#include "base/metrics.hpp"

#include <gtest/gtest.h>

namespace gatehouse::base {
namespace {

TEST(Metrics, WorkersAreSummedAndReloadKeepsTheCounter) {
  Registry registry;
  registry.counter(0, "requests_total", "Requests.", {{"api", "a"}}).add(2);
  registry.counter(1, "requests_total", "Requests.", {{"api", "a"}}).add(3);
  registry.counter(0, "requests_total", "Requests.", {{"api", "a"}}).add(1);
  EXPECT_EQ(registry.text(),
            "# HELP requests_total Requests.\n# TYPE requests_total counter\nrequests_total{api=\"a\"} 6\n");
}

TEST(Metrics, LabelsAreEscaped) {
  Registry registry;
  registry.counter(0, "x", "X.", {{"l", "a\"b\\c\nd"}}, Registry::Kind::Gauge);
  EXPECT_EQ(registry.text(), "# HELP x X.\n# TYPE x gauge\nx{l=\"a\\\"b\\\\c\\nd\"} 0\n");
}

TEST(Metrics, HistogramBucketsAreCumulative) {
  Registry registry;
  Histogram& h = registry.histogram(0, "d", "D.");
  h.observe_ns(500'000);         // 0.5 ms
  h.observe_ns(2'000'000'000);   // 2 s
  h.observe_ns(60'000'000'000);  // past the last
  const std::string text = registry.text();
  EXPECT_NE(text.find("d_bucket{le=\"0.001\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("d_bucket{le=\"1\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("d_bucket{le=\"5\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("d_bucket{le=\"+Inf\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("d_count 3\n"), std::string::npos);
  EXPECT_NE(text.find("d_sum 62.0005\n"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::base
