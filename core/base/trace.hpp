#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace gatehouse::base {

/// The steps of a request's path, in their order (docs/request-path.md).
enum class Step : std::uint8_t { Connection, Host, Route, Network, Resource, Identity, Evaluate, Integration, Respond };
std::string_view name(Step step) noexcept;

/// What a step came to. The step's own `code` says more; `ref` carries the value that decided, where there is one.
enum class Outcome : std::uint8_t { Passed, Allowed, Denied, Unauthorized, Abstained, Failed, Answered };
std::string_view name(Outcome outcome) noexcept;

/// One fact about one request: fixed size, views only. `who` names the authorizer, route or integration, `code` is a
/// stable word (`identity_source_absent`), `ref` a private text that must not hold a secret. The views live as long as
/// the request.
struct TraceRecord {
  Step step{};
  Outcome outcome{};
  std::string_view who;
  std::string_view code;
  std::string_view ref;
};

/// What happened to one request, written by each step once. One thing with three readers: `gatehouse explain`, the
/// log, the tests. Records past the capacity are counted, not kept.
class Trace {
 public:
  static constexpr std::size_t kCapacity = 24;
  Trace() noexcept {}
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  void add(Step step, Outcome outcome, std::string_view who, std::string_view code,
           std::string_view ref = {}) noexcept {
    if (size_ < room_)
      std::construct_at(begin() + size_++, TraceRecord{step, outcome, who, code, ref});
    else
      ++dropped_;
  }
  /// Room for more, until clear(): for who wants everything told. What is there already is taken along.
  void move_to(std::span<TraceRecord> room) noexcept {
    if (room.size() <= room_) return;
    std::copy_n(begin(), size_, room.data());
    larger_ = room.data();
    room_ = static_cast<std::uint32_t>(room.size());
  }
  std::span<const TraceRecord> records() const noexcept {
    return {larger_ != nullptr ? larger_ : records_.data(), size_};
  }
  std::uint32_t dropped() const noexcept { return dropped_; }
  void clear() noexcept {
    size_ = dropped_ = 0;
    larger_ = nullptr;
    room_ = kCapacity;
  }

 private:
  TraceRecord* begin() noexcept { return larger_ != nullptr ? larger_ : records_.data(); }

  union {
    std::array<TraceRecord, kCapacity> records_;  // only the first size_ are alive: making a Trace costs nothing
  };
  TraceRecord* larger_ = nullptr;
  std::uint32_t room_ = kCapacity;
  std::uint32_t size_ = 0;
  std::uint32_t dropped_ = 0;
};

}  // namespace gatehouse::base
