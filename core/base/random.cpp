#include "base/random.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace gatehouse::base {
namespace {

void read_kernel(unsigned char* to, std::size_t size) noexcept {
  while (size > 0) {
    const ssize_t n = ::getrandom(to, size, 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      std::abort();
    }
    to += n;
    size -= static_cast<std::size_t>(n);
  }
}

}  // namespace

std::uint64_t Random::next_u64() noexcept {
  std::array<unsigned char, 8> bytes;
  fill(bytes);
  std::uint64_t value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

void SystemRandom::fill(std::span<unsigned char> out) noexcept {
  while (!out.empty()) {
    if (left_ == 0) {
      read_kernel(buffer_.data(), buffer_.size());
      left_ = buffer_.size();
    }
    const std::size_t n = std::min(out.size(), left_);
    unsigned char* from = buffer_.data() + buffer_.size() - left_;
    std::memcpy(out.data(), from, n);
    std::memset(from, 0, n);  // what was handed out is not kept
    left_ -= n;
    out = out.subspan(n);
  }
}

}  // namespace gatehouse::base
