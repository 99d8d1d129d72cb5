#include "client/health.hpp"

#include <algorithm>

namespace gatehouse::client {
namespace {

constexpr std::uint32_t kMostTimes = 16;

}  // namespace

bool Health::chosen(std::int64_t now_ms) noexcept {
  if (until_ms_ == 0 || now_ms < until_ms_ || probing_) return false;
  probing_ = true;
  return true;
}

void Health::succeeded() noexcept {
  until_ms_ = 0;
  failures_ = 0;
  factor_ = 1;
  probing_ = false;
}

bool Health::failed(std::int64_t now_ms, bool probe) noexcept {
  if (eject_after_ == 0) return false;
  if (probe) {
    probing_ = false;
    factor_ = std::min(factor_ * 2, kMostTimes);
    until_ms_ = now_ms + eject_ms_ * factor_;
    return true;
  }
  if (until_ms_ != 0 || ++failures_ < eject_after_) return false;
  failures_ = 0;
  until_ms_ = now_ms + eject_ms_;
  return true;
}

}  // namespace gatehouse::client
