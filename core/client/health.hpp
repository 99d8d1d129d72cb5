#pragma once
#include <cstdint>

namespace gatehouse::client {

/// Passive health of one target as one worker sees it: after `eject_after` failures in a row the target is ejected for
/// `eject_ms`; then one call may try it (the probe). A probe that fails doubles the time, up to 16 times `eject_ms`;
/// a success of any call ends it all. What counts as a failure is the caller's to say: connect, TLS, time-out, a
/// response that is not HTTP, a connection closed before the response. A status is never one. [loop]
class Health {
 public:
  /// `eject_after` 0: never ejected.
  Health(std::uint32_t eject_after, std::int64_t eject_ms) noexcept : eject_after_(eject_after), eject_ms_(eject_ms) {}

  bool ejected() const noexcept { return until_ms_ != 0; }
  /// When an ejected target may be tried again; 0: it is not ejected.
  std::int64_t until_ms() const noexcept { return until_ms_; }
  /// False while ejected and not yet due, and while the probe is out.
  bool available(std::int64_t now_ms) const noexcept { return until_ms_ == 0 || (now_ms >= until_ms_ && !probing_); }
  /// A call goes there now. True: it is the probe, and one of succeeded(), failed(.., true), abandoned() must follow.
  bool chosen(std::int64_t now_ms) noexcept;
  void succeeded() noexcept;
  /// True when this failure ejects the target. Late failures of calls from before the ejection change nothing.
  bool failed(std::int64_t now_ms, bool probe) noexcept;
  /// The probe ended without a verdict (the client went away): another may follow.
  void abandoned() noexcept { probing_ = false; }

 private:
  std::uint32_t eject_after_;
  std::int64_t eject_ms_;
  std::int64_t until_ms_ = 0;
  std::uint32_t failures_ = 0;
  std::uint32_t factor_ = 1;
  bool probing_ = false;
};

}  // namespace gatehouse::client
