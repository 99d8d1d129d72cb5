#pragma once
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "identity/key_ring.hpp"

namespace gatehouse::identity {

/// Where the text of the master keys stands. Exactly one is set.
struct MasterKeySource {
  /// A file of root's or of this user's that nobody else may read or write.
  std::string file;
  /// The name of an environment variable.
  std::string environment;
  /// The name of a systemd credential: `LoadCredential=NAME:...` or `LoadCredentialEncrypted=NAME:...` of the unit. Its
  /// file may be one for a group to read when it is root's: systemd gives the service its access so.
  std::string credential;
};

/// Errors say what to do; none shows a byte of a key. [setup]
Result<KeyRing> load_master_keys(const MasterKeySource& source);

/// Writes a fresh key to `path` with mode 0600, whole or not at all, when there is no such file. True when it was this
/// call that made it. What is there stays as it is. [setup]
Result<bool> make_if_missing(const std::string& path, base::Random& random,
                             const base::Clock& clock = base::system_clock());
inline Result<bool> make_if_missing(const std::string& path) {
  base::SystemRandom random;
  return make_if_missing(path, random);
}

}  // namespace gatehouse::identity
