#include "identity/key_ring.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <stdexcept>
#include <vector>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace gatehouse::identity {
namespace {

constexpr std::size_t kKeyBytes = 32, kNonceBytes = 12, kTagBytes = 16, kMaxId = 16;
constexpr std::size_t kMaxText = 64 * 1024, kMaxKeys = 64;
constexpr char kVersion = 1;

using Bytes = std::array<unsigned char, kKeyBytes>;

struct Key {
  std::string id;
  std::array<Bytes, 2> derived{};  // by Purpose
  Key() = default;
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key() { OPENSSL_cleanse(derived.data(), sizeof derived); }
};

unsigned char* bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxId && std::all_of(id.begin(), id.end(), [](char c) {
    return base::is_digit(c) || (c >= 'a' && c <= 'z') || c == '-';
  });
}

bool derive(std::string_view master, std::string_view purpose, Bytes& out) {
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* context = kdf == nullptr ? nullptr : EVP_KDF_CTX_new(kdf);
  EVP_KDF_free(kdf);
  if (context == nullptr) return false;
  char digest[] = "SHA256";
  std::string key(master), info(purpose);
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
                               OSSL_PARAM_construct_end()};
  const bool done = EVP_KDF_derive(context, out.data(), out.size(), params) == 1;
  EVP_KDF_CTX_free(context);
  OPENSSL_cleanse(key.data(), key.size());
  return done;
}

// Version, length of the id, id: what says with which key. Bound into the seal in front of what the caller binds; its
// length can be told from its second byte, so that no two pairs of both read alike.
std::string_view header_of(std::string_view sealed) {
  if (sealed.size() < 2 || sealed[0] != kVersion) return {};
  const auto size = static_cast<unsigned char>(sealed[1]);
  if (size > kMaxId || sealed.size() < 2 + size + kNonceBytes + kTagBytes || !is_id(sealed.substr(2, size))) return {};
  return sealed.substr(0, 2 + size);
}

struct Cipher {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  Cipher() = default;
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;
  ~Cipher() { EVP_CIPHER_CTX_free(context); }
};

bool add_bound(EVP_CIPHER_CTX* context, std::string_view text, bool encrypts) {
  int ignored = 0;
  const int size = static_cast<int>(text.size());
  return (encrypts ? EVP_EncryptUpdate(context, nullptr, &ignored, bytes(text), size)
                   : EVP_DecryptUpdate(context, nullptr, &ignored, bytes(text), size)) == 1;
}

}  // namespace

struct KeyRing::Keys {
  std::vector<Key> all;  // the first seals
  const Key* find(std::string_view id) const {
    for (const Key& key : all)
      if (key.id == id) return &key;
    return nullptr;
  }
};

Result<KeyRing> KeyRing::parse(std::string_view text) {
  if (text.size() > kMaxText) return fail(Code::Limit, "master keys: more than 64 KiB of text");
  auto keys = std::make_shared<Keys>();
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = base::trim(line);
    if (line.empty() || line.front() == '#') continue;
    // What stands in the line may be a secret in the wrong place: messages say its number only.
    const std::string where = "master keys, line " + std::to_string(number) + ": ";
    const std::size_t blank = line.find_first_of(" \t");
    if (blank == std::string_view::npos)
      return fail(Code::Invalid, where + "takes `ID BASE64`, an id and a key with a blank between them");
    if (!is_id(line.substr(0, blank))) return fail(Code::Invalid, where + "the id takes 1 to 16 of a-z, 0-9 and `-`");
    auto decoded = base::decode_base64(base::trim(line.substr(blank)));
    if (!decoded || decoded->size() != kKeyBytes)
      return fail(Code::Invalid, where + "the key takes 32 bytes as base64 (`openssl rand -base64 32`)");
    const base::Secret master(std::move(*decoded));
    if (std::all_of(master.reveal().begin(), master.reveal().end(), [&](char c) { return c == master.reveal()[0]; }))
      return fail(Code::Refused, where + "the key is one byte repeated: make a random one (`openssl rand -base64 32`)");
    Key key;
    key.id = line.substr(0, blank);
    if (keys->find(key.id) != nullptr)
      return fail(Code::Conflict, where + "the id `" + key.id + "` stands twice: give each key its own");
    if (keys->all.size() == kMaxKeys) return fail(Code::Limit, where + "more than 64 keys");
    if (!derive(master.reveal(), "gatehouse identity at rest 1", key.derived[0]) ||
        !derive(master.reveal(), "gatehouse identity session 1", key.derived[1]))
      return fail(Code::Internal, where + "the cryptographic library cannot derive keys (HKDF)");
    keys->all.push_back(key);
  }
  if (keys->all.empty())
    return fail(Code::Invalid,
                "master keys: there is none; a line takes `ID BASE64` (`gatehouse iam init` makes a file of one)");
  KeyRing out;
  out.keys_ = std::move(keys);
  return out;
}

base::Secret KeyRing::generate(base::Random& random, std::int64_t unix_seconds) {
  std::string key(kKeyBytes, '\0');
  random.fill({bytes(key), key.size()});
  const auto when = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  ::gmtime_r(&when, &utc);
  char day[32];
  std::string line(day, std::strftime(day, sizeof day, "%Y%m%d-", &utc));
  for (int i = 0; i < 4; ++i) line += static_cast<char>('a' + random.next_u64() % 26);
  std::string text = base::base64(key);
  line.append(" ").append(text).append("\n");
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(text.data(), text.size());
  return base::Secret(std::move(line));
}

std::string KeyRing::seal(Purpose purpose, std::string_view plain, std::string_view bound, base::Random& random) const {
  const Key& key = keys_->all.front();
  std::string out;
  out.reserve(2 + key.id.size() + kNonceBytes + plain.size() + kTagBytes);
  out += kVersion;
  out += static_cast<char>(key.id.size());
  out += key.id;
  const std::size_t header = out.size();
  out.resize(header + kNonceBytes + plain.size() + kTagBytes);
  unsigned char* const nonce = bytes(out) + header;
  unsigned char* const cipher = nonce + kNonceBytes;
  random.fill({nonce, kNonceBytes});
  const Cipher use;
  int written = 0, rest = 0;
  const bool done =
      use.context != nullptr &&
      EVP_EncryptInit_ex2(use.context, EVP_aes_256_gcm(), key.derived[static_cast<std::size_t>(purpose)].data(), nonce,
                          nullptr) == 1 &&
      add_bound(use.context, std::string_view(out).substr(0, header), true) && add_bound(use.context, bound, true) &&
      EVP_EncryptUpdate(use.context, cipher, &written, bytes(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(use.context, cipher + written, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(use.context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, cipher + plain.size()) == 1;
  if (!done) throw std::bad_alloc();  // nothing else makes AES fail
  return out;
}

Result<base::Secret> KeyRing::open(Purpose purpose, std::string_view sealed, std::string_view bound) const {
  const std::string_view header = header_of(sealed);
  if (header.empty()) return fail(Code::Invalid, "not sealed with a master key");
  const Key* key = keys_ == nullptr ? nullptr : keys_->find(header.substr(2));
  if (key == nullptr)
    return fail(Code::NotFound, "sealed with master key `" + std::string(header.substr(2)) + "`, which is not there");
  const std::string_view nonce = sealed.substr(header.size(), kNonceBytes);
  std::string_view cipher = sealed.substr(header.size() + kNonceBytes);
  std::string tag(cipher.substr(cipher.size() - kTagBytes));
  cipher.remove_suffix(kTagBytes);
  std::string plain(cipher.size(), '\0');
  const Cipher use;
  int written = 0, rest = 0;
  unsigned char none = 0;
  unsigned char* const out = plain.empty() ? &none : bytes(plain);
  const bool done =
      use.context != nullptr &&
      EVP_DecryptInit_ex2(use.context, EVP_aes_256_gcm(), key->derived[static_cast<std::size_t>(purpose)].data(),
                          bytes(nonce), nullptr) == 1 &&
      add_bound(use.context, header, false) && add_bound(use.context, bound, false) &&
      EVP_DecryptUpdate(use.context, out, &written, bytes(cipher), static_cast<int>(cipher.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(use.context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(use.context, out + written, &rest) == 1;
  base::Secret result(std::move(plain));
  if (!done) return fail(Code::Invalid, "changed since it was sealed, or sealed for something else");
  return result;
}

std::string_view KeyRing::key_id(std::string_view sealed) noexcept {
  const std::string_view header = header_of(sealed);
  return header.empty() ? header : header.substr(2);
}

std::string_view KeyRing::current() const noexcept {
  return keys_ == nullptr ? std::string_view() : std::string_view(keys_->all.front().id);
}

}  // namespace gatehouse::identity
