#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <gatehouse/kit/sigv4/digest.hpp>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace gatehouse::kit::sigv4 {

const Digest kEmptyPayload = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                              0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                              0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

void append_hex(std::string& out, const Digest& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  char text[64];
  for (std::size_t i = 0; i < digest.size(); ++i) {
    text[2 * i] = kDigits[digest[i] >> 4];
    text[2 * i + 1] = kDigits[digest[i] & 15];
  }
  out.append(text, sizeof text);
}

namespace {

/// Digits of lower-case hex; 0x80: none.
constexpr std::array<unsigned char, 256> kDigitOf = [] {
  std::array<unsigned char, 256> out{};
  for (unsigned char& one : out) one = 0x80;
  for (unsigned i = 0; i < 10; ++i) out['0' + i] = static_cast<unsigned char>(i);
  for (unsigned i = 0; i < 6; ++i) out['a' + i] = static_cast<unsigned char>(10 + i);
  return out;
}();

}  // namespace

bool read_hex(std::string_view text, Digest& out) noexcept {
  out.fill(0);
  if (text.size() != 2 * out.size()) return false;
  Digest read{};
  unsigned strange = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    const unsigned high = kDigitOf[static_cast<unsigned char>(text[2 * i])];
    const unsigned low = kDigitOf[static_cast<unsigned char>(text[2 * i + 1])];
    strange |= high | low;
    read[i] = static_cast<unsigned char>(high << 4 | low);
  }
  if ((strange & 0x80) != 0) return false;
  out = read;
  return true;
}

void wipe(Digest& digest) noexcept {
  OPENSSL_cleanse(digest.data(), digest.size());
}

struct Hasher::Context {
  Context() : sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr)), running(EVP_MD_CTX_new()) {
    // The first look-up of the algorithm is what costs; afterwards the context is only set back.
    if (sha256 == nullptr || running == nullptr || EVP_DigestInit_ex2(running, sha256, nullptr) != 1) {
      free();
      throw std::runtime_error("OpenSSL gives no SHA-256");
    }
  }
  ~Context() { free(); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  void free() noexcept {
    EVP_MD_CTX_free(running);
    EVP_MD_free(sha256);
  }
  EVP_MD* sha256;
  EVP_MD_CTX* running;
};

Hasher::Hasher() : context_(std::make_unique<Context>()) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::begin() {
  if (EVP_DigestInit_ex2(context_->running, nullptr, nullptr) != 1) throw std::runtime_error("SHA-256 does not begin");
}

void Hasher::add(std::string_view text) {
  if (EVP_DigestUpdate(context_->running, text.data(), text.size()) != 1)
    throw std::runtime_error("SHA-256 does not go on");
}

Digest Hasher::end() {
  Digest out;
  if (EVP_DigestFinal_ex(context_->running, out.data(), nullptr) != 1) throw std::runtime_error("SHA-256 does not end");
  return out;
}

// RFC 2104, by hand: OpenSSL's EVP_MAC takes memory each time its key changes, and costs more than the hashing does.
Digest Hasher::hmac(std::string_view key, std::string_view text) {
  constexpr std::size_t kBlock = 64;
  char padded[kBlock] = {};
  Digest hashed;
  if (key.size() > kBlock) {
    hashed = sha256(key);
    key = bytes_of(hashed);
  }
  std::copy(key.begin(), key.end(), padded);
  for (char& c : padded) c = static_cast<char>(c ^ 0x36);
  const Digest inner = sha256(std::string_view(padded, kBlock), text);
  for (char& c : padded) c = static_cast<char>(c ^ 0x36 ^ 0x5c);
  const Digest out = sha256(std::string_view(padded, kBlock), bytes_of(inner));
  OPENSSL_cleanse(padded, sizeof padded);
  return out;
}

}  // namespace gatehouse::kit::sigv4
