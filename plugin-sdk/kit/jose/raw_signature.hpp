#pragma once
#include <array>
#include <cstddef>
#include <string_view>

namespace gatehouse::kit::jose {

/// An ECDSA signature as OpenSSL wants it, made of the R || S of RFC 7518, section 3.4.
class DerSignature {
 public:
  /// `order` is the curve's, in bytes, and R and S are as long as it. False for any other length, and unless both are
  /// numbers from 1 to the order less 1 (JW-63; a signature of zeros once passed for any: CVE-2022-21449).
  bool assign(std::string_view raw, std::string_view order) noexcept;
  std::string_view view() const noexcept { return {der_.data(), size_}; }

 private:
  void put(int byte) noexcept { der_[size_++] = static_cast<char>(byte); }

  std::array<char, 144> der_{};  // of P-521: 3 + 2 * (2 + 66) bytes
  std::size_t size_ = 0;
};

}  // namespace gatehouse::kit::jose
