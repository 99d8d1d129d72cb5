#include "gatehouse/kit/jose/token_cache.hpp"

#include <openssl/evp.h>

namespace gatehouse::kit::jose {

// Fetched once: OpenSSL 3 looks a digest up by name otherwise, each time.
TokenHasher::TokenHasher() : sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {}

TokenHasher::~TokenHasher() {
  EVP_MD_CTX_free(context_);
  EVP_MD_free(sha256_);
}

bool TokenHasher::hash(std::string_view token, TokenHash& out) noexcept {
  unsigned size = 0;
  return sha256_ != nullptr && context_ != nullptr && EVP_DigestInit_ex(context_, sha256_, nullptr) == 1 &&
         EVP_DigestUpdate(context_, token.data(), token.size()) == 1 &&
         EVP_DigestFinal_ex(context_, out.data(), &size) == 1 && size == out.size();
}

}  // namespace gatehouse::kit::jose
