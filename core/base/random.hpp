#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gatehouse::base {

/// A source of unpredictable bytes. Passed in, so that tests can fix it. One thread each: every worker has its own.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> out) noexcept = 0;
  std::uint64_t next_u64() noexcept;
};

/// The kernel's generator (getrandom), read 4 KiB at a time so that most calls cost no system call. Ends the process
/// when the kernel has no randomness to give: nothing secure can go on without it.
class SystemRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) noexcept override;

 private:
  std::array<unsigned char, 4096> buffer_;
  std::size_t left_ = 0;
};

}  // namespace gatehouse::base
