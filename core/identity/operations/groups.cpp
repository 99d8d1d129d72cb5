#include "identity/operations/entities.hpp"
#include "identity/session.hpp"

namespace gatehouse::identity::operations {
namespace {

constexpr std::size_t kMostGroupsOfUser = 10;

constexpr Parameter kGroupName = must("GroupName", shape::kGroupName);
constexpr Parameter kUserName = must("UserName", shape::kOldUserName);
constexpr Parameter kCreate[] = {may("Path", shape::kPath), kGroupName};
constexpr Parameter kGet[] = {kGroupName, kMarker, kMaxItems};
constexpr Parameter kList[] = {kPathPrefix, kMarker, kMaxItems};
constexpr Parameter kUpdate[] = {kGroupName, may("NewPath", shape::kPath), may("NewGroupName", shape::kGroupName)};
constexpr Parameter kDelete[] = {kGroupName};
constexpr Parameter kMember[] = {kGroupName, kUserName};
constexpr Parameter kOfUser[] = {kUserName, kMarker, kMaxItems};

tl::unexpected<Fault> exists(std::string_view name) {
  return refuse("EntityAlreadyExists", "Group with name " + std::string(name) + " already exists.");
}

Outcome<Value> create(Tables& tables, const Input& input, const OperationContext& context) {
  Group group;
  group.account = context.account;
  group.path = input.text("Path", "/");
  group.name = input.text("GroupName");
  group.created = context.now;
  if (tables.group(context.account, group.name)) return exists(group.name);
  group.id = new_id("AGPA", *context.random);
  tables.put(group);
  Value out;
  out.set("Group", describe(group));
  return out;
}

Outcome<Value> get(Tables& tables, const Input& input, const OperationContext& context) {
  const auto group = find_group(tables, input.text("GroupName"), context);
  if (!group) return tl::unexpected(group.error());
  auto users = paged(
      "Users", tables.members(group->id), input, [](const User& user) { return user.name; },
      [](const User& user) { return describe(user, false); });
  if (!users) return users;
  Value out;
  out.set("Group", describe(*group));
  for (std::size_t i = 0; i < users->names.size(); ++i) out.set(users->names[i], std::move(users->children[i]));
  return out;
}

Outcome<Value> list(Tables& tables, const Input& input, const OperationContext& context) {
  return table_page(
      "Groups", input, [&](const Tables::Page& page) { return tables.groups(context.account, page); },
      [](const Group& group) { return describe(group); });
}

Outcome<Value> update(Tables& tables, const Input& input, const OperationContext& context) {
  auto group = find_group(tables, input.text("GroupName"), context);
  if (!group) return tl::unexpected(group.error());
  if (input.has("NewGroupName")) {
    const auto other = tables.group(context.account, input.text("NewGroupName"));
    if (other && other->id != group->id) return exists(input.text("NewGroupName"));
    group->name = input.text("NewGroupName");
  }
  if (input.has("NewPath")) group->path = input.text("NewPath");
  tables.put(*group);
  return Value{};
}

Outcome<Value> remove(Tables& tables, const Input& input, const OperationContext& context) {
  const auto group = find_group(tables, input.text("GroupName"), context);
  if (!group) return tl::unexpected(group.error());
  const auto conflict = [](std::string_view what) {
    return refuse("DeleteConflict", "Cannot delete entity, must " + std::string(what) + " first.");
  };
  if (!tables.members(group->id).empty()) return conflict("remove users from group");
  if (!tables.attached(group->id).empty()) return conflict("detach all policies");
  if (!tables.inline_policies(group->id).empty()) return conflict("delete policies");
  tables.remove_group(group->id);
  return Value{};
}

Outcome<Value> add_user(Tables& tables, const Input& input, const OperationContext& context) {
  const auto group = find_group(tables, input.text("GroupName"), context);
  if (!group) return tl::unexpected(group.error());
  const auto user = find_user(tables, input.text("UserName"), context);
  if (!user) return tl::unexpected(user.error());
  const auto has = tables.groups_of(user->id);
  const bool member = std::any_of(has.begin(), has.end(), [&](const Group& one) { return one.id == group->id; });
  if (!member && has.size() >= kMostGroupsOfUser)
    return refuse("LimitExceeded", "Cannot exceed quota for GroupsPerUser: " + std::to_string(kMostGroupsOfUser));
  tables.add_member(group->id, user->id);
  return Value{};
}

Outcome<Value> remove_user(Tables& tables, const Input& input, const OperationContext& context) {
  const auto group = find_group(tables, input.text("GroupName"), context);
  if (!group) return tl::unexpected(group.error());
  const auto user = find_user(tables, input.text("UserName"), context);
  if (!user) return tl::unexpected(user.error());
  if (!tables.remove_member(group->id, user->id))
    return refuse("NoSuchEntity", "User " + user->name + " is not in group " + group->name + ".");
  return Value{};
}

Outcome<Value> of_user(Tables& tables, const Input& input, const OperationContext& context) {
  const auto user = find_user(tables, input.text("UserName"), context);
  if (!user) return tl::unexpected(user.error());
  return paged(
      "Groups", tables.groups_of(user->id), input, [](const Group& group) { return group.name; },
      [](const Group& group) { return describe(group); });
}

constexpr Operation kAll[] = {
    {"CreateGroup", "make a group", SubjectKind::NewGroup, kCreate, create, 0},
    {"GetGroup", "show a group and who is in it", SubjectKind::Group, kGet, get, Operation::kReads},
    {"ListGroups", "list the groups", SubjectKind::Groups, kList, list, Operation::kReads},
    {"UpdateGroup", "give a group another name or path", SubjectKind::Group, kUpdate, update,
     Operation::kGivesNothing | Operation::kMoves},
    {"DeleteGroup", "delete a group that is empty", SubjectKind::Group, kDelete, remove, Operation::kGivesNothing},
    {"AddUserToGroup", "put a user into a group", SubjectKind::Group, kMember, add_user, Operation::kGivesNothing},
    {"RemoveUserFromGroup", "take a user out of a group", SubjectKind::Group, kMember, remove_user,
     Operation::kGivesNothing},
    {"ListGroupsForUser", "list the groups that a user is in", SubjectKind::User, kOfUser, of_user, Operation::kReads},
};

}  // namespace

std::span<const Operation> groups() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
