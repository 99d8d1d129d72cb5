#include "identity/signing_key.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>

namespace gatehouse::identity {
namespace {

bool hmac(std::string_view key, std::string_view text, SigningKey& out) noexcept {
  unsigned int size = 0;
  return ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
                reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size) != nullptr &&
         size == out.size();
}

std::string_view view(const SigningKey& key) noexcept {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

}  // namespace

bool derive_signing_key(std::string_view secret, std::string_view date, std::string_view region,
                        std::string_view service, SigningKey& out) noexcept try {
  std::string first = "AWS4";
  first += secret;
  SigningKey a{}, b{};
  const bool done = hmac(first, date, a) && hmac(view(a), region, b) && hmac(view(b), service, a) &&
                    hmac(view(a), "aws4_request", out);
  ::OPENSSL_cleanse(first.data(), first.size());
  ::OPENSSL_cleanse(a.data(), a.size());
  ::OPENSSL_cleanse(b.data(), b.size());
  return done;
} catch (...) {
  return false;  // out of memory
}

}  // namespace gatehouse::identity
