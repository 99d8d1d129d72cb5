#pragma once
#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

/// Makes keys and signs tokens, also such as nobody should: straight with OpenSSL, with nothing of ours in between.
namespace gatehouse::test {

std::string base64url(std::string_view bytes);
/// HEADER.PAYLOAD, the bytes that are signed.
std::string signing_input(std::string_view header, std::string_view payload);
/// Three segments of what is given.
std::string compact(std::string_view header, std::string_view payload, std::string_view signature);

/// Copies share the key.
class SigningKey {
 public:
  static SigningKey rsa(unsigned bits = 2048, unsigned long exponent = 65'537);
  static SigningKey ec(const char* curve);  // `P-256`
  static SigningKey ed25519();

  /// The public key as a JWK; `members` go in as they are: `"kid":"a","use":"sig"`.
  std::string jwk(std::string_view members) const;
  /// The members that make the key, without braces: `"kty":"RSA","n":...`.
  const std::string& material() const { return material_; }
  /// The public key as others hold it: what an HMAC is made with by who confuses algorithms.
  std::string pem() const;
  std::string der() const;

  /// As RFC 7518 and RFC 8037 say for `alg`, which need not fit the key's size or curve: ES256 signs with any curve.
  /// Aborts when OpenSSL cannot.
  std::string sign(std::string_view alg, std::string_view bytes) const;
  /// PSS with a salt of that length; ECDSA as the DER that OpenSSL writes.
  std::string sign_pss(const char* digest, int salt, std::string_view bytes) const;
  std::string sign_der(const char* digest, std::string_view bytes) const;
  /// A whole token, `alg` being the one that is signed with, whatever the header says.
  std::string token(std::string_view alg, std::string_view header, std::string_view payload) const;

 private:
  explicit SigningKey(EVP_PKEY* pkey);
  std::shared_ptr<EVP_PKEY> pkey_;
  std::string material_;
};

std::string hmac(const char* digest, std::string_view key, std::string_view bytes);

}  // namespace gatehouse::test
