#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

/// Who asks, as policies know him (spec iam-policy 7.1). Views of texts that outlive it.
struct Caller {
  enum class Kind : std::uint8_t { Anonymous, Root, User, RoleSession, FederatedUser };
  Kind kind = Kind::Anonymous;
  std::string_view arn;        // of a session the session's, never the role's
  std::string_view account;    // twelve digits
  std::string_view role_name;  // RoleSession: from its ARN, without a path
  std::string_view role_arn;   // RoleSession: with the path; empty when not known, and the name alone decides
  std::string_view user_arn;   // FederatedUser: of the user that made it; empty when not known
  /// The identity provider that vouches for a caller without an ARN, in trust policies.
  std::string_view provider;

  /// From an ARN such as `arn:aws:iam::111122223333:user/dev/bob`; nothing when it is none of a caller.
  static std::optional<Caller> of_arn(std::string_view arn) noexcept;
};

/// How closely a principal element names the caller: what a resource policy's Allow is worth (8.2).
enum class Grant : std::uint8_t {
  None,
  Account,  // the account: delegation, an identity policy must allow as well
  Role,     // the role of a session, the user of a federated user: boundary and session policy must allow as well
  Direct,   // the user, the session, everybody
};

/// A compiled `Principal` or `NotPrincipal`. [any]
class Principals {
 public:
  enum class Type : std::uint8_t { Aws, Federated, Service };

  void add_everybody() { everybody_ = true; }
  /// Nothing, or why `text` names nobody.
  std::optional<std::string> add(Type type, std::string_view text);

  /// The closest entry that names the caller.
  Grant names(const Caller& caller) const noexcept;
  /// For `NotPrincipal`: the list holds the caller's account and the caller himself (his role counts); an account alone
  /// exempts only its root. Nobody anonymous is exempt. Source: 7.3.
  bool exempts(const Caller& caller) const noexcept;
  bool everybody() const noexcept { return everybody_; }
  /// As the policy spells them, `*` first: for explanations.
  std::vector<std::string_view> texts() const;
  bool empty() const noexcept { return !everybody_ && entries_.empty(); }

 private:
  enum class Kind : std::uint8_t { Account, User, Role, Session, FederatedUser, Provider, Service };
  struct Entry {
    Kind kind;
    std::string text;     // the ARN; of a Provider its name
    std::string account;  // twelve digits
    std::string role_name;
  };
  static Grant names(const Entry& entry, const Caller& caller) noexcept;

  bool everybody_ = false;
  std::vector<Entry> entries_;
};

}  // namespace gatehouse::policy
