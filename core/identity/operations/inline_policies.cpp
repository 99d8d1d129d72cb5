#include "base/text.hpp"
#include "identity/operations/entities.hpp"

namespace gatehouse::identity::operations {
namespace {

constexpr Parameter kUser = must("UserName", shape::kOldUserName), kGroup = must("GroupName", shape::kGroupName),
                    kRole = must("RoleName", shape::kRoleName), kPolicy = must("PolicyName", shape::kPolicyName),
                    kDocument = must("PolicyDocument", shape::kDocument, Parameter::Kind::Document, "JSON or file://");
constexpr Parameter kPutUser[] = {kUser, kPolicy, kDocument};
constexpr Parameter kPutGroup[] = {kGroup, kPolicy, kDocument};
constexpr Parameter kPutRole[] = {kRole, kPolicy, kDocument};
constexpr Parameter kOfUser[] = {kUser, kPolicy};
constexpr Parameter kOfGroup[] = {kGroup, kPolicy};
constexpr Parameter kOfRole[] = {kRole, kPolicy};
constexpr Parameter kListUser[] = {kUser, kMarker, kMaxItems};
constexpr Parameter kListGroup[] = {kGroup, kMarker, kMaxItems};
constexpr Parameter kListRole[] = {kRole, kMarker, kMaxItems};

/// Characters of all inline policies together (spec iam-policy section 11).
std::size_t quota(Holder kind) {
  return kind == Holder::User ? 2'048 : kind == Holder::Group ? 5'120 : 10'240;
}

tl::unexpected<Fault> no_policy(const HolderEntity& holder, std::string_view name) {
  return refuse("NoSuchEntity", "The " + std::string(word(holder.kind)) + " policy with name " + std::string(name) +
                                    " cannot be found.");
}

Outcome<Value> put(Tables& tables, const Input& input, const OperationContext& context) {
  const auto holder = find_holder(tables, input, context);
  if (!holder) return tl::unexpected(holder.error());
  const InlinePolicy policy{std::string(input.text("PolicyName")), std::string(input.text("PolicyDocument"))};
  std::size_t others = 0;
  for (const InlinePolicy& one : tables.inline_policies(holder->id))
    if (!base::equal_ignoring_case(one.name, policy.name)) others += policy_characters(one.document);
  const std::size_t most = quota(holder->kind);
  auto sound = check_policy(policy.document, most - std::min(most, others),
                            "Maximum policy size of " + std::to_string(most) + " bytes exceeded for " +
                                std::string(word(holder->kind)) + " " + holder->name);
  if (!sound) return tl::unexpected(sound.error());
  tables.put_inline(holder->id, policy);
  return Value{};
}

Outcome<Value> get(Tables& tables, const Input& input, const OperationContext& context) {
  const auto holder = find_holder(tables, input, context);
  if (!holder) return tl::unexpected(holder.error());
  const std::string_view name = input.text("PolicyName");
  for (const InlinePolicy& one : tables.inline_policies(holder->id)) {
    if (!base::equal_ignoring_case(one.name, name)) continue;
    Value out;
    out.set(name_member(holder->kind), holder->name).set("PolicyName", one.name);
    out.set("PolicyDocument", Value::of_document(one.document));
    return out;
  }
  return no_policy(*holder, name);
}

Outcome<Value> remove(Tables& tables, const Input& input, const OperationContext& context) {
  const auto holder = find_holder(tables, input, context);
  if (!holder) return tl::unexpected(holder.error());
  if (!tables.remove_inline(holder->id, input.text("PolicyName"))) return no_policy(*holder, input.text("PolicyName"));
  return Value{};
}

Outcome<Value> list(Tables& tables, const Input& input, const OperationContext& context) {
  const auto holder = find_holder(tables, input, context);
  if (!holder) return tl::unexpected(holder.error());
  return paged(
      "PolicyNames", tables.inline_policies(holder->id), input, [](const InlinePolicy& one) { return one.name; },
      [](const InlinePolicy& one) { return Value::of(one.name); });
}

constexpr unsigned kWrites = Operation::kGivesNothing | Operation::kBoundaryKey;
constexpr unsigned kGroupWrites = Operation::kGivesNothing;

constexpr Operation kAll[] = {
    {"PutUserPolicy", "write a policy into a user", SubjectKind::User, kPutUser, put, kWrites},
    {"GetUserPolicy", "show a policy that is in a user", SubjectKind::User, kOfUser, get, Operation::kReads},
    {"DeleteUserPolicy", "delete a policy that is in a user", SubjectKind::User, kOfUser, remove, kWrites},
    {"ListUserPolicies", "list the policies that are in a user", SubjectKind::User, kListUser, list, Operation::kReads},
    {"PutGroupPolicy", "write a policy into a group", SubjectKind::Group, kPutGroup, put, kGroupWrites},
    {"GetGroupPolicy", "show a policy that is in a group", SubjectKind::Group, kOfGroup, get, Operation::kReads},
    {"DeleteGroupPolicy", "delete a policy that is in a group", SubjectKind::Group, kOfGroup, remove, kGroupWrites},
    {"ListGroupPolicies", "list the policies that are in a group", SubjectKind::Group, kListGroup, list,
     Operation::kReads},
    {"PutRolePolicy", "write a policy into a role", SubjectKind::Role, kPutRole, put, kWrites},
    {"GetRolePolicy", "show a policy that is in a role", SubjectKind::Role, kOfRole, get, Operation::kReads},
    {"DeleteRolePolicy", "delete a policy that is in a role", SubjectKind::Role, kOfRole, remove, kWrites},
    {"ListRolePolicies", "list the policies that are in a role", SubjectKind::Role, kListRole, list, Operation::kReads},
};

}  // namespace

std::span<const Operation> inline_policies() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
