#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "identity/key_ring.hpp"
#include "identity/sql.hpp"
#include "identity/store.hpp"

namespace gatehouse::identity {

/// Tables on one connection, within a transaction that somebody else began. The functions stand one file a kind of
/// record, tables_*.cpp.
class SqlTables final : public Tables {
 public:
  SqlTables(Connection& connection, const KeyRing& ring, base::Random& random, bool writes)
      : db_(connection), ring_(ring), random_(random), writes_(writes) {}

  /// Whether something was written that gateways keep and have to ask for anew.
  bool changed() const noexcept { return changed_; }

  std::optional<User> user(std::string_view account, std::string_view name) override;
  std::optional<User> user_by_id(std::string_view id) override;
  std::vector<User> users(std::string_view account, const Page& page) override;
  void put(const User& user) override;
  void remove_user(std::string_view id) override;

  std::optional<Group> group(std::string_view account, std::string_view name) override;
  std::vector<Group> groups(std::string_view account, const Page& page) override;
  void put(const Group& group) override;
  void remove_group(std::string_view id) override;
  void add_member(std::string_view group_id, std::string_view user_id) override;
  bool remove_member(std::string_view group_id, std::string_view user_id) override;
  std::vector<User> members(std::string_view group_id) override;
  std::vector<Group> groups_of(std::string_view user_id) override;

  std::optional<Role> role(std::string_view account, std::string_view name) override;
  std::optional<Role> role_by_id(std::string_view id) override;
  std::vector<Role> roles(std::string_view account, const Page& page) override;
  void put(const Role& role) override;
  void remove_role(std::string_view id) override;

  std::optional<AccessKey> key(std::string_view id) override;
  std::vector<AccessKey> keys_of(std::string_view owner) override;
  void put(const AccessKey& key) override;
  void remove_key(std::string_view id) override;
  LastUsed last_used(std::string_view key_id) override;
  void note_used(std::string_view key_id, const LastUsed& last);
  /// Seals up to `limit` keys anew that another than the current master key sealed. How many.
  std::size_t reseal(std::size_t limit);

  std::optional<ManagedPolicy> policy(std::string_view arn) override;
  std::vector<ManagedPolicy> policies(std::string_view account, const Page& page) override;
  void put(const ManagedPolicy& policy) override;
  void remove_policy(std::string_view id) override;
  std::vector<PolicyVersion> versions(std::string_view policy_id) override;
  void put_version(std::string_view policy_id, const PolicyVersion& version) override;
  void remove_version(std::string_view policy_id, std::string_view version_id) override;
  std::size_t attachments(std::string_view policy_arn) override;

  std::vector<InlinePolicy> inline_policies(std::string_view holder_id) override;
  void put_inline(std::string_view holder_id, const InlinePolicy& policy) override;
  bool remove_inline(std::string_view holder_id, std::string_view name) override;
  std::vector<std::string> attached(std::string_view holder_id) override;
  void attach(std::string_view holder_id, std::string_view policy_arn) override;
  bool detach(std::string_view holder_id, std::string_view policy_arn) override;

  std::optional<OidcProvider> provider(std::string_view account, std::string_view url) override;
  std::vector<OidcProvider> providers(std::string_view account) override;
  void put(const OidcProvider& provider) override;
  void remove_provider(std::string_view account, std::string_view url) override;

  std::optional<IdentityPool> pool(std::string_view id) override;
  std::vector<IdentityPool> pools(std::string_view account) override;
  void put(const IdentityPool& pool) override;
  void remove_pool(std::string_view id) override;
  std::optional<std::string> identity_of(std::string_view pool_id, std::string_view provider,
                                         std::string_view subject) override;
  std::optional<std::string> pool_of(std::string_view identity_id) override;
  std::vector<std::pair<std::string, std::string>> logins_of(std::string_view identity_id) override;
  void put_identity(std::string_view pool_id, std::string_view identity_id, std::int64_t created) override;
  void add_login(std::string_view pool_id, std::string_view identity_id, std::string_view provider,
                 std::string_view subject) override;

 private:
  /// A part of a record that has several of it: kind, then a to e.
  struct Detail {
    std::string kind, a, b = {}, c = {}, d = {}, e = {};
  };
  std::vector<Detail> details(std::string_view owner);
  /// Instead of all that the owner had.
  void put_details(std::string_view owner, const std::vector<Detail>& details);
  static std::vector<Detail> from_tags(const std::vector<Tag>& tags);

  /// Ahead of every change. Throws in a transaction that only reads.
  void change();
  /// Throws EntityAlreadyExists when `rows` (of one column, an id) names another than `id`.
  static void expect_own_name(const Rows& rows, std::string_view id, std::string_view what, std::string_view name);
  void expect_policy(std::string_view arn, std::string_view what);
  void expect_holder(std::string_view id);
  void remove_what_hangs_on(std::string_view holder_id);

  User user_from(Row&& row);
  Role role_from(Row&& row);
  ManagedPolicy policy_from(Row&& row);
  OidcProvider provider_from(Row&& row);
  IdentityPool pool_from(Row&& row);
  AccessKey key_from(Row&& row, bool must_open);

  Connection& db_;
  const KeyRing& ring_;
  base::Random& random_;
  bool writes_;
  bool changed_ = false;
};

/// `NoSuchEntity` and its kind, out of a function of Tables.
[[noreturn]] void refuse_row(std::string code, std::string message);

/// The parameters of a page: account, the folded name it begins after, prefix of the path, limit.
inline constexpr std::int64_t kMostRows = 1'000'000;
std::int64_t limit_of(const Tables::Page& page) noexcept;

}  // namespace gatehouse::identity
