#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/kit/jose/key_source.hpp"

namespace gatehouse::kit::jose {

/// An identity provider, a clock and the timers of a host, all in the test's hands.
class ProviderWorld {
 public:
  std::int64_t now = 1'000'000;
  std::map<std::string, KeySource::Response> pages;  // by URL; what is not there cannot be reached
  std::vector<std::string> asked;
  bool holds = false;          // answers are kept back until release()
  bool refuses_fetch = false;  // the host begins no fetch
  bool refuses_timers = false;
  double luck = 0.5;
  std::vector<std::string> lines;

  KeySource::Doors doors() {
    KeySource::Doors out;
    out.fetch = [this](const std::string& url, std::int64_t, std::size_t,
                       std::function<void(KeySource::Response)> done) {
      if (refuses_fetch) return false;
      asked.push_back(url);
      if (holds)
        held_.push_back([this, url, done = std::move(done)] { done(page(url)); });
      else
        done(page(url));
      return true;
    };
    out.now_ms = [this] { return now; };
    out.after = [this](std::int64_t ms, std::function<void()> fn) -> std::uint64_t {
      if (refuses_timers) return 0;
      timers_[++number_] = {now + ms, std::move(fn)};
      return number_;
    };
    out.cancel = [this](std::uint64_t id) { timers_.erase(id); };
    out.random = [this] { return luck; };
    out.count = [this](bool failed) { ++(failed ? failed_ : begun_); };
    out.log = [this](bool, const std::string& text) { lines.push_back(text); };
    return out;
  }

  static KeySource::Response ok(std::string body, std::int64_t max_age_s = -1) {
    KeySource::Response out;
    out.status = 200;
    out.body = std::move(body);
    out.max_age_s = max_age_s;
    return out;
  }
  static KeySource::Response status(int code) {
    KeySource::Response out;
    out.status = code;
    return out;
  }

  /// Lets time pass, timers firing when they are due.
  void pass(std::int64_t ms) {
    const std::int64_t end = now + ms;
    for (;;) {
      auto next = timers_.end();
      for (auto at = timers_.begin(); at != timers_.end(); ++at)
        if (at->second.first <= end && (next == timers_.end() || at->second.first < next->second.first)) next = at;
      if (next == timers_.end()) break;
      now = std::max(now, next->second.first);
      const auto fn = std::move(next->second.second);
      timers_.erase(next);
      fn();
    }
    now = end;
  }
  /// The one that was kept waiting for longest is answered.
  void release_one() {
    const auto first = std::move(held_.front());
    held_.pop_front();
    first();
  }
  /// Whoever was kept waiting is answered.
  void release() {
    std::deque<std::function<void()>> all;
    all.swap(held_);
    for (auto& one : all) one();
  }
  std::uint64_t begun() const { return begun_; }  // what the metrics say
  std::uint64_t failed() const { return failed_; }
  std::size_t timers() const { return timers_.size(); }
  std::size_t kept_waiting() const { return held_.size(); }

 private:
  KeySource::Response page(const std::string& url) {
    if (const auto at = pages.find(url); at != pages.end()) return at->second;
    KeySource::Response out;
    out.failure = "no connection";
    return out;
  }
  std::deque<std::function<void()>> held_;
  std::map<std::uint64_t, std::pair<std::int64_t, std::function<void()>>> timers_;
  std::uint64_t number_ = 0, begun_ = 0, failed_ = 0;
};

}  // namespace gatehouse::kit::jose
