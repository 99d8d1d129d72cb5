#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "access/caller.hpp"
#include "base/ip.hpp"
#include "policy/context.hpp"

namespace gatehouse::identity {

/// What is known of a request for temporary credentials beside its parameters. Views that outlive it.
struct StsFacts {
  const access::KnownCaller* caller = nullptr;  // null: nobody signed
  base::IpAddress source_ip;                    // unset: came over a Unix socket
  std::string_view source_ip_text, user_agent, region;
  bool tls = false;
  std::int64_t unix_ms = 0;
};

/// The condition keys while a role is assumed (spec iam-policy section 5, sts section 3): those of the request, those
/// that the caller brings, and what set() adds of the parameters. A key that is not there is absent.
class TrustContext final : public policy::Context {
 public:
  /// `account`: of the role. Only views of `facts` are kept.
  TrustContext(const StsFacts& facts, std::string_view account);
  TrustContext(const TrustContext&) = delete;
  TrustContext& operator=(const TrustContext&) = delete;

  void set(std::string_view key, std::string_view value) { put(key, {std::string(value)}, false); }
  void set_many(std::string_view key, std::vector<std::string> values) { put(key, std::move(values), true); }
  policy::Values find(const policy::KeyName& key) const override;

 private:
  struct Entry {
    std::vector<std::string> values;
    std::vector<std::string_view> views;
    bool multi = false;
  };
  void put(std::string_view key, std::vector<std::string> values, bool multi);

  const access::KnownCaller* caller_;
  base::IpAddress source_ip_;
  std::map<std::string, Entry, std::less<>> entries_;  // by the name in lower case
};

}  // namespace gatehouse::identity
