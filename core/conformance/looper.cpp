#include "conformance/looper.hpp"

namespace gatehouse::conformance {

Looper::Looper(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Looper::~Looper() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& t : threads_) t.join();
}

void Looper::post(std::function<void()> work, std::chrono::milliseconds delay) {
  {
    const std::lock_guard lock(mutex_);
    due_.emplace(Clock::now() + delay, std::move(work));
  }
  changed_.notify_all();
}

void Looper::drain() {
  const auto now = Clock::now();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return (due_.empty() || due_.begin()->first > now) && (running_.empty() || *running_.begin() > now);
  });
}

void Looper::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (due_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = due_.begin();
    const auto when = first->first;
    if (when > Clock::now()) {
      changed_.wait_until(lock, when);
      continue;
    }
    auto work = std::move(first->second);
    due_.erase(first);
    const auto mark = running_.insert(when);
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
    running_.erase(mark);
    changed_.notify_all();
  }
}

}  // namespace gatehouse::conformance
