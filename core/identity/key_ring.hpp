#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace gatehouse::identity {

/// The master keys: what secrets at rest and session tokens are sealed with (AES-256-GCM, keys derived by HKDF-SHA256,
/// one for each purpose). The first one seals; all open, so that a key is changed by putting a new one in front and
/// taking the old one away once nothing is sealed with it any more (`gatehouse iam reseal`; sessions live 36 hours at
/// most). Immutable. [any]
///
/// Text form, for a file, an environment variable or a systemd credential: a line a key, `ID BASE64` with an id of
/// [a-z0-9-]{1,16} and 32 bytes; empty lines and lines that begin with `#` are skipped.
class KeyRing {
 public:
  enum class Purpose : std::uint8_t { AtRest, Session };

  static Result<KeyRing> parse(std::string_view text);
  /// A fresh key as a line of the text form. Ids: `YYYYMMDD` of now, and four random letters.
  static base::Secret generate(base::Random& random, std::int64_t unix_seconds);

  /// Id of the key, nonce, ciphertext and tag, as bytes. `bound` (associated data) must be the same when it is opened.
  std::string seal(Purpose purpose, std::string_view plain, std::string_view bound, base::Random& random) const;
  /// Errors: Invalid (not sealed by this, or changed), NotFound (sealed with a key that is not in the ring).
  Result<base::Secret> open(Purpose purpose, std::string_view sealed, std::string_view bound) const;
  /// The id of the key that sealed this; empty when it is nothing of ours.
  static std::string_view key_id(std::string_view sealed) noexcept;
  /// Of the key that seals.
  std::string_view current() const noexcept;

 private:
  struct Keys;
  std::shared_ptr<const Keys> keys_;
};

}  // namespace gatehouse::identity
