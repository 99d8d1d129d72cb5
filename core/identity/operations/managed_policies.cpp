#include "base/text.hpp"
#include "identity/operations/entities.hpp"
#include "identity/session.hpp"

namespace gatehouse::identity::operations {
namespace {

constexpr std::size_t kMostCharacters = 6'144;
constexpr std::size_t kMostVersions = 5;

constexpr Parameter kArn = must("PolicyArn", shape::kArn), kVersion = must("VersionId", shape::kVersionId),
                    kDocument = must("PolicyDocument", shape::kDocument, Parameter::Kind::Document, "JSON or file://");
constexpr Parameter kCreate[] = {must("PolicyName", shape::kPolicyName), may("Path", shape::kPolicyPath), kDocument,
                                 may("Description", shape::kPolicyDescription), kTags};
constexpr Parameter kGet[] = {kArn};
constexpr Parameter kList[] = {may("Scope", shape::kScope),
                               {"OnlyAttached", nullptr, Parameter::Kind::Bool},
                               may("PathPrefix", shape::kPolicyPath),
                               kMarker,
                               kMaxItems};
constexpr Parameter kCreateVersion[] = {kArn, kDocument, {"SetAsDefault", nullptr, Parameter::Kind::Bool}};
constexpr Parameter kOfVersion[] = {kArn, kVersion};
constexpr Parameter kListVersions[] = {kArn, kMarker, kMaxItems};

Outcome<void> check_document(std::string_view document) {
  return check_policy(document, kMostCharacters,
                      "Cannot exceed quota for PolicySize: " + std::to_string(kMostCharacters));
}

Value describe_version(const PolicyVersion& version, bool document) {
  Value out;
  if (document) out.set("Document", Value::of_document(version.document));
  out.set("VersionId", version.id).set("IsDefaultVersion", Value::of_bool(version.is_default));
  out.set("CreateDate", Value::of_time(version.created));
  return out;
}

/// Whether the account has a policy of that name, on whatever path. Names come in the order of their folded bytes, so
/// that what is sought is the first one behind the greatest text below it.
bool name_is_taken(Tables& tables, std::string_view account, std::string_view name) {
  std::string before = base::lower(name);
  before.back() = static_cast<char>(before.back() - 1);
  before += '\x7f';
  for (const ManagedPolicy& one : tables.policies(account, {"/", before, 1}))
    if (base::equal_ignoring_case(one.name, name)) return true;
  return false;
}

Outcome<Value> create(Tables& tables, const Input& input, const OperationContext& context) {
  ManagedPolicy policy;
  policy.account = context.account;
  policy.path = input.text("Path", "/");
  policy.name = input.text("PolicyName");
  policy.description = input.text("Description");
  policy.document = input.text("PolicyDocument");
  policy.tags = input.tags();
  policy.created = policy.updated = context.now;
  if (auto sound = check_tags(policy.tags); !sound) return tl::unexpected(sound.error());
  if (tables.policy(policy.arn()) || name_is_taken(tables, context.account, policy.name))
    return refuse("EntityAlreadyExists",
                  "A policy called " + policy.name + " already exists. Duplicate names are not allowed.");
  if (auto sound = check_document(policy.document); !sound) return tl::unexpected(sound.error());
  policy.id = new_id("ANPA", *context.random);
  tables.put(policy);
  tables.put_version(policy.id, {"v1", policy.document, context.now, true});
  Value out;
  out.set("Policy", describe(policy, 0, true));
  return out;
}

Outcome<Value> get(Tables& tables, const Input& input, const OperationContext& context) {
  const auto policy = find_policy(tables, input.text("PolicyArn"), context);
  if (!policy) return tl::unexpected(policy.error());
  Value out;
  out.set("Policy", describe(*policy, tables.attachments(policy->arn()), true));
  return out;
}

Outcome<Value> list(Tables& tables, const Input& input, const OperationContext& context) {
  const auto page = PageOf::read(input);
  if (!page) return tl::unexpected(page.error());
  Value rows = Value::list(), out;
  std::string after = page->after, last;
  bool more = false, end = input.text("Scope") == "AWS";  // there are none of AWS's own here
  while (!end && !more) {
    const auto found = tables.policies(context.account, {input.text("PathPrefix", "/"), after, page->most + 1});
    end = found.size() <= page->most;
    for (const ManagedPolicy& policy : found) {
      after = policy.name;
      const std::size_t attached = tables.attachments(policy.arn());
      if (attached == 0 && input.flag("OnlyAttached")) continue;
      more = rows.children.size() == page->most;
      if (more) break;
      rows.push(describe(policy, attached, false));
      last = policy.name;
    }
  }
  out.set("Policies", std::move(rows));
  PageOf::close(out, more, last);
  return out;
}

Outcome<Value> remove(Tables& tables, const Input& input, const OperationContext& context) {
  const auto policy = find_policy(tables, input.text("PolicyArn"), context);
  if (!policy) return tl::unexpected(policy.error());
  if (tables.attachments(policy->arn()) != 0)
    return refuse("DeleteConflict", "Cannot delete a policy attached to entities.");
  if (tables.versions(policy->id).size() > 1)
    return refuse("DeleteConflict",
                  "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                  "versions. The default version is deleted with the policy.");
  tables.remove_policy(policy->id);
  return Value{};
}

/// Numbers are never given twice, as long as the newest version is there.
std::string next_version(const std::vector<PolicyVersion>& versions) {
  std::int64_t highest = 0;
  for (const PolicyVersion& one : versions)
    highest = std::max(highest, base::parse_integer<std::int64_t>(std::string_view(one.id).substr(1)).value_or(0));
  return "v" + std::to_string(highest + 1);
}

void make_default(Tables& tables, ManagedPolicy& policy, const std::vector<PolicyVersion>& versions,
                  const PolicyVersion& chosen, std::int64_t now) {
  for (PolicyVersion one : versions) {
    if (!one.is_default || one.id == chosen.id) continue;
    one.is_default = false;
    tables.put_version(policy.id, one);
  }
  PolicyVersion now_default = chosen;
  now_default.is_default = true;
  policy.default_version = chosen.id;
  policy.document = chosen.document;
  policy.updated = now;
  tables.put(policy);
  tables.put_version(policy.id, now_default);
}

Outcome<Value> create_version(Tables& tables, const Input& input, const OperationContext& context) {
  auto policy = find_policy(tables, input.text("PolicyArn"), context);
  if (!policy) return tl::unexpected(policy.error());
  const auto versions = tables.versions(policy->id);
  if (versions.size() >= kMostVersions)
    return refuse("LimitExceeded",
                  "A managed policy can have up to 5 versions. Before you create a new version, you must delete an "
                  "existing version.");
  if (auto sound = check_document(input.text("PolicyDocument")); !sound) return tl::unexpected(sound.error());
  PolicyVersion version{next_version(versions), std::string(input.text("PolicyDocument")), context.now,
                        input.flag("SetAsDefault")};
  if (version.is_default)
    make_default(tables, *policy, versions, version, context.now);
  else
    tables.put_version(policy->id, version);
  Value out;
  out.set("PolicyVersion", describe_version(version, false));
  return out;
}

struct Versioned {
  ManagedPolicy policy;
  std::vector<PolicyVersion> versions;
  std::size_t at = 0;
  const PolicyVersion& version() const { return versions[at]; }
};

Outcome<Versioned> find_version(Tables& tables, const Input& input, const OperationContext& context) {
  auto policy = find_policy(tables, input.text("PolicyArn"), context);
  if (!policy) return tl::unexpected(policy.error());
  Versioned out{std::move(*policy), {}, 0};
  out.versions = tables.versions(out.policy.id);
  for (std::size_t i = 0; i < out.versions.size(); ++i) {
    if (out.versions[i].id != input.text("VersionId")) continue;
    out.at = i;
    return out;
  }
  return refuse("NoSuchEntity", "Policy " + out.policy.arn() + " version " + std::string(input.text("VersionId")) +
                                    " does not exist or is not attachable.");
}

Outcome<Value> get_version(Tables& tables, const Input& input, const OperationContext& context) {
  const auto found = find_version(tables, input, context);
  if (!found) return tl::unexpected(found.error());
  Value out;
  out.set("PolicyVersion", describe_version(found->version(), true));
  return out;
}

Outcome<Value> list_versions(Tables& tables, const Input& input, const OperationContext& context) {
  const auto policy = find_policy(tables, input.text("PolicyArn"), context);
  if (!policy) return tl::unexpected(policy.error());
  return paged(
      "Versions", tables.versions(policy->id), input, [](const PolicyVersion& one) { return one.id; },
      [](const PolicyVersion& one) { return describe_version(one, false); });
}

Outcome<Value> remove_version(Tables& tables, const Input& input, const OperationContext& context) {
  const auto found = find_version(tables, input, context);
  if (!found) return tl::unexpected(found.error());
  if (found->version().is_default) return refuse("DeleteConflict", "Cannot delete the default version of a policy.");
  tables.remove_version(found->policy.id, found->version().id);
  return Value{};
}

Outcome<Value> set_default(Tables& tables, const Input& input, const OperationContext& context) {
  auto found = find_version(tables, input, context);
  if (!found) return tl::unexpected(found.error());
  if (!found->version().is_default)
    make_default(tables, found->policy, found->versions, PolicyVersion(found->version()), context.now);
  return Value{};
}

constexpr Operation kAll[] = {
    {"CreatePolicy", "make a managed policy", SubjectKind::NewPolicy, kCreate, create, 0},
    {"GetPolicy", "show a managed policy, but for its document", SubjectKind::Policy, kGet, get, Operation::kReads},
    {"ListPolicies", "list the managed policies", SubjectKind::Everything, kList, list, Operation::kReads},
    {"DeletePolicy", "delete a managed policy that nobody has", SubjectKind::Policy, kGet, remove,
     Operation::kGivesNothing},
    {"CreatePolicyVersion", "write a new version of a managed policy", SubjectKind::Policy, kCreateVersion,
     create_version, 0},
    {"GetPolicyVersion", "show a version of a managed policy and its document", SubjectKind::Policy, kOfVersion,
     get_version, Operation::kReads},
    {"ListPolicyVersions", "list the versions of a managed policy", SubjectKind::Policy, kListVersions, list_versions,
     Operation::kReads},
    {"DeletePolicyVersion", "delete a version that is not the default", SubjectKind::Policy, kOfVersion, remove_version,
     Operation::kGivesNothing},
    {"SetDefaultPolicyVersion", "say which version of a managed policy holds", SubjectKind::Policy, kOfVersion,
     set_default, Operation::kGivesNothing},
};

}  // namespace

std::span<const Operation> managed_policies() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
