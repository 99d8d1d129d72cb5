#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "identity/operation_shape.hpp"
#include "identity/operation_value.hpp"
#include "identity/store.hpp"

/// IAM's operations, as one table with two doors: `gatehouse iam` and the IAM API (spec issue: IAM permissions).
namespace gatehouse::identity {

/// One parameter of an operation, by the name that AWS gives it.
struct Parameter {
  enum class Kind : std::uint8_t {
    Text,
    Document,  // JSON: a policy
    Number,
    Bool,
    Texts,    // a list
    Structs,  // a list of structs of texts, by `fields`
    Map,      // text -> text; command line only
    Secret,   // a text that is read from a file; command line only
  };
  /// A member of a struct in a list.
  struct Field {
    std::string_view name;
    const Shape* shape;
  };
  std::string_view name;
  const Shape* shape = nullptr;  // of a list: of its items
  Kind kind = Kind::Text;
  bool required = false;
  bool cli_only = false;
  std::span<const Field> fields = {};
  std::size_t most = 0;        // items; 0: as many as the door lets in
  std::string_view help = {};  // for the command line, where the name does not say it
};

/// What an operation is about: whose ARN policies are asked for, and whose tags and boundary are condition keys.
enum class SubjectKind : std::uint8_t {
  Everything,  // `*`
  User,        // UserName; without one the caller
  NewUser,
  Users,
  Group,
  NewGroup,
  Groups,
  Role,
  NewRole,
  Roles,
  Policy,  // PolicyArn
  NewPolicy,
  Provider,  // OpenIDConnectProviderArn
  NewProvider,
  KeyOwner,  // AccessKeyId
};

struct Subject {
  std::string arn;
  std::vector<Tag> tags;
  std::string boundary_arn;
};

/// Whom an operation is done for.
struct OperationContext {
  enum class Who : std::uint8_t {
    Operator,  // at the command line
    User,
    Root,
    Session,  // of a role
  };
  std::string account;
  std::string region;
  Who who = Who::Operator;
  std::string user_id;  // of a User
  std::int64_t now = 0;
  base::Random* random = nullptr;
};

struct Operation;

/// Parameters that were found to be what the operation takes.
class Input {
 public:
  enum class Door : std::uint8_t { Api, CommandLine };
  /// Texts become what the parameter is; every fault is told, as AWS does: `2 validation errors detected: ...`. Faults:
  /// `ValidationError`.
  static Outcome<Input> check(const Operation& operation, const Value& given, Door door);

  bool has(std::string_view name) const noexcept { return values_.find(name) != nullptr; }
  /// Empty when it is not there.
  std::string_view text(std::string_view name) const noexcept;
  std::string_view text(std::string_view name, std::string_view otherwise) const noexcept;
  std::int64_t number(std::string_view name, std::int64_t otherwise) const noexcept;
  bool flag(std::string_view name) const noexcept { return number(name, 0) != 0; }
  std::vector<std::string> texts(std::string_view name) const;
  std::vector<Tag> tags() const;
  /// Of Structs, Map: as it came.
  const Value* value(std::string_view name) const noexcept { return values_.find(name); }

 private:
  Value values_;
};

struct Operation {
  enum Flags : unsigned {
    kReads = 1,         // changes nothing
    kCliOnly = 2,       // no operation of IAM's API
    kGivesNothing = 4,  // its answer has no result
    kBoundaryKey = 8,   // iam:PermissionsBoundary is what the subject has
    kMoves = 16,        // NewPath, New...Name: is about what it will be as well
  };
  std::string_view name;  // `CreateUser`; its action is `iam:CreateUser`
  std::string_view help;
  SubjectKind subject = SubjectKind::Everything;
  std::span<const Parameter> parameters;
  Outcome<Value> (*handler)(Tables&, const Input&, const OperationContext&) = nullptr;
  unsigned flags = 0;

  bool is(Flags flag) const noexcept { return (flags & flag) != 0; }
};

/// All, grouped as documentation has them. [any]
std::span<const Operation* const> all_operations();
/// By name; null for none. Names do not fold.
const Operation* find_operation(std::string_view name) noexcept;

/// Decides whether the caller may. Asked within the operation's transaction, once for each subject, before anything is
/// done.
class OperationGuard {
 public:
  virtual Outcome<void> permit(const Operation& operation, const Subject& subject, const Input& input) const = 0;

 protected:
  ~OperationGuard() = default;
};

/// Does it in one transaction of the store. Without a guard everything is permitted. [any] Blocks.
Outcome<Value> perform(const Operation& operation, const Input& input, const OperationContext& context, Store& store,
                       const OperationGuard* guard = nullptr);
/// The same within a transaction. `tables` may throw StoreError.
Outcome<Value> perform(const Operation& operation, const Input& input, const OperationContext& context, Tables& tables,
                       const OperationGuard* guard = nullptr);

/// `create-open-id-connect-provider` of `CreateOpenIDConnectProvider`: as AWS's command line spells names. [any]
std::string kebab_case(std::string_view name);
/// `userName` of `UserName`: as refusals do.
std::string camel_case(std::string_view name);

}  // namespace gatehouse::identity
