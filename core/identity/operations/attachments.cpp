#include "identity/operations/entities.hpp"

namespace gatehouse::identity::operations {
namespace {

constexpr std::size_t kMostAttached = 10;  // spec iam-policy section 11

constexpr Parameter kUser = must("UserName", shape::kUserName), kGroup = must("GroupName", shape::kGroupName),
                    kRole = must("RoleName", shape::kRoleName), kArn = must("PolicyArn", shape::kArn),
                    kPrefix = may("PathPrefix", shape::kPolicyPath);
constexpr Parameter kOfUser[] = {kUser, kArn};
constexpr Parameter kOfGroup[] = {kGroup, kArn};
constexpr Parameter kOfRole[] = {kRole, kArn};
constexpr Parameter kListUser[] = {kUser, kPrefix, kMarker, kMaxItems};
constexpr Parameter kListGroup[] = {kGroup, kPrefix, kMarker, kMaxItems};
constexpr Parameter kListRole[] = {kRole, kPrefix, kMarker, kMaxItems};

std::string_view quota_name(Holder kind) {
  return kind == Holder::User ? "PoliciesPerUser" : kind == Holder::Group ? "PoliciesPerGroup" : "PoliciesPerRole";
}

Outcome<Value> attach(Tables& tables, const Input& input, const OperationContext& context) {
  const auto holder = find_holder(tables, input, context);
  if (!holder) return tl::unexpected(holder.error());
  const auto policy = attachable_policy(tables, input.text("PolicyArn"), context);
  if (!policy) return tl::unexpected(policy.error());
  const std::string arn = policy->arn();
  const auto has = tables.attached(holder->id);
  if (std::find(has.begin(), has.end(), arn) != has.end()) return Value{};
  if (has.size() >= kMostAttached)
    return refuse("LimitExceeded", "Cannot exceed quota for " + std::string(quota_name(holder->kind)) + ": " +
                                       std::to_string(kMostAttached));
  tables.attach(holder->id, arn);
  return Value{};
}

Outcome<Value> detach(Tables& tables, const Input& input, const OperationContext& context) {
  const auto holder = find_holder(tables, input, context);
  if (!holder) return tl::unexpected(holder.error());
  const std::string_view arn = input.text("PolicyArn");
  if (!tables.detach(holder->id, arn)) return refuse("NoSuchEntity", "Policy " + std::string(arn) + " was not found.");
  return Value{};
}

Outcome<Value> list(Tables& tables, const Input& input, const OperationContext& context) {
  const auto holder = find_holder(tables, input, context);
  if (!holder) return tl::unexpected(holder.error());
  struct Row {
    std::string name, arn;
  };
  std::vector<Row> rows;
  const std::string_view prefix = input.text("PathPrefix", "/");
  for (const std::string& arn : tables.attached(holder->id)) {
    const auto policy = tables.policy(arn);
    if (policy && policy->path.starts_with(prefix)) rows.push_back({policy->name, arn});
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.arn < b.arn; });
  return paged(
      "AttachedPolicies", rows, input, [](const Row& row) { return row.arn; },
      [](const Row& row) {
        Value out;
        out.set("PolicyName", row.name).set("PolicyArn", row.arn);
        return out;
      });
}

constexpr unsigned kWrites = Operation::kGivesNothing | Operation::kBoundaryKey;
constexpr unsigned kGroupWrites = Operation::kGivesNothing;

constexpr Operation kAll[] = {
    {"AttachUserPolicy", "attach a managed policy to a user", SubjectKind::User, kOfUser, attach, kWrites},
    {"DetachUserPolicy", "detach a managed policy from a user", SubjectKind::User, kOfUser, detach, kWrites},
    {"ListAttachedUserPolicies", "list the managed policies attached to a user", SubjectKind::User, kListUser, list,
     Operation::kReads},
    {"AttachGroupPolicy", "attach a managed policy to a group", SubjectKind::Group, kOfGroup, attach, kGroupWrites},
    {"DetachGroupPolicy", "detach a managed policy from a group", SubjectKind::Group, kOfGroup, detach, kGroupWrites},
    {"ListAttachedGroupPolicies", "list the managed policies attached to a group", SubjectKind::Group, kListGroup, list,
     Operation::kReads},
    {"AttachRolePolicy", "attach a managed policy to a role", SubjectKind::Role, kOfRole, attach, kWrites},
    {"DetachRolePolicy", "detach a managed policy from a role", SubjectKind::Role, kOfRole, detach, kWrites},
    {"ListAttachedRolePolicies", "list the managed policies attached to a role", SubjectKind::Role, kListRole, list,
     Operation::kReads},
};

}  // namespace

std::span<const Operation> attachments() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
