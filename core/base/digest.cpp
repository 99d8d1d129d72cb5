#include "base/digest.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <utility>

namespace gatehouse::base {

Sha256 sha256(std::string_view bytes) noexcept {
  Sha256 out;
  ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data());
  return out;
}

struct Sha256Stream::Impl {
  EVP_MD_CTX* const context = ::EVP_MD_CTX_new();
  bool good = context != nullptr && ::EVP_DigestInit_ex(context, ::EVP_sha256(), nullptr) == 1;
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { ::EVP_MD_CTX_free(context); }
};

Sha256Stream::Sha256Stream() : impl_(std::make_unique<Impl>()) {}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::add(std::string_view bytes) noexcept {
  impl_->good = impl_->good && ::EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()) == 1;
}

bool Sha256Stream::finish(Sha256& out) noexcept {
  return std::exchange(impl_->good, false) && ::EVP_DigestFinal_ex(impl_->context, out.data(), nullptr) == 1;
}

}  // namespace gatehouse::base
