#pragma once
#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::kit::sigv4 {

/// 32 bytes: a SHA-256, an HMAC, a signing key.
using Digest = std::array<unsigned char, 32>;

inline std::string_view bytes_of(const Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
/// Lower case.
void append_hex(std::string& out, const Digest& digest);
/// 64 digits of lower case, nothing else; false otherwise, and `out` is all zero.
bool read_hex(std::string_view text, Digest& out) noexcept;
void wipe(Digest& digest) noexcept;

/// SHA-256 and HMAC-SHA-256 with one context of OpenSSL's that is used again and again. One thread at a time. Takes no
/// memory once it is made. Throws std::runtime_error when OpenSSL cannot.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  /// Of one text after the other.
  template <class... Texts>
  Digest sha256(std::string_view text, Texts... further) {
    begin();
    add(text);
    (add(further), ...);
    return end();
  }
  Digest hmac(std::string_view key, std::string_view text);

 private:
  void begin();
  void add(std::string_view text);
  Digest end();
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Of a body without bytes: e3b0c442...
extern const Digest kEmptyPayload;

}  // namespace gatehouse::kit::sigv4
