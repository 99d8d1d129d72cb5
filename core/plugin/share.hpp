#pragma once
#include <atomic>
#include <cstddef>
#include <memory>

#include "net/executor.hpp"

namespace gatehouse::plugin {

/// What one plugin may occupy, over all its authorizers and reloads: threads and queue of the executor, and calls that
/// nobody waits for but whose code has not come back.
struct Share {
  std::shared_ptr<net::Executor::Share> executor;
  std::size_t threads = 0;
  std::size_t max_pinned_calls = 0;
  std::atomic<std::size_t> pinned_threads{0};
  std::atomic<std::size_t> pinned_calls{0};

  /// The breaker: nothing more is given to a plugin that does not come back. [any]
  bool open() const noexcept {
    return pinned_threads.load(std::memory_order_relaxed) >= threads ||
           pinned_calls.load(std::memory_order_relaxed) >= max_pinned_calls;
  }
};

}  // namespace gatehouse::plugin
