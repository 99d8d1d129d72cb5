#include "identity/operations/entities.hpp"

namespace gatehouse::identity::operations {
namespace {

constexpr Parameter kUser = must("UserName", shape::kUserName), kRole = must("RoleName", shape::kRoleName),
                    kBoundary = must("PermissionsBoundary", shape::kArn);
constexpr Parameter kPutUser[] = {kUser, kBoundary};
constexpr Parameter kPutRole[] = {kRole, kBoundary};
constexpr Parameter kOfUser[] = {kUser};
constexpr Parameter kOfRole[] = {kRole};

template <class Entity>
Outcome<Value> put(Tables& tables, const Input& input, const OperationContext& context, Outcome<Entity> entity) {
  if (!entity) return tl::unexpected(entity.error());
  const auto boundary = attachable_policy(tables, input.text("PermissionsBoundary"), context);
  if (!boundary) return tl::unexpected(boundary.error());
  entity->boundary_arn = boundary->arn();
  tables.put(*entity);
  return Value{};
}

template <class Entity>
Outcome<Value> remove(Tables& tables, std::string_view kind, Outcome<Entity> entity) {
  if (!entity) return tl::unexpected(entity.error());
  if (entity->boundary_arn.empty())
    return refuse("NoSuchEntity",
                  "The " + std::string(kind) + " with name " + entity->name + " does not have a permissions boundary.");
  entity->boundary_arn.clear();
  tables.put(*entity);
  return Value{};
}

Outcome<Value> put_user(Tables& tables, const Input& input, const OperationContext& context) {
  return put(tables, input, context, find_user(tables, input.text("UserName"), context));
}
Outcome<Value> put_role(Tables& tables, const Input& input, const OperationContext& context) {
  return put(tables, input, context, find_role(tables, input.text("RoleName"), context));
}
Outcome<Value> remove_user(Tables& tables, const Input& input, const OperationContext& context) {
  return remove(tables, "user", find_user(tables, input.text("UserName"), context));
}
Outcome<Value> remove_role(Tables& tables, const Input& input, const OperationContext& context) {
  return remove(tables, "role", find_role(tables, input.text("RoleName"), context));
}

constexpr unsigned kWrites = Operation::kGivesNothing | Operation::kBoundaryKey;

constexpr Operation kAll[] = {
    {"PutUserPermissionsBoundary", "bound what a user may be allowed", SubjectKind::User, kPutUser, put_user,
     Operation::kGivesNothing},
    {"DeleteUserPermissionsBoundary", "take a user's boundary away", SubjectKind::User, kOfUser, remove_user, kWrites},
    {"PutRolePermissionsBoundary", "bound what a role may be allowed", SubjectKind::Role, kPutRole, put_role,
     Operation::kGivesNothing},
    {"DeleteRolePermissionsBoundary", "take a role's boundary away", SubjectKind::Role, kOfRole, remove_role, kWrites},
};

}  // namespace

std::span<const Operation> boundaries() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
