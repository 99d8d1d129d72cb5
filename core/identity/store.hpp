#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "identity/fault.hpp"
#include "identity/key_ring.hpp"
#include "identity/records.hpp"

namespace gatehouse::identity {

/// The rows of the store within one transaction. Knows no rule of IAM beyond what the tables themselves hold (a name is
/// there once in its account, what is referred to exists). Every function throws StoreError when the database fails, or
/// when the tables do not hold such a thing (`EntityAlreadyExists`, `NoSuchEntity`, `DeleteConflict`,
/// `ValidationError`); Store turns that into a Fault. One thread. Names fold case when they are looked for, as IAM's
/// do, and keep it. A text with a NUL, or that is not UTF-8, finds nothing and is not kept.
class Tables {
 public:
  virtual ~Tables() = default;

  // Pages are in the order of the name; `after` is the last name of the page before, empty for the first.
  struct Page {
    std::string_view path_prefix = "/";
    std::string_view after;
    std::size_t limit = 100;
  };

  virtual std::optional<User> user(std::string_view account, std::string_view name) = 0;
  virtual std::optional<User> user_by_id(std::string_view id) = 0;
  virtual std::vector<User> users(std::string_view account, const Page& page) = 0;
  virtual void put(const User& user) = 0;             // by id: inserted or replaced, tags too
  virtual void remove_user(std::string_view id) = 0;  // his keys, policies and memberships, too

  virtual std::optional<Group> group(std::string_view account, std::string_view name) = 0;
  virtual std::vector<Group> groups(std::string_view account, const Page& page) = 0;
  virtual void put(const Group& group) = 0;
  virtual void remove_group(std::string_view id) = 0;
  virtual void add_member(std::string_view group_id, std::string_view user_id) = 0;  // again: nothing happens
  virtual bool remove_member(std::string_view group_id, std::string_view user_id) = 0;
  virtual std::vector<User> members(std::string_view group_id) = 0;
  virtual std::vector<Group> groups_of(std::string_view user_id) = 0;

  virtual std::optional<Role> role(std::string_view account, std::string_view name) = 0;
  virtual std::optional<Role> role_by_id(std::string_view id) = 0;
  virtual std::vector<Role> roles(std::string_view account, const Page& page) = 0;
  virtual void put(const Role& role) = 0;
  virtual void remove_role(std::string_view id) = 0;

  virtual std::optional<AccessKey> key(std::string_view id) = 0;  // StoreError when its secret cannot be opened
  /// Oldest first. For lists: where no master key opens it any more, `secret` is empty, so that what cannot be used can
  /// still be seen and taken away.
  virtual std::vector<AccessKey> keys_of(std::string_view owner) = 0;
  virtual void put(const AccessKey& key) = 0;
  virtual void remove_key(std::string_view id) = 0;
  virtual LastUsed last_used(std::string_view key_id) = 0;

  virtual std::optional<ManagedPolicy> policy(std::string_view arn) = 0;
  virtual std::vector<ManagedPolicy> policies(std::string_view account, const Page& page) = 0;
  virtual void put(const ManagedPolicy& policy) = 0;    // its versions apart
  virtual void remove_policy(std::string_view id) = 0;  // with its versions; DeleteConflict while it is attached
  virtual std::vector<PolicyVersion> versions(std::string_view policy_id) = 0;  // newest first
  /// One that is the default becomes it in place of the one before.
  virtual void put_version(std::string_view policy_id, const PolicyVersion& version) = 0;
  virtual void remove_version(std::string_view policy_id, std::string_view version_id) = 0;
  virtual std::size_t attachments(std::string_view policy_arn) = 0;  // how often it is attached; boundaries too

  // Of a user, group or role, by its id.
  virtual std::vector<InlinePolicy> inline_policies(std::string_view holder_id) = 0;  // by name
  virtual void put_inline(std::string_view holder_id, const InlinePolicy& policy) = 0;
  virtual bool remove_inline(std::string_view holder_id, std::string_view name) = 0;
  virtual std::vector<std::string> attached(std::string_view holder_id) = 0;  // ARNs
  virtual void attach(std::string_view holder_id, std::string_view policy_arn) = 0;
  virtual bool detach(std::string_view holder_id, std::string_view policy_arn) = 0;

  virtual std::optional<OidcProvider> provider(std::string_view account, std::string_view url) = 0;
  virtual std::vector<OidcProvider> providers(std::string_view account) = 0;
  virtual void put(const OidcProvider& provider) = 0;
  virtual void remove_provider(std::string_view account, std::string_view url) = 0;

  virtual std::optional<IdentityPool> pool(std::string_view id) = 0;
  virtual std::vector<IdentityPool> pools(std::string_view account) = 0;
  virtual void put(const IdentityPool& pool) = 0;
  virtual void remove_pool(std::string_view id) = 0;
  // Identities of a pool: (provider, subject) -> identity id. Guests have no login.
  virtual std::optional<std::string> identity_of(std::string_view pool_id, std::string_view provider,
                                                 std::string_view subject) = 0;
  /// The pool that the identity is of.
  virtual std::optional<std::string> pool_of(std::string_view identity_id) = 0;
  virtual std::vector<std::pair<std::string, std::string>> logins_of(std::string_view identity_id) = 0;
  virtual void put_identity(std::string_view pool_id, std::string_view identity_id, std::int64_t created) = 0;
  virtual void add_login(std::string_view pool_id, std::string_view identity_id, std::string_view provider,
                         std::string_view subject) = 0;
};

/// The database behind: SQLite, PostgreSQL, or a YAML file that is read into memory and cannot be written to. Opens it,
/// migrates it, seals access keys. All functions [any]; they block.
class Store {
 public:
  struct Options {
    std::string sqlite;      // path of the database; made with mode 0600 when it is not there. `:memory:` for tests
    std::string postgresql;  // connection string as libpq takes it
    std::string file;        // identities.yaml
    std::size_t connections = 4;
    std::int64_t timeout_ms = 5'000;  // to wait for a lock or a connection
    bool create = true;               // false: a database that is not there is an error
  };
  /// Exactly one of the three. Errors name file or server and what to do. The clock lives as long as the store.
  static Result<std::shared_ptr<Store>> open(const Options& options, KeyRing ring,
                                             const base::Clock& clock = base::system_clock());
  virtual ~Store() = default;

  /// `body` in one transaction that sees one state of the database; what it returns is returned. A Fault that it
  /// returns, or an exception, undoes all that it wrote. Write transactions come one after the other (PostgreSQL:
  /// serializable, and repeated when that fails). A store that cannot be written to refuses: `ReadOnly`.
  template <class T>
  Outcome<T> read(const std::function<Outcome<T>(Tables&)>& body);
  template <class T>
  Outcome<T> write(const std::function<Outcome<T>(Tables&)>& body);

  /// Grows with every committed write, of whatever process; cheap enough to ask four times a second. Notes of last use
  /// do not count, nor do identities of pools, which come with every guest. Of a database, a write's number is at least
  /// its time in microseconds, so that one restored from a backup goes on with numbers that nobody has seen.
  virtual Outcome<std::uint64_t> version() = 0;
  /// When keys were used, many at once; the store keeps the latest of each.
  struct Use {
    std::string key_id;
    LastUsed last;
  };
  virtual Outcome<void> note_used(const std::vector<Use>& uses) = 0;
  /// Seals every access key anew with the ring's current key. How many were changed. `progress` is told so far after
  /// each transaction, which seals some hundred.
  virtual Outcome<std::size_t> reseal(const std::function<void(std::size_t)>& progress = {}) = 0;
  virtual bool writable() const noexcept = 0;
  /// `sqlite:/var/lib/gatehouse/identity.db`, without a password: for messages.
  virtual std::string_view name() const noexcept = 0;
  const KeyRing& ring() const noexcept { return ring_; }

 protected:
  explicit Store(KeyRing ring) : ring_(std::move(ring)) {}
  /// Runs `body` in a transaction; it says whether to commit. A Fault when the database failed.
  virtual Outcome<void> transact(bool writes, const std::function<bool(Tables&)>& body) = 0;

 private:
  KeyRing ring_;
};

template <class T>
Outcome<T> Store::read(const std::function<Outcome<T>(Tables&)>& body) {
  std::optional<Outcome<T>> out;
  const Outcome<void> done = transact(false, [&](Tables& tables) { return out.emplace(body(tables)).has_value(); });
  if (!done) return tl::unexpected<Fault>(done.error());
  return std::move(*out);
}

template <class T>
Outcome<T> Store::write(const std::function<Outcome<T>(Tables&)>& body) {
  std::optional<Outcome<T>> out;
  const Outcome<void> done = transact(true, [&](Tables& tables) { return out.emplace(body(tables)).has_value(); });
  if (!done) return tl::unexpected<Fault>(done.error());
  return std::move(*out);
}

}  // namespace gatehouse::identity
