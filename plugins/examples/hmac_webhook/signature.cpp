#include "signature.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <charconv>
#include <memory>
#include <stdexcept>

namespace hmac_webhook {
namespace {

int digit(char c) noexcept {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

std::optional<std::string> unhex(std::string_view text) {
  if (text.size() != 64) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

}  // namespace

std::optional<Signature> read_signature(std::string_view header) {
  if (header.size() > 1024) return std::nullopt;
  Signature out;
  while (!header.empty()) {
    const std::string_view part = header.substr(0, header.find(','));
    header.remove_prefix(part.size() < header.size() ? part.size() + 1 : header.size());
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    const std::string_view name = part.substr(0, equals), value = part.substr(equals + 1);
    if (name == "t") {
      // Twelve digits: no sum with a tolerance can overflow.
      if (!out.timestamp.empty() || value.empty() || value.size() > 12 || value[0] == '-') return std::nullopt;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out.time_s);
      if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
      out.timestamp = value;
    } else if (name == "v1") {
      auto bytes = unhex(value);
      if (!bytes || out.digests.size() == 8) return std::nullopt;
      out.digests.push_back(std::move(*bytes));
    }
  }
  if (out.timestamp.empty() || out.digests.empty()) return std::nullopt;
  return out;
}

std::string sign(std::string_view key, std::string_view timestamp, std::string_view body) {
  using Mac = std::unique_ptr<EVP_MAC, void (*)(EVP_MAC*)>;
  using Context = std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)>;
  const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free);
  const Context context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr, EVP_MAC_CTX_free);
  char name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                   OSSL_PARAM_construct_end()};
  const auto bytes = [](std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); };
  unsigned char out[32];
  std::size_t size = 0;
  if (!context || EVP_MAC_init(context.get(), bytes(key), key.size(), parameters) != 1 ||
      EVP_MAC_update(context.get(), bytes(timestamp), timestamp.size()) != 1 ||
      EVP_MAC_update(context.get(), bytes("."), 1) != 1 ||
      EVP_MAC_update(context.get(), bytes(body), body.size()) != 1 ||
      EVP_MAC_final(context.get(), out, &size, sizeof out) != 1 || size != sizeof out)
    throw std::runtime_error("HMAC cannot be computed");
  return {reinterpret_cast<const char*>(out), sizeof out};
}

}  // namespace hmac_webhook
