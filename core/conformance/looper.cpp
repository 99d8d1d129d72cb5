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

Looper::Ticket Looper::post(std::function<void()> work, std::chrono::milliseconds delay) {
  Ticket ticket;
  {
    const std::lock_guard lock(mutex_);
    ticket = {Clock::now() + delay, ++posted_};
    due_.emplace(ticket, std::move(work));
  }
  changed_.notify_all();
  return ticket;
}

void Looper::withdraw(const Ticket& ticket) {
  std::function<void()> work;  // ends without the lock
  {
    const std::lock_guard lock(mutex_);
    const auto at = due_.find(ticket);
    if (at == due_.end()) return;
    work = std::move(at->second);
    due_.erase(at);
  }
  changed_.notify_all();
}

void Looper::drain() {
  const auto now = Clock::now();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return (due_.empty() || due_.begin()->first.first > now) && (running_.empty() || *running_.begin() > now);
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
    const auto when = first->first.first;
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
