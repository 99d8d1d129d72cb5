#pragma once
#include <array>
#include <memory>
#include <string>
#include <string_view>

/// The door to OpenSSL's digests for rooms that have no other business with it.
namespace gatehouse::base {

using Sha256 = std::array<unsigned char, 32>;

/// [any] One shot.
Sha256 sha256(std::string_view bytes) noexcept;

/// The same of bytes that come in pieces. One thread.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void add(std::string_view bytes) noexcept;
  /// Once. False when the library failed anywhere, for want of memory: then there is no digest.
  bool finish(Sha256& out) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::base
