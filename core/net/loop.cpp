#include "net/loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace gatehouse::net {
namespace {

// Small, so that the first rank has its turn often; one more system call for so many events.
constexpr std::size_t kOrdinaryPerTurn = 32;
constexpr std::size_t kFirstPerTurn = 128;

Error system_error(const char* call) {
  return Error{Code::Io, std::string(call) + ": " + std::strerror(errno), {}};
}

class EventMailbox final : public Mailbox {
 public:
  explicit EventMailbox(int event_fd) noexcept : event_fd_(event_fd) {}
  ~EventMailbox() override { ::close(event_fd_); }

  bool post(std::function<void()> task) override {
    bool wake = false;
    {
      const std::lock_guard guard(lock_);
      if (closed_) return false;
      waiting_.push_back(std::move(task));
      wake = !std::exchange(woken_, true);
    }
    if (wake) ring();
    return true;
  }

  bool is_current() const noexcept override {
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }
  void set_thread(std::thread::id id) noexcept { thread_.store(id, std::memory_order_relaxed); }

  void ring() noexcept {
    const std::uint64_t one = 1;
    // The counter would have to reach 2^64 for this to block; nothing else can fail.
    static_cast<void>(!::write(event_fd_, &one, sizeof one));
  }

  void take(std::vector<std::function<void()>>& out) {
    const std::lock_guard guard(lock_);
    out.swap(waiting_);
    woken_ = false;
  }

  void close() {
    std::vector<std::function<void()>> dropped;
    const std::lock_guard guard(lock_);
    closed_ = true;
    set_thread({});
    dropped.swap(waiting_);
  }

  int event_fd() const noexcept { return event_fd_; }

 private:
  const int event_fd_;
  std::atomic<std::thread::id> thread_{};
  std::mutex lock_;
  std::vector<std::function<void()>> waiting_;
  bool woken_ = false;
  bool closed_ = false;
};

/// Events fetched from one epoll and not handed out yet.
template <std::size_t kMost>
struct Batch {
  std::array<epoll_event, kMost> events;
  std::size_t fetched = 0;
  std::size_t at = 0;

  /// True when there may be more than was fetched.
  bool fetch(int epoll_fd, int wait_ms) {
    const int n = ::epoll_wait(epoll_fd, events.data(), static_cast<int>(kMost), wait_ms);
    at = 0;
    fetched = n > 0 ? static_cast<std::size_t>(n) : 0;
    return fetched == kMost;
  }
  /// Hands them out. The next one's memory is asked for meanwhile: of thousands of connections few are in the caches.
  void dispatch() {
    for (; at < fetched; ++at) {
      if (at + 1 < fetched) {
        const auto next = reinterpret_cast<std::uintptr_t>(events[at + 1].data.ptr);  // forgotten ones are null
        __builtin_prefetch(reinterpret_cast<const void*>(next));
        __builtin_prefetch(reinterpret_cast<const void*>(next + 64));
      }
      const epoll_event& event = events[at];
      if (event.data.ptr != nullptr) static_cast<Watcher*>(event.data.ptr)->on_events(event.events);
    }
    fetched = at = 0;
  }
  void forget(const Watcher& watcher) noexcept {
    for (std::size_t i = at; i < fetched; ++i)
      if (events[i].data.ptr == &watcher) {
        events[i].data.ptr = nullptr;
        events[i].events = 0;
      }
  }
};

}  // namespace

struct Loop::Impl {
  const base::Clock& clock;
  int epoll_fd = -1;
  int first_fd = -1;  // the epoll of Rank::First, itself watched by the other
  std::shared_ptr<EventMailbox> mail;
  std::shared_ptr<Mailbox> mailbox;
  std::vector<std::function<void()>> running;
  std::vector<std::function<void()>> deferred;
  std::vector<std::function<void()>> deferred_now;
  Batch<kOrdinaryPerTurn> ordinary;
  Batch<kFirstPerTurn> first;
  bool first_left = false;  // more of the first rank may be ready, of which nobody will be told
  std::atomic<bool> stopped{false};
  std::atomic<std::thread::id> thread;

  explicit Impl(const base::Clock& c) : clock(c) {}

  ~Impl() {
    if (first_fd >= 0) ::close(first_fd);
    if (epoll_fd >= 0) ::close(epoll_fd);
  }

  static bool watch(int epoll, int fd, void* data, std::uint32_t events) noexcept {
    epoll_event event{};
    event.events = events;
    event.data.ptr = data;
    return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
  }
};

Loop::Loop(const base::Clock& clock) : impl_(std::make_unique<Impl>(clock)) {
  Impl& impl = *impl_;
  impl.epoll_fd = ::epoll_create1(EPOLL_CLOEXEC);
  impl.first_fd = impl.epoll_fd < 0 ? -1 : ::epoll_create1(EPOLL_CLOEXEC);
  const int event_fd = impl.first_fd < 0 ? -1 : ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event_fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1 or eventfd");
  impl.mail = std::make_shared<EventMailbox>(event_fd);
  impl.mailbox = impl.mail;
  chores_.previous_ = chores_.next_ = &chores_;
  // Edge-triggered: each write to it is an event of its own, so that it is never read.
  if (!Impl::watch(impl.epoll_fd, event_fd, nullptr, EPOLLIN | EPOLLET) ||
      !Impl::watch(impl.epoll_fd, impl.first_fd, &impl, EPOLLIN | EPOLLET))
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  now_ns_ = clock.monotonic_ns();
  now_unix_ms_ = clock.unix_ms();
  timers_.advance(now_ns_ / 1'000'000);
}

Loop::~Loop() {
  close();
  // Deferred work may hold objects that defer more while they go.
  while (!impl_->deferred.empty()) {
    const auto last = std::exchange(impl_->deferred, {});
    static_cast<void>(last);
  }
  while (chores_.next_ != &chores_) chores_.next_->cancel();
  chores_.previous_ = chores_.next_ = nullptr;
}

void Loop::close() {
  impl_->mail->close();
}

void Loop::run() {
  do turn(-1);
  while (!impl_->stopped.load(std::memory_order_acquire));
}

void Loop::stop() {
  impl_->stopped.store(true, std::memory_order_release);
  impl_->mail->ring();
}

void Loop::turn(int wait_ms) {
  Impl& impl = *impl_;
  impl.thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
  impl.mail->set_thread(std::this_thread::get_id());
  if (impl.first_left || !impl.deferred.empty() || chores_.next_ != &chores_ ||
      impl.stopped.load(std::memory_order_acquire))
    wait_ms = 0;
  if (wait_ms != 0) {
    const int timer_ms = timers_.next_wait_ms(impl.clock.monotonic_ns() / 1'000'000);
    if (timer_ms >= 0 && (wait_ms < 0 || timer_ms < wait_ms)) wait_ms = timer_ms;
  }
  // The word that the first rank is ready may stand behind those that were fetched.
  bool first = impl.ordinary.fetch(impl.epoll_fd, wait_ms) || impl.first_left;
  now_ns_ = impl.clock.monotonic_ns();
  now_unix_ms_ = impl.clock.unix_ms();
  // Before anything is told: a timer armed in this turn counts from now, however long the wait was.
  timers_.set_now(now_ns_ / 1'000'000);

  bool mail = false;
  auto& ordinary = impl.ordinary;
  for (std::size_t i = 0; i < ordinary.fetched; ++i) {
    epoll_event& event = ordinary.events[i];
    if (event.data.ptr != nullptr && event.data.ptr != &impl) continue;
    (event.data.ptr == nullptr ? mail : first) = true;
    event.data.ptr = nullptr;
  }
  if (first) handle_first();
  ordinary.dispatch();

  if (mail) {
    impl.mail->take(impl.running);
    for (auto& task : impl.running) {
      task();
      task = nullptr;
    }
    impl.running.clear();
  }

  timers_.advance(now_ns_ / 1'000'000);

  if (!impl.deferred.empty()) run_deferred();
  if (chores_.next_ != &chores_) run_chores();
}

void Loop::handle_first() {
  impl_->first_left = impl_->first.fetch(impl_->first_fd, 0);
  impl_->first.dispatch();
}

void Loop::run_deferred() {
  Impl& impl = *impl_;
  impl.deferred_now.swap(impl.deferred);
  for (auto& task : impl.deferred_now) {
    task();
    task = nullptr;
  }
  impl.deferred_now.clear();
}

void Loop::run_chores() {
  // What a chore defers waits for the next turn.
  Chore now(nullptr, nullptr);
  now.next_ = chores_.next_;
  now.previous_ = chores_.previous_;
  now.next_->previous_ = now.previous_->next_ = &now;
  chores_.next_ = chores_.previous_ = &chores_;
  while (now.next_ != &now) {
    Chore& chore = *now.next_;
    chore.cancel();
    chore.callback_(chore.user_);
  }
  now.next_ = now.previous_ = nullptr;
}

void Loop::defer(Chore& chore) noexcept {
  if (chore.pending()) return;
  chore.previous_ = chores_.previous_;
  chore.next_ = &chores_;
  chores_.previous_->next_ = &chore;
  chores_.previous_ = &chore;
}

Result<void> Loop::add(int fd, Watcher& watcher, Rank rank) {
  if (!Impl::watch(rank == Rank::First ? impl_->first_fd : impl_->epoll_fd, fd, &watcher,
                   EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET))
    return tl::unexpected(system_error("epoll_ctl"));
  return {};
}

Result<void> Loop::add_shared_listener(int fd, Watcher& watcher) {
  if (!Impl::watch(impl_->epoll_fd, fd, &watcher, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE))
    return tl::unexpected(system_error("epoll_ctl"));
  return {};
}

void Loop::remove(int fd, Watcher& watcher, Rank rank) noexcept {
  ::epoll_ctl(rank == Rank::First ? impl_->first_fd : impl_->epoll_fd, EPOLL_CTL_DEL, fd, nullptr);
  if (rank == Rank::First)
    impl_->first.forget(watcher);
  else
    impl_->ordinary.forget(watcher);
}

bool Loop::post(std::function<void()> task) {
  return impl_->mail->post(std::move(task));
}

const std::shared_ptr<Mailbox>& Loop::mailbox() const noexcept {
  return impl_->mailbox;
}

const base::Clock& Loop::clock() const noexcept {
  return impl_->clock;
}

void Loop::defer(std::function<void()> task) {
  impl_->deferred.push_back(std::move(task));
}

bool Loop::is_current() const noexcept {
  return impl_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

}  // namespace gatehouse::net
