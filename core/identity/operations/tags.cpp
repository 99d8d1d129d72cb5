#include "base/text.hpp"
#include "identity/operations/entities.hpp"

namespace gatehouse::identity::operations {
namespace {

constexpr Parameter kUser = must("UserName", shape::kOldUserName), kRole = must("RoleName", shape::kRoleName),
                    kPolicy = must("PolicyArn", shape::kArn), kProvider = must("OpenIDConnectProviderArn", shape::kArn),
                    kNewTags{"Tags",
                             nullptr,
                             Parameter::Kind::Structs,
                             true,
                             false,
                             kTagFields,
                             50,
                             "Key=team,Value=billing, as often as there are tags"},
                    kKeys{"TagKeys", &shape::kTagKey, Parameter::Kind::Texts, true, false, {}, 50};
constexpr Parameter kTagUser[] = {kUser, kNewTags}, kUntagUser[] = {kUser, kKeys},
                    kUserTags[] = {kUser, kMarker, kMaxItems}, kTagRole[] = {kRole, kNewTags},
                    kUntagRole[] = {kRole, kKeys}, kRoleTags[] = {kRole, kMarker, kMaxItems},
                    kTagPolicy[] = {kPolicy, kNewTags}, kUntagPolicy[] = {kPolicy, kKeys},
                    kPolicyTags[] = {kPolicy, kMarker, kMaxItems}, kTagProvider[] = {kProvider, kNewTags},
                    kUntagProvider[] = {kProvider, kKeys}, kProviderTags[] = {kProvider, kMarker, kMaxItems};

// The four kinds of what has tags, found by their own parameter.
Outcome<User> find_of(Tables& tables, const Input& input, const OperationContext& context, const User*) {
  return find_user(tables, input.text("UserName"), context);
}
Outcome<Role> find_of(Tables& tables, const Input& input, const OperationContext& context, const Role*) {
  return find_role(tables, input.text("RoleName"), context);
}
Outcome<ManagedPolicy> find_of(Tables& tables, const Input& input, const OperationContext& context,
                               const ManagedPolicy*) {
  return find_policy(tables, input.text("PolicyArn"), context);
}
Outcome<OidcProvider> find_of(Tables& tables, const Input& input, const OperationContext& context,
                              const OidcProvider*) {
  return find_provider(tables, input, context);
}

template <class Entity>
Outcome<Value> tag(Tables& tables, const Input& input, const OperationContext& context) {
  auto entity = find_of(tables, input, context, static_cast<const Entity*>(nullptr));
  if (!entity) return tl::unexpected(entity.error());
  const std::vector<Tag> given = input.tags();
  if (auto sound = check_tags(given); !sound) return tl::unexpected(sound.error());
  for (const Tag& one : given) {
    const auto has = std::find_if(entity->tags.begin(), entity->tags.end(),
                                  [&](const Tag& t) { return base::equal_ignoring_case(t.key, one.key); });
    if (has != entity->tags.end())
      *has = one;
    else
      entity->tags.push_back(one);
  }
  if (auto sound = check_tags(entity->tags); !sound) return tl::unexpected(sound.error());
  tables.put(*entity);
  return Value{};
}

template <class Entity>
Outcome<Value> untag(Tables& tables, const Input& input, const OperationContext& context) {
  auto entity = find_of(tables, input, context, static_cast<const Entity*>(nullptr));
  if (!entity) return tl::unexpected(entity.error());
  for (const std::string& key : input.texts("TagKeys"))
    std::erase_if(entity->tags, [&](const Tag& t) { return base::equal_ignoring_case(t.key, key); });
  tables.put(*entity);
  return Value{};
}

template <class Entity>
Outcome<Value> list(Tables& tables, const Input& input, const OperationContext& context) {
  auto entity = find_of(tables, input, context, static_cast<const Entity*>(nullptr));
  if (!entity) return tl::unexpected(entity.error());
  std::sort(entity->tags.begin(), entity->tags.end(), [](const Tag& a, const Tag& b) { return a.key < b.key; });
  return paged(
      "Tags", entity->tags, input, [](const Tag& one) { return one.key; },
      [](const Tag& one) { return std::move(Value{}.set("Key", one.key).set("Value", one.value)); });
}

constexpr unsigned kWrites = Operation::kGivesNothing, kReads = Operation::kReads;

constexpr Operation kAll[] = {
    {"TagUser", "put tags on a user", SubjectKind::User, kTagUser, tag<User>, kWrites},
    {"UntagUser", "take tags off a user", SubjectKind::User, kUntagUser, untag<User>, kWrites},
    {"ListUserTags", "list a user's tags", SubjectKind::User, kUserTags, list<User>, kReads},
    {"TagRole", "put tags on a role", SubjectKind::Role, kTagRole, tag<Role>, kWrites},
    {"UntagRole", "take tags off a role", SubjectKind::Role, kUntagRole, untag<Role>, kWrites},
    {"ListRoleTags", "list a role's tags", SubjectKind::Role, kRoleTags, list<Role>, kReads},
    {"TagPolicy", "put tags on a managed policy", SubjectKind::Policy, kTagPolicy, tag<ManagedPolicy>, kWrites},
    {"UntagPolicy", "take tags off a managed policy", SubjectKind::Policy, kUntagPolicy, untag<ManagedPolicy>, kWrites},
    {"ListPolicyTags", "list a managed policy's tags", SubjectKind::Policy, kPolicyTags, list<ManagedPolicy>, kReads},
    {"TagOpenIDConnectProvider", "put tags on an OpenID Connect provider", SubjectKind::Provider, kTagProvider,
     tag<OidcProvider>, kWrites},
    {"UntagOpenIDConnectProvider", "take tags off an OpenID Connect provider", SubjectKind::Provider, kUntagProvider,
     untag<OidcProvider>, kWrites},
    {"ListOpenIDConnectProviderTags", "list an OpenID Connect provider's tags", SubjectKind::Provider, kProviderTags,
     list<OidcProvider>, kReads},
};

}  // namespace

std::span<const Operation> tags() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
