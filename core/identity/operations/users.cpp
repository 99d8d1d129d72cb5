#include "identity/operations/entities.hpp"
#include "identity/session.hpp"

namespace gatehouse::identity::operations {
namespace {

using Who = OperationContext::Who;

constexpr Parameter kCreateUser[] = {may("Path", shape::kPath), must("UserName", shape::kUserName),
                                     may("PermissionsBoundary", shape::kArn), kTags};
constexpr Parameter kGetUser[] = {may("UserName", shape::kOldUserName)};
constexpr Parameter kListUsers[] = {kPathPrefix, kMarker, kMaxItems};
constexpr Parameter kUpdateUser[] = {must("UserName", shape::kOldUserName), may("NewPath", shape::kPath),
                                     may("NewUserName", shape::kUserName)};
constexpr Parameter kDeleteUser[] = {must("UserName", shape::kOldUserName)};

tl::unexpected<Fault> exists(std::string_view name) {
  return refuse("EntityAlreadyExists", "User with name " + std::string(name) + " already exists.");
}

Outcome<Value> create(Tables& tables, const Input& input, const OperationContext& context) {
  User user;
  user.account = context.account;
  user.path = input.text("Path", "/");
  user.name = input.text("UserName");
  user.tags = input.tags();
  user.created = context.now;
  if (auto sound = check_tags(user.tags); !sound) return tl::unexpected(sound.error());
  if (tables.user(context.account, user.name)) return exists(user.name);
  if (input.has("PermissionsBoundary")) {
    const auto boundary = attachable_policy(tables, input.text("PermissionsBoundary"), context);
    if (!boundary) return tl::unexpected(boundary.error());
    user.boundary_arn = boundary->arn();
  }
  user.id = new_id("AIDA", *context.random);
  tables.put(user);
  Value out;
  out.set("User", describe(user, true));
  return out;
}

/// The account itself, as IAM describes its root.
Value describe_root(const OperationContext& context) {
  Value user;
  user.set("Path", "/").set("UserName", "root").set("UserId", context.account);
  user.set("Arn", "arn:aws:iam::" + context.account + ":root").set("CreateDate", Value::of_time(0));
  return user;
}

Outcome<Value> get(Tables& tables, const Input& input, const OperationContext& context) {
  Value out;
  if (!input.has("UserName") && context.who == Who::Root) return std::move(out.set("User", describe_root(context)));
  const auto user = wanted_user(tables, input, context);
  if (!user) return tl::unexpected(user.error());
  return std::move(out.set("User", describe(*user, true)));
}

Outcome<Value> list(Tables& tables, const Input& input, const OperationContext& context) {
  return table_page(
      "Users", input, [&](const Tables::Page& page) { return tables.users(context.account, page); },
      [](const User& user) { return describe(user, false); });
}

Outcome<Value> update(Tables& tables, const Input& input, const OperationContext& context) {
  auto user = find_user(tables, input.text("UserName"), context);
  if (!user) return tl::unexpected(user.error());
  if (input.has("NewUserName")) {
    const auto other = tables.user(context.account, input.text("NewUserName"));
    if (other && other->id != user->id) return exists(input.text("NewUserName"));
    user->name = input.text("NewUserName");
  }
  if (input.has("NewPath")) user->path = input.text("NewPath");
  tables.put(*user);
  return Value{};
}

Outcome<Value> remove(Tables& tables, const Input& input, const OperationContext& context) {
  const auto user = find_user(tables, input.text("UserName"), context);
  if (!user) return tl::unexpected(user.error());
  const auto conflict = [](std::string_view what) {
    return refuse("DeleteConflict", "Cannot delete entity, must " + std::string(what) + " first.");
  };
  if (!tables.keys_of(user->id).empty()) return conflict("delete access keys");
  if (!tables.groups_of(user->id).empty()) return conflict("remove users from group");
  if (!tables.attached(user->id).empty()) return conflict("detach all policies");
  if (!tables.inline_policies(user->id).empty()) return conflict("delete policies");
  tables.remove_user(user->id);
  return Value{};
}

constexpr Operation kAll[] = {
    {"CreateUser", "make a user", SubjectKind::NewUser, kCreateUser, create, 0},
    {"GetUser", "show a user", SubjectKind::User, kGetUser, get, Operation::kReads},
    {"ListUsers", "list the users", SubjectKind::Users, kListUsers, list, Operation::kReads},
    {"UpdateUser", "give a user another name or path", SubjectKind::User, kUpdateUser, update,
     Operation::kGivesNothing | Operation::kMoves},
    {"DeleteUser", "delete a user who has nothing any more", SubjectKind::User, kDeleteUser, remove,
     Operation::kGivesNothing},
};

}  // namespace

std::span<const Operation> users() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
