#include "net/executor.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace gatehouse::net {
namespace {

struct Task {
  std::function<void()> work;
  std::uint64_t number = 0;  // 0: of run_anyway(), which has no place
};

struct Queue {
  std::string name;
  std::size_t thread_limit = 1;
  std::size_t queue_limit = 0;
  std::deque<Task> waiting;
  std::size_t running = 0;
  std::size_t places = 0;  // taken by tasks of run(), waiting and running ones
  std::uint64_t last_number = 0;
  bool in_turn = false;  // stands in Pool::turns
};

}  // namespace

// INVARIANT: a queue that has a waiting task and a free thread of its own allowance stands in `turns`, once.
struct Executor::Impl {
  std::mutex lock;
  std::condition_variable work;
  std::deque<std::shared_ptr<Queue>> turns;
  std::vector<std::weak_ptr<Queue>> queues;
  std::vector<std::thread> threads;
  std::size_t thread_limit = 1;
  std::size_t idle = 0;
  std::string name;
  bool closed = false;

  void take_turn(const std::shared_ptr<Queue>& queue) {
    if (queue->in_turn || queue->waiting.empty() || queue->running >= queue->thread_limit) return;
    queue->in_turn = true;
    turns.push_back(queue);
  }

  /// Sees to it that as many threads come as there are turns, as far as there are threads.
  void call_threads() {
    if (turns.empty() || closed) return;
    if (idle < turns.size() && threads.size() < thread_limit) {
      threads.emplace_back([this] { serve(); });
      ::pthread_setname_np(threads.back().native_handle(), name.substr(0, 15).c_str());
    }
    work.notify_one();
  }

  void serve() {
    std::unique_lock guard(lock);
    for (;;) {
      ++idle;
      work.wait(guard, [this] { return closed || !turns.empty(); });
      --idle;
      if (closed) return;
      const std::shared_ptr<Queue> queue = std::move(turns.front());
      turns.pop_front();
      queue->in_turn = false;
      if (queue->waiting.empty()) continue;
      Task task = std::move(queue->waiting.front());
      queue->waiting.pop_front();
      ++queue->running;
      take_turn(queue);
      call_threads();
      guard.unlock();
      run_one(*queue, task.work);
      guard.lock();
      --queue->running;
      if (task.number != 0) --queue->places;
      take_turn(queue);
    }
  }

  static void run_one(const Queue& queue, std::function<void()>& task) noexcept {
    try {
      task();
    } catch (const std::exception& error) {
      base::log(base::Level::Error, "a task on the executor threw", {{"share", queue.name}, {"what", error.what()}});
    } catch (...) {
      base::log(base::Level::Error, "a task on the executor threw", {{"share", queue.name}});
    }
    task = nullptr;
  }
};

namespace {

class ShareHandle final : public Executor::Share {
 public:
  using Run = std::function<std::uint64_t(std::function<void()>, bool anyway)>;
  ShareHandle(std::shared_ptr<void> keep, Run run, std::mutex& lock, std::shared_ptr<Queue> queue)
      : keep_(std::move(keep)), run_(std::move(run)), lock_(lock), queue_(std::move(queue)) {}
  ~ShareHandle() override {
    std::deque<Task> dropped;
    const std::lock_guard guard(lock_);
    dropped.swap(queue_->waiting);
  }
  std::uint64_t run(std::function<void()> task) override { return run_(std::move(task), false); }
  bool run_anyway(std::function<void()> task) override { return run_(std::move(task), true) != 0; }
  bool take_back(std::uint64_t task) override {
    Task dropped;  // its end may come back here
    const std::lock_guard guard(lock_);
    const auto found = std::find_if(queue_->waiting.begin(), queue_->waiting.end(),
                                    [&](const Task& one) { return task != 0 && one.number == task; });
    if (found == queue_->waiting.end()) return false;
    dropped = std::move(*found);
    queue_->waiting.erase(found);
    --queue_->places;
    return true;
  }
  std::size_t running() const noexcept override {
    const std::lock_guard guard(lock_);
    return queue_->running;
  }
  std::size_t queued() const noexcept override {
    const std::lock_guard guard(lock_);
    return queue_->waiting.size();
  }

 private:
  std::shared_ptr<void> keep_;
  Run run_;
  std::mutex& lock_;
  std::shared_ptr<Queue> queue_;
};

}  // namespace

Executor::Executor(std::size_t threads, std::string name) : impl_(std::make_shared<Impl>()) {
  impl_->thread_limit = std::max<std::size_t>(threads, 1);
  impl_->threads.reserve(impl_->thread_limit);
  impl_->name = std::move(name);
}

Executor::~Executor() {
  std::vector<std::deque<Task>> dropped;
  {
    const std::lock_guard guard(impl_->lock);
    impl_->closed = true;
    impl_->turns.clear();
    for (const auto& weak : impl_->queues)
      if (const auto queue = weak.lock()) dropped.push_back(std::exchange(queue->waiting, {}));
  }
  impl_->work.notify_all();
  for (std::thread& thread : impl_->threads) thread.join();
}

std::shared_ptr<Executor::Share> Executor::share(std::string name, std::size_t threads, std::size_t queue) {
  auto one = std::make_shared<Queue>();
  one->name = std::move(name);
  one->thread_limit = std::clamp<std::size_t>(threads, 1, impl_->thread_limit);
  one->queue_limit = queue;
  const std::shared_ptr<Impl> impl = impl_;
  {
    const std::lock_guard guard(impl->lock);
    std::erase_if(impl->queues, [](const auto& weak) { return weak.expired(); });
    impl->queues.push_back(one);
  }
  auto run = [impl, one](std::function<void()> work, bool anyway) -> std::uint64_t {
    const std::lock_guard guard(impl->lock);
    const bool full = one->places >= one->thread_limit + one->queue_limit;
    if (impl->closed || (full && !anyway)) return 0;
    const std::uint64_t number = ++one->last_number;
    one->waiting.push_back({std::move(work), anyway ? 0 : number});
    if (!anyway) ++one->places;
    impl->take_turn(one);
    impl->call_threads();
    return number;
  };
  return std::make_shared<ShareHandle>(impl, std::move(run), impl->lock, one);
}

}  // namespace gatehouse::net
