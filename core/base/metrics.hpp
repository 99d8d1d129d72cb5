#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::base {

/// A number that only its owner's thread raises and that any thread may read. No lock, no read-modify-write.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  /// For gauges: current connections, queue lengths.
  void subtract(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Durations in fixed buckets (seconds): 1 ms to 30 s, and the rest.
class Histogram {
 public:
  static constexpr std::array<double, 12> kBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30};
  void observe_ns(std::int64_t ns) noexcept;
  std::uint64_t bucket(std::size_t i) const noexcept { return buckets_[i].value(); }  // not cumulative
  std::uint64_t sum_us() const noexcept { return sum_us_.value(); }

 private:
  std::array<Counter, kBounds.size() + 1> buckets_;
  Counter sum_us_;
};

/// A number that any thread may raise, without a lock. Threads are spread over a few cells, so that they seldom write
/// to the same cache line. [any]
class SharedCounter {
 public:
  void add(std::uint64_t n = 1) noexcept { cells_[own_cell()].value.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept;

  static constexpr std::size_t kCells = 8;
  /// The calling thread's.
  static std::size_t own_cell() noexcept;

 private:
  struct alignas(64) Cell {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<Cell, kCells> cells_;
};

/// The same for durations, in Histogram's buckets. [any]
class SharedHistogram {
 public:
  void observe_ns(std::uint64_t ns) noexcept;
  std::uint64_t bucket(std::size_t i) const noexcept;  // not cumulative
  std::uint64_t sum_us() const noexcept;

 private:
  struct alignas(64) Cell {
    std::array<std::atomic<std::uint64_t>, Histogram::kBounds.size() + 1> buckets{};
    std::atomic<std::uint64_t> sum_us{0};
  };
  std::array<Cell, SharedCounter::kCells> cells_;
};

using Labels = std::vector<std::pair<std::string, std::string>>;

/// All metrics of the process. Names and labels are declared at load, never from request data. Each worker has counters
/// of its own under the same name and labels; a scrape sums them. Declaring the same again gives the same counter, so
/// values survive a reload.
class Registry {
 public:
  enum class Kind : std::uint8_t { Counter, Gauge };
  /// [any] Takes a lock: at load only. Lives as long as the registry.
  Counter& counter(std::uint32_t worker, const std::string& name, const std::string& help, const Labels& labels = {},
                   Kind kind = Kind::Counter);
  Histogram& histogram(std::uint32_t worker, const std::string& name, const std::string& help,
                       const Labels& labels = {});
  /// A counter that lives elsewhere and outlives the registry's use.
  void attach(std::uint32_t worker, const std::string& name, const std::string& help, const Labels& labels, Kind kind,
              const Counter& counter);
  /// Metrics that live as long as their owner holds them; those of the same name and labels are added up. False, and
  /// nothing is attached, when the name is taken by metrics of another kind. [any] Takes a lock.
  bool attach(const std::string& name, const std::string& help, const Labels& labels,
              const std::shared_ptr<const SharedCounter>& counter);
  bool attach(const std::string& name, const std::string& help, const Labels& labels,
              const std::shared_ptr<const SharedHistogram>& histogram);
  /// [any] Prometheus' text format, version 0.0.4.
  std::string text();

 private:
  struct Cell {
    std::map<std::uint32_t, std::unique_ptr<Counter>> own;
    std::map<std::uint32_t, std::unique_ptr<Histogram>> histograms;
    std::vector<const Counter*> attached;
    std::vector<std::weak_ptr<const SharedCounter>> shared;
    std::vector<std::weak_ptr<const SharedHistogram>> shared_histograms;
    bool empty() const noexcept {
      return own.empty() && histograms.empty() && attached.empty() && shared.empty() && shared_histograms.empty();
    }
  };
  struct Family {
    std::string help;
    const char* type = "counter";
    std::map<Labels, Cell> cells;
  };
  void forget_the_dead();
  Family* family(const std::string& name, const std::string& help, const char* type);
  std::mutex lock_;
  std::map<std::string, Family> families_;
};

}  // namespace gatehouse::base
