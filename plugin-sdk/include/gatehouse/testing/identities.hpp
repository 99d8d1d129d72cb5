// gatehouse/testing/identities.hpp -- the store of identities as a fake: access keys and whose they are. Part of
// testing.hpp.
#pragma once
#include <gatehouse/abi.h>
#include <gatehouse/testing/digest.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::testing {

/// An access key as a test sets it up.
struct AccessKey {
  std::string id, secret;
  std::optional<std::string> token;  // of a temporary key
  std::uint32_t status = GH_KEY_OK;  // what a look-up with the right token comes to
  std::string principal_arn = "arn:aws:iam::000000000000:user/tester";
};

class Identities {
 public:
  struct Found {
    std::uint32_t status = GH_KEY_UNKNOWN;
    std::string signing_key, principal_arn;
    std::uint64_t caller = 0;
  };
  /// Whether look-ups come at once, as those of keys that the worker remembers, or later.
  bool at_once = true;
  /// GH_OK, or what every later callback brings instead of a key.
  std::int32_t outcome = GH_OK;
  std::size_t lookups = 0;

  void put(AccessKey key) { keys_[key.id] = std::move(key); }
  void remove(std::string_view id) { keys_.erase(std::string(id)); }

  Found find(std::string_view id, const std::optional<std::string>& token, const std::string& date,
             const std::string& region, const std::string& service) {
    ++lookups;
    Found out;
    const auto known = keys_.find(std::string(id));
    if (known != keys_.end()) {
      const AccessKey& key = known->second;
      out.status = token == key.token ? key.status : token ? GH_KEY_BAD_TOKEN : GH_KEY_UNKNOWN;
    }
    const bool ok = out.status == GH_KEY_OK;
    std::string signing = "AWS4" + (ok ? known->second.secret : std::string("nobody's"));
    for (const std::string& part : {date, region, service, std::string("aws4_request")})
      signing = hmac_sha256(signing, part);
    out.signing_key = signing;
    if (ok) {
      out.principal_arn = known->second.principal_arn;
      out.caller = ++last_caller_;
    }
    return out;
  }

 private:
  std::map<std::string, AccessKey> keys_;
  std::uint64_t last_caller_ = 1000;
};

}  // namespace gatehouse::testing
