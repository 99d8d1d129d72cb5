#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "routing/domain.hpp"
#include "routing/table.hpp"

namespace gatehouse::routing {
namespace {

std::vector<RouteKey> services(std::size_t count) {
  std::vector<RouteKey> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string base = "/v1/service-" + std::to_string(i);
    for (const std::string& text : {"GET " + base + "/orders/{id}", "ANY " + base + "/{proxy+}"})
      out.push_back(*RouteKey::parse(text, PathPattern::Syntax::Rest));
  }
  return out;
}

/// Random paths, so that a large table also pays for the cache it does not fit in.
std::vector<std::string> paths(std::size_t services) {
  std::mt19937 engine(1);
  std::vector<std::string> out;
  for (int i = 0; i < 4096; ++i)
    out.push_back("/v1/service-" + std::to_string(engine() % services) +
                  (i % 2 == 0 ? "/orders/42" : "/some/file.txt"));
  return out;
}

void rest_find(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0)) / 2;
  const auto table = RestTable::compile(services(count));
  const auto requests = paths(count);
  Match match;
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(table->find(http::Method::Get, requests[i++ & 4095], true, match));
}
BENCHMARK(rest_find)->RangeMultiplier(10)->Range(100, 100'000);

void http_find(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0)) / 2;
  const auto table = HttpTable::compile(services(count));
  const auto requests = paths(count);
  Match match;
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(table->find(http::Method::Get, requests[i++ & 4095], match));
}
BENCHMARK(http_find)->RangeMultiplier(10)->Range(100, 100'000);

void rest_compile(benchmark::State& state) {
  const auto keys = services(static_cast<std::size_t>(state.range(0)) / 2);
  for (auto _ : state) benchmark::DoNotOptimize(RestTable::compile(keys));
}
BENCHMARK(rest_compile)->RangeMultiplier(10)->Range(100, 100'000)->Unit(benchmark::kMillisecond);

/// Literal and parameter at each of n levels, and the verb nowhere: the dearest request a tree can have.
void rest_hostile(benchmark::State& state) {
  const auto depth = static_cast<int>(state.range(0));
  std::vector<RouteKey> keys;
  for (int bits = 0; bits < 1 << depth; ++bits) {
    std::string text = "POST ";
    for (int i = 0; i < depth; ++i) text += (bits >> i & 1) != 0 ? "/a" : "/{p" + std::to_string(i) + "}";
    keys.push_back(*RouteKey::parse(text, PathPattern::Syntax::Rest));
  }
  const auto table = RestTable::compile(keys);
  std::string path;
  for (int i = 0; i < depth; ++i) path += "/a";
  Match match;
  for (auto _ : state) benchmark::DoNotOptimize(table->find(http::Method::Get, path, true, match));
}
BENCHMARK(rest_hostile)->DenseRange(2, 14, 4);

void select_host(benchmark::State& state) {
  HostTable::Builder builder;
  for (int i = 0; i < state.range(0); ++i) {
    const std::vector<HostTable::Builder::Mapping> mappings = {{"", 1}, {"orders", 2}, {"orders/v1", 3}};
    if (!builder.add_domain("api-" + std::to_string(i) + ".example.test", mappings, false))
      state.SkipWithError("domain");
  }
  const HostTable table = builder.build();
  for (auto _ : state) benchmark::DoNotOptimize(table.select("API-7.example.test", "/orders/v1/42"));
}
BENCHMARK(select_host)->Arg(10)->Arg(10'000);

}  // namespace
}  // namespace gatehouse::routing
