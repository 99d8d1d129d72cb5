#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/caller.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "identity/store.hpp"

namespace gatehouse::identity {

/// What stands behind an access key (spec sigv4 section 6). Everything but Ok refuses.
enum class KeyStatus : std::uint8_t {
  Unknown,  // no such key, or a temporary one without its session token
  Ok,
  Inactive,  // switched off, or whose it was is no more
  BadToken,
  Expired,
};

struct Credentials {
  KeyStatus status = KeyStatus::Unknown;
  base::Secret secret;                                // of Ok
  std::shared_ptr<const access::KnownCaller> caller;  // of Ok
};

/// Policies of the store, compiled once for each text and kind however many callers have them. [any]
class CompiledPolicies {
 public:
  /// Null when the document cannot be weighed; `why` then says so.
  std::shared_ptr<const policy::Policy> compile(const std::string& document, policy::Kind kind, std::string& why);

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<const policy::Policy>> known_;
  std::size_t prune_at_ = 1024;
};

/// Whom access keys belong to, read from the store: one transaction a look-up, no cache. [any] Blocks.
class Directory {
 public:
  explicit Directory(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  /// A Fault when the store cannot be asked; everything about the key itself is a status.
  Outcome<Credentials> find(std::string_view access_key_id, std::optional<std::string_view> token,
                            std::int64_t unix_seconds);
  Store& store() noexcept { return *store_; }
  const std::shared_ptr<Store>& shared_store() const noexcept { return store_; }

 private:
  Outcome<Credentials> long_term(Tables& tables, std::string_view id, std::optional<std::string_view> token);
  Outcome<Credentials> temporary(Tables& tables, std::string_view id, std::string_view token,
                                 std::int64_t unix_seconds);
  void add_user(Tables& tables, const User& user, access::KnownCaller& out);
  void add_role(Tables& tables, const Role& role, const struct Session& session, access::KnownCaller& out);
  void add_policies(Tables& tables, std::string_view holder_id, const std::string& whose, access::KnownCaller& out);
  void add_boundary(Tables& tables, const std::string& arn, access::KnownCaller& out);
  void add(const std::string& document, access::PolicyRole role, const std::string& what, access::KnownCaller& out);

  std::shared_ptr<Store> store_;
  CompiledPolicies compiled_;
};

}  // namespace gatehouse::identity
