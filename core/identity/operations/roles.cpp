#include "identity/operations/entities.hpp"
#include "identity/operations/trust.hpp"
#include "identity/session.hpp"

namespace gatehouse::identity::operations {
namespace {

constexpr Parameter kRoleName = must("RoleName", shape::kRoleName);
constexpr Parameter kDescription = may("Description", shape::kRoleDescription);
constexpr Parameter kMaxSession =
    may("MaxSessionDuration", shape::kSessionSeconds, Parameter::Kind::Number, "seconds, 3600 to 43200");
constexpr Parameter kCreate[] = {
    may("Path", shape::kPath),
    kRoleName,
    must("AssumeRolePolicyDocument", shape::kDocument, Parameter::Kind::Document, "who may assume it: JSON or file://"),
    kDescription,
    kMaxSession,
    may("PermissionsBoundary", shape::kArn),
    kTags};
constexpr Parameter kName[] = {kRoleName};
constexpr Parameter kList[] = {kPathPrefix, kMarker, kMaxItems};
constexpr Parameter kProfiles[] = {kRoleName, kMarker, kMaxItems};
constexpr Parameter kUpdate[] = {kRoleName, kDescription, kMaxSession};
constexpr Parameter kUpdateDescription[] = {kRoleName, must("Description", shape::kRoleDescription)};
constexpr Parameter kUpdateTrust[] = {
    kRoleName, must("PolicyDocument", shape::kDocument, Parameter::Kind::Document, "JSON or file://")};

Outcome<Value> create(Tables& tables, const Input& input, const OperationContext& context) {
  Role role;
  role.account = context.account;
  role.path = input.text("Path", "/");
  role.name = input.text("RoleName");
  role.description = input.text("Description");
  role.max_session_seconds = input.number("MaxSessionDuration", 3'600);
  role.tags = input.tags();
  role.created = context.now;
  role.trust_policy = input.text("AssumeRolePolicyDocument");
  if (auto sound = check_tags(role.tags); !sound) return tl::unexpected(sound.error());
  if (tables.role(context.account, role.name))
    return refuse("EntityAlreadyExists", "Role with name " + role.name + " already exists.");
  if (input.has("PermissionsBoundary")) {
    const auto boundary = attachable_policy(tables, input.text("PermissionsBoundary"), context);
    if (!boundary) return tl::unexpected(boundary.error());
    role.boundary_arn = boundary->arn();
  }
  auto bound = check_trust(tables, role.trust_policy);
  if (!bound) return tl::unexpected(bound.error());
  role.trusted_ids = std::move(*bound);
  role.id = new_id("AROA", *context.random);
  tables.put(role);
  Value out;
  out.set("Role", describe(role, true));
  return out;
}

Outcome<Value> get(Tables& tables, const Input& input, const OperationContext& context) {
  const auto role = find_role(tables, input.text("RoleName"), context);
  if (!role) return tl::unexpected(role.error());
  Value out;
  out.set("Role", describe(*role, true));
  return out;
}

Outcome<Value> list(Tables& tables, const Input& input, const OperationContext& context) {
  return table_page(
      "Roles", input, [&](const Tables::Page& page) { return tables.roles(context.account, page); },
      [](const Role& role) { return describe(role, false); });
}

// There are no machines here that a role could be of. Tools that delete roles ask first.
Outcome<Value> instance_profiles(Tables& tables, const Input& input, const OperationContext& context) {
  const auto role = find_role(tables, input.text("RoleName"), context);
  if (!role) return tl::unexpected(role.error());
  Value out;
  out.set("InstanceProfiles", Value::list());
  PageOf::close(out, false, {});
  return out;
}

Outcome<Value> update(Tables& tables, const Input& input, const OperationContext& context) {
  auto role = find_role(tables, input.text("RoleName"), context);
  if (!role) return tl::unexpected(role.error());
  if (input.has("Description")) role->description = input.text("Description");
  role->max_session_seconds = input.number("MaxSessionDuration", role->max_session_seconds);
  tables.put(*role);
  return Value{};
}

Outcome<Value> update_description(Tables& tables, const Input& input, const OperationContext& context) {
  auto role = find_role(tables, input.text("RoleName"), context);
  if (!role) return tl::unexpected(role.error());
  role->description = input.text("Description");
  tables.put(*role);
  Value out;
  out.set("Role", describe(*role, true));
  return out;
}

Outcome<Value> update_trust(Tables& tables, const Input& input, const OperationContext& context) {
  auto role = find_role(tables, input.text("RoleName"), context);
  if (!role) return tl::unexpected(role.error());
  auto bound = check_trust(tables, input.text("PolicyDocument"));
  if (!bound) return tl::unexpected(bound.error());
  role->trust_policy = input.text("PolicyDocument");
  role->trusted_ids = std::move(*bound);
  tables.put(*role);
  return Value{};
}

Outcome<Value> remove(Tables& tables, const Input& input, const OperationContext& context) {
  const auto role = find_role(tables, input.text("RoleName"), context);
  if (!role) return tl::unexpected(role.error());
  const auto conflict = [](std::string_view what) {
    return refuse("DeleteConflict", "Cannot delete entity, must " + std::string(what) + " first.");
  };
  if (!tables.attached(role->id).empty()) return conflict("detach all policies");
  if (!tables.inline_policies(role->id).empty()) return conflict("delete policies");
  tables.remove_role(role->id);
  return Value{};
}

// Whoever assumed the role before now has to do it again.
Outcome<Value> revoke(Tables& tables, const Input& input, const OperationContext& context) {
  auto role = find_role(tables, input.text("RoleName"), context);
  if (!role) return tl::unexpected(role.error());
  role->not_before = context.now + 1;  // those of this second, too
  tables.put(*role);
  Value out;
  out.set("RoleName", role->name).set("SessionsRefusedBefore", Value::of_time(role->not_before));
  return out;
}

constexpr Operation kAll[] = {
    {"CreateRole", "make a role", SubjectKind::NewRole, kCreate, create, 0},
    {"GetRole", "show a role", SubjectKind::Role, kName, get, Operation::kReads},
    {"ListRoles", "list the roles", SubjectKind::Roles, kList, list, Operation::kReads},
    {"UpdateRole", "change a role's description or longest session", SubjectKind::Role, kUpdate, update, 0},
    {"UpdateRoleDescription", "change a role's description", SubjectKind::Role, kUpdateDescription, update_description,
     0},
    {"UpdateAssumeRolePolicy", "change who may assume a role", SubjectKind::Role, kUpdateTrust, update_trust,
     Operation::kGivesNothing},
    {"DeleteRole", "delete a role that has no policies any more", SubjectKind::Role, kName, remove,
     Operation::kGivesNothing},
    {"ListInstanceProfilesForRole", "list a role's instance profiles: there are none", SubjectKind::Role, kProfiles,
     instance_profiles, Operation::kReads},
    {"RevokeSessions", "refuse every session of a role that was begun before now", SubjectKind::Role, kName, revoke,
     Operation::kCliOnly},
};

}  // namespace

std::span<const Operation> roles() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
