#include "identity/operations/entities.hpp"

#include <set>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "policy/arn.hpp"
#include "policy/parse.hpp"

namespace gatehouse::identity::operations {
namespace {

tl::unexpected<Fault> not_found(std::string_view kind, std::string_view name) {
  return refuse("NoSuchEntity", "The " + std::string(kind) + " with name " + std::string(name) + " cannot be found.");
}

void describe_boundary(Value& out, std::string_view arn) {
  if (arn.empty()) return;
  Value boundary;
  boundary.set("PermissionsBoundaryType", "Policy").set("PermissionsBoundaryArn", arn);
  out.set("PermissionsBoundary", std::move(boundary));
}

}  // namespace

Outcome<User> find_user(Tables& tables, std::string_view name, const OperationContext& context) {
  auto found = tables.user(context.account, name);
  if (!found) return not_found("user", name);
  return std::move(*found);
}

Outcome<Group> find_group(Tables& tables, std::string_view name, const OperationContext& context) {
  auto found = tables.group(context.account, name);
  if (!found) return not_found("group", name);
  return std::move(*found);
}

Outcome<Role> find_role(Tables& tables, std::string_view name, const OperationContext& context) {
  auto found = tables.role(context.account, name);
  if (!found) return not_found("role", name);
  return std::move(*found);
}

Outcome<User> wanted_user(Tables& tables, const Input& input, const OperationContext& context) {
  if (input.has("UserName")) return find_user(tables, input.text("UserName"), context);
  if (context.who != OperationContext::Who::User)
    return refuse("ValidationError", "Must specify userName when calling with non-User credentials");
  auto found = tables.user_by_id(context.user_id);
  if (!found || found->account != context.account) return not_found("user", "of the credentials");
  return std::move(*found);
}

std::optional<ManagedPolicy> own_policy(Tables& tables, std::string_view arn, const OperationContext& context) {
  if (policy::Arn::split(arn).account() != context.account) return std::nullopt;
  return tables.policy(arn);
}

Outcome<ManagedPolicy> find_policy(Tables& tables, std::string_view arn, const OperationContext& context) {
  auto found = own_policy(tables, arn, context);
  if (!found) return refuse("NoSuchEntity", "Policy " + std::string(arn) + " was not found.");
  return std::move(*found);
}

Outcome<ManagedPolicy> attachable_policy(Tables& tables, std::string_view arn, const OperationContext& context) {
  auto found = own_policy(tables, arn, context);
  if (!found) return refuse("NoSuchEntity", "Policy " + std::string(arn) + " does not exist or is not attachable.");
  return std::move(*found);
}

std::optional<OidcProvider> own_provider(Tables& tables, std::string_view text, const OperationContext& context) {
  constexpr std::string_view kKind = "oidc-provider/";
  const policy::Arn arn = policy::Arn::split(text);
  if (!arn.whole || arn.service() != "iam" || arn.account() != context.account || !arn.resource().starts_with(kKind))
    return std::nullopt;
  auto found = tables.provider(context.account, arn.resource().substr(kKind.size()));
  if (!found || found->arn() != text) return std::nullopt;
  return found;
}

Outcome<OidcProvider> find_provider(Tables& tables, const Input& input, const OperationContext& context) {
  const std::string_view arn = input.text("OpenIDConnectProviderArn");
  auto found = own_provider(tables, arn, context);
  if (!found) return refuse("NoSuchEntity", "OpenIDConnect Provider not found for arn " + std::string(arn));
  return std::move(*found);
}

std::string_view url_without_scheme(std::string_view url) noexcept {
  constexpr std::string_view kScheme = "https://";
  if (url.size() > kScheme.size() && base::equal_ignoring_case(url.substr(0, kScheme.size()), kScheme))
    url.remove_prefix(kScheme.size());
  return url;
}

Value describe(const std::vector<Tag>& tags) {
  Value list = Value::list();
  for (const Tag& tag : tags) {
    Value one;
    one.set("Key", tag.key).set("Value", tag.value);
    list.push(std::move(one));
  }
  return list;
}

Value describe(const User& user, bool tags) {
  Value out;
  out.set("Path", user.path).set("UserName", user.name).set("UserId", user.id).set("Arn", user.arn());
  out.set("CreateDate", Value::of_time(user.created));
  describe_boundary(out, user.boundary_arn);
  if (tags && !user.tags.empty()) out.set("Tags", describe(user.tags));
  return out;
}

Value describe(const Group& group) {
  Value out;
  out.set("Path", group.path).set("GroupName", group.name).set("GroupId", group.id).set("Arn", group.arn());
  out.set("CreateDate", Value::of_time(group.created));
  return out;
}

Value describe(const Role& role, bool tags) {
  Value out;
  out.set("Path", role.path).set("RoleName", role.name).set("RoleId", role.id).set("Arn", role.arn());
  out.set("CreateDate", Value::of_time(role.created));
  out.set("AssumeRolePolicyDocument", Value::of_document(role.trust_policy));
  if (!role.description.empty()) out.set("Description", role.description);
  out.set("MaxSessionDuration", Value::of_number(role.max_session_seconds));
  describe_boundary(out, role.boundary_arn);
  if (tags && !role.tags.empty()) out.set("Tags", describe(role.tags));
  return out;
}

Value describe(const ManagedPolicy& policy, std::size_t attachments, bool tags) {
  Value out;
  out.set("PolicyName", policy.name).set("PolicyId", policy.id).set("Arn", policy.arn()).set("Path", policy.path);
  out.set("DefaultVersionId", policy.default_version);
  out.set("AttachmentCount", Value::of_number(static_cast<std::int64_t>(attachments)));
  out.set("IsAttachable", Value::of_bool(true));
  if (tags && !policy.description.empty()) out.set("Description", policy.description);
  out.set("CreateDate", Value::of_time(policy.created)).set("UpdateDate", Value::of_time(policy.updated));
  if (tags && !policy.tags.empty()) out.set("Tags", describe(policy.tags));
  return out;
}

Outcome<void> check_tags(const std::vector<Tag>& tags) {
  if (tags.size() > kMostTags)
    return refuse("LimitExceeded", "The number of tags has reached the maximum limit: " + std::to_string(kMostTags));
  std::set<std::string> keys;
  for (const Tag& tag : tags) {
    if (!keys.insert(base::lower(tag.key)).second)
      return refuse("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    if (base::lower(tag.key).starts_with("aws:"))
      return refuse("InvalidInput", "Tag keys that begin with `aws:` are reserved.");
  }
  return {};
}

Outcome<HolderEntity> find_holder(Tables& tables, const Input& input, const OperationContext& context) {
  const auto as_holder = [](Holder kind, const auto& found) -> Outcome<HolderEntity> {
    if (!found) return tl::unexpected(found.error());
    return HolderEntity{kind, found->id, found->name};
  };
  if (input.has("UserName")) return as_holder(Holder::User, find_user(tables, input.text("UserName"), context));
  if (input.has("GroupName")) return as_holder(Holder::Group, find_group(tables, input.text("GroupName"), context));
  return as_holder(Holder::Role, find_role(tables, input.text("RoleName"), context));
}

std::string_view word(Holder kind) noexcept {
  return kind == Holder::User ? "user" : kind == Holder::Group ? "group" : "role";
}

std::string_view name_member(Holder kind) noexcept {
  return kind == Holder::User ? "UserName" : kind == Holder::Group ? "GroupName" : "RoleName";
}

Outcome<PageOf> PageOf::read(const Input& input) {
  PageOf out;
  out.most = static_cast<std::size_t>(input.number("MaxItems", 100));
  if (!input.has("Marker")) return out;
  auto after = base::decode_base64(input.text("Marker"));
  if (!after || after->empty() || !base::is_utf8(*after)) return refuse("ValidationError", "Invalid Marker.");
  out.after = std::move(*after);
  return out;
}

void PageOf::close(Value& out, bool truncated, std::string_view last) {
  out.set("IsTruncated", Value::of_bool(truncated));
  if (truncated) out.set("Marker", base::base64(last));
}

Outcome<void> check_policy(std::string_view document, std::size_t most, const std::string& over) {
  if (policy_characters(document) > most) return refuse("LimitExceeded", over);
  policy::ParseOptions options;
  options.max_characters = 131'072;
  const auto parsed = policy::parse(document, policy::Kind::Identity, options);
  if (!parsed) return refuse("MalformedPolicyDocument", policy::text(parsed.error()));
  return {};
}

}  // namespace gatehouse::identity::operations
