#include "net/timer.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace gatehouse::net {

// A slot is a ring with a sentinel, so that a timer leaves it without knowing the wheel. Bits of `filled` may therefore
// be set for a slot that has become empty: it is looked at once for nothing.
struct TimerWheel::Slots {
  static constexpr int kLevels = 6;
  static constexpr int kBits = 6;
  static constexpr std::int64_t kSize = 1 << kBits;

  struct Ring {
    Timer head{nullptr, nullptr};
    Ring() noexcept { clear(); }
    bool empty() const noexcept { return head.next_ == &head; }
    void clear() noexcept { head.previous_ = head.next_ = &head; }
    void push(Timer& timer) noexcept {
      timer.previous_ = head.previous_;
      timer.next_ = &head;
      head.previous_->next_ = &timer;
      head.previous_ = &timer;
    }
    void take_all(Ring& from) noexcept {
      if (from.empty()) return;
      head.next_ = from.head.next_;
      head.previous_ = from.head.previous_;
      head.next_->previous_ = head.previous_->next_ = &head;
      from.clear();
    }
  };

  Ring rings[kLevels][kSize];
  std::uint64_t filled[kLevels] = {};
  std::int64_t cursor = 0;  // everything up to here was looked at

  static void unlink(Timer& timer) noexcept {
    timer.previous_->next_ = timer.next_;
    timer.next_->previous_ = timer.previous_;
    timer.previous_ = timer.next_ = nullptr;
  }

  void link(Timer& timer) noexcept {
    constexpr std::int64_t kFarthest = (std::int64_t{1} << (kLevels * kBits)) - 1;
    const std::int64_t when = std::min(std::max(timer.deadline_ms_, cursor + 1), cursor + kFarthest);
    const auto distance = static_cast<std::uint64_t>(when - cursor);
    const int level = (static_cast<int>(std::bit_width(distance)) - 1) / kBits;
    const std::int64_t slot = when >> (level * kBits);
    timer.slot_ms_ = slot << (level * kBits);
    const auto index = static_cast<std::size_t>(slot & (kSize - 1));
    rings[level][index].push(timer);
    filled[level] |= std::uint64_t{1} << index;
  }

  /// When the next slot with a bit is to be looked at; the largest number when there is none.
  std::int64_t next_look() const noexcept {
    std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
    for (int level = 0; level < kLevels; ++level) {
      if (filled[level] == 0) continue;
      const std::int64_t now = cursor >> (level * kBits);
      // The slot at hand was looked at already: a bit there means one whole round from now.
      const int ahead = std::countr_zero(std::rotr(filled[level], static_cast<int>((now + 1) & (kSize - 1)))) + 1;
      earliest = std::min(earliest, (now + ahead) << (level * kBits));
    }
    return earliest;
  }
};

Timer::~Timer() {
  if (next_ != nullptr) TimerWheel::Slots::unlink(*this);
}

TimerWheel::TimerWheel() : slots_(new Slots) {}

TimerWheel::~TimerWheel() {
  for (auto& level : slots_->rings)
    for (auto& ring : level)
      while (!ring.empty()) {
        ring.head.next_->deadline_ms_ = -1;
        Slots::unlink(*ring.head.next_);
      }
  delete slots_;
}

void TimerWheel::arm(Timer& timer, std::int64_t delay_ms) noexcept {
  constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max() / 4;
  timer.deadline_ms_ = now_ms_ + std::clamp<std::int64_t>(delay_ms, 0, kForever);
  if (timer.next_ != nullptr) {
    if (timer.slot_ms_ <= timer.deadline_ms_) return;
    Slots::unlink(timer);
  }
  slots_->link(timer);
}

void TimerWheel::disarm(Timer& timer) noexcept {
  timer.deadline_ms_ = -1;
}

void TimerWheel::advance(std::int64_t now_ms) {
  set_now(now_ms);
  if (now_ms_ <= slots_->cursor) return;
  for (;;) {
    const std::int64_t look = slots_->next_look();
    if (look > now_ms_) break;
    slots_->cursor = look;
    // From the coarsest level down: what falls due at this very moment reaches level 0 before that is run.
    for (int level = Slots::kLevels - 1; level >= 0; --level) {
      const std::int64_t width = std::int64_t{1} << (level * Slots::kBits);
      if ((look & (width - 1)) != 0) continue;
      const auto index = static_cast<std::size_t>((look >> (level * Slots::kBits)) & (Slots::kSize - 1));
      const std::uint64_t bit = std::uint64_t{1} << index;
      if ((slots_->filled[level] & bit) == 0) continue;
      slots_->filled[level] &= ~bit;
      Slots::Ring due;
      due.take_all(slots_->rings[level][index]);
      while (!due.empty()) {
        Timer& timer = *due.head.next_;
        Slots::unlink(timer);
        if (timer.deadline_ms_ < 0) continue;
        if (timer.deadline_ms_ > look) {
          slots_->link(timer);
          continue;
        }
        timer.deadline_ms_ = -1;
        timer.callback_(timer.user_);
      }
    }
  }
  slots_->cursor = now_ms_;
}

int TimerWheel::next_wait_ms(std::int64_t now_ms) const noexcept {
  const std::int64_t look = slots_->next_look();
  if (look == std::numeric_limits<std::int64_t>::max()) return -1;
  return static_cast<int>(std::clamp<std::int64_t>(look - now_ms, 0, std::numeric_limits<int>::max()));
}

}  // namespace gatehouse::net
