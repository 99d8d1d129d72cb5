#include "conformance/looper.hpp"

#include <future>

namespace gatehouse::conformance {

Looper::Looper() : thread_([this] { run(); }) {}

Looper::~Looper() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Looper::post(std::function<void()> work, std::chrono::milliseconds delay) {
  {
    const std::lock_guard lock(mutex_);
    due_.emplace(Clock::now() + delay, std::move(work));
  }
  changed_.notify_all();
}

void Looper::drain() {
  std::promise<void> done;
  post([&done] { done.set_value(); });
  done.get_future().wait();
}

void Looper::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (due_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = due_.begin();
    if (first->first > Clock::now()) {
      const auto when = first->first;
      changed_.wait_until(lock, when);
      continue;
    }
    auto work = std::move(first->second);
    due_.erase(first);
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace gatehouse::conformance
