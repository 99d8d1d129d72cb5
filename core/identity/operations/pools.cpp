#include <array>

#include "base/text.hpp"
#include "identity/operations/entities.hpp"
#include "identity/operations/role_mappings.hpp"
#include "policy/arn.hpp"

// Identity pools are no part of IAM's API: these are Cognito's names, at the command line only.
namespace gatehouse::identity::operations {
namespace {

constexpr Parameter::Field kProviderFields[] = {{"ProviderName", &shape::kProviderName},
                                                {"ClientId", &shape::kClientId}};
constexpr Parameter kId = must("IdentityPoolId", shape::kPoolId);
constexpr Parameter kGuests{"AllowUnauthenticatedIdentities", nullptr, Parameter::Kind::Bool};
constexpr Parameter kClassic{"AllowClassicFlow", nullptr, Parameter::Kind::Bool};
constexpr Parameter kLogins{"CognitoIdentityProviders",
                            nullptr,
                            Parameter::Kind::Structs,
                            false,
                            false,
                            kProviderFields,
                            50,
                            "ProviderName=cognito-idp.REGION.amazonaws.com/POOL,ClientId=ID"};
constexpr Parameter kOidc{"OpenIdConnectProviderARNs", &shape::kArn, Parameter::Kind::Texts, false, false, {}, 50};
constexpr Parameter kCreate[] = {must("IdentityPoolName", shape::kPoolName), kGuests, kClassic, kLogins, kOidc};
constexpr Parameter kUpdate[] = {kId, may("IdentityPoolName", shape::kPoolName), kGuests, kClassic, kLogins, kOidc};
constexpr Parameter kOne[] = {kId};
constexpr Parameter kRoles[] = {
    kId,
    {"Roles", &shape::kProviderName, Parameter::Kind::Map, true, false, {}, 0, "authenticated=ARN,unauthenticated=ARN"},
    may("RoleMappings", shape::kDocument, Parameter::Kind::Document, "JSON or file://")};
constexpr Parameter kTagMap[] = {
    kId, {"PrincipalTags", &shape::kTagKey, Parameter::Kind::Map, true, false, {}, 0, "TAG=CLAIM, by commas"}};

Outcome<IdentityPool> find(Tables& tables, const Input& input, const OperationContext& context) {
  auto pool = tables.pool(input.text("IdentityPoolId"));
  if (!pool || pool->account != context.account)
    return refuse("ResourceNotFoundException",
                  "IdentityPool '" + std::string(input.text("IdentityPoolId")) + "' not found.");
  return std::move(*pool);
}

std::string new_uuid(base::Random& random) {
  std::array<unsigned char, 16> bytes{};
  random.fill(bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string out = base::hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const std::size_t at : {20u, 16u, 12u, 8u}) out.insert(at, "-");
  return out;
}

/// A role of the account, which sessions are to be of.
Outcome<void> check_role(Tables& tables, std::string_view text, const OperationContext& context) {
  const policy::Arn arn = policy::Arn::split(text);
  const std::string_view name = arn.resource().substr(arn.resource().rfind('/') + 1);
  const bool ours = arn.whole && arn.service() == "iam" && arn.account() == context.account;
  const auto role = ours ? tables.role(context.account, name) : std::nullopt;
  if (role && role->arn() == text) return {};
  return refuse("InvalidParameterException", "'" + std::string(text.substr(0, 256)) + "' is no role of this account.");
}

void add_client(IdentityPool& pool, const std::string& provider, const std::string& client) {
  for (auto& [name, clients] : pool.providers) {
    if (name != provider) continue;
    if (std::find(clients.begin(), clients.end(), client) == clients.end()) clients.push_back(client);
    return;
  }
  pool.providers.emplace_back(provider, std::vector<std::string>{client});
}

/// What the parameters say of the pool's logins: both lists together are all of them.
Outcome<void> set_logins(Tables& tables, const Input& input, const OperationContext& context, IdentityPool& pool) {
  if (!input.has("CognitoIdentityProviders") && !input.has("OpenIdConnectProviderARNs")) return {};
  pool.providers.clear();
  if (const Value* const logins = input.value("CognitoIdentityProviders"))
    for (const Value& one : logins->children)
      add_client(pool, std::string(*one.text_of("ProviderName")), std::string(*one.text_of("ClientId")));
  for (const std::string& arn : input.texts("OpenIdConnectProviderARNs")) {
    const auto provider = own_provider(tables, arn, context);
    if (!provider) return refuse("InvalidParameterException", "OpenID Connect provider not found for arn " + arn);
    if (provider->client_ids.empty())
      return refuse("InvalidParameterException", "'" + arn + "' has no client ids: no token of it would be taken.");
    for (const std::string& client : provider->client_ids) add_client(pool, provider->url, client);
  }
  return {};
}

Value describe(const IdentityPool& pool) {
  Value out, logins = Value::list(), roles = Value::map(), tags = Value::map();
  out.set("IdentityPoolId", pool.id).set("IdentityPoolName", pool.name);
  out.set("AllowUnauthenticatedIdentities", Value::of_bool(pool.allow_guests));
  out.set("AllowClassicFlow", Value::of_bool(pool.allow_basic_flow));
  for (const auto& [provider, clients] : pool.providers)
    for (const std::string& client : clients)
      logins.push(std::move(Value{}.set("ProviderName", provider).set("ClientId", client)));
  out.set("CognitoIdentityProviders", std::move(logins));
  if (!pool.authenticated_role_arn.empty()) roles.set("authenticated", pool.authenticated_role_arn);
  if (!pool.unauthenticated_role_arn.empty()) roles.set("unauthenticated", pool.unauthenticated_role_arn);
  out.set("Roles", std::move(roles));
  if (!pool.role_mappings.empty()) out.set("RoleMappings", operations::describe(pool.role_mappings));
  for (const auto& [claim, tag] : pool.attribute_tags) tags.set(tag, claim);
  if (!pool.attribute_tags.empty()) out.set("PrincipalTags", std::move(tags));
  return out;
}

Outcome<Value> create(Tables& tables, const Input& input, const OperationContext& context) {
  IdentityPool pool;
  pool.account = context.account;
  pool.id = context.region + ":" + new_uuid(*context.random);
  pool.name = input.text("IdentityPoolName");
  pool.allow_guests = input.flag("AllowUnauthenticatedIdentities");
  pool.allow_basic_flow = input.flag("AllowClassicFlow");
  pool.created = context.now;
  if (auto done = set_logins(tables, input, context, pool); !done) return tl::unexpected(done.error());
  tables.put(pool);
  return describe(pool);
}

Outcome<Value> update(Tables& tables, const Input& input, const OperationContext& context) {
  auto pool = find(tables, input, context);
  if (!pool) return tl::unexpected(pool.error());
  if (input.has("IdentityPoolName")) pool->name = input.text("IdentityPoolName");
  pool->allow_guests = input.number("AllowUnauthenticatedIdentities", pool->allow_guests ? 1 : 0) != 0;
  pool->allow_basic_flow = input.number("AllowClassicFlow", pool->allow_basic_flow ? 1 : 0) != 0;
  if (auto done = set_logins(tables, input, context, *pool); !done) return tl::unexpected(done.error());
  tables.put(*pool);
  return describe(*pool);
}

Outcome<Value> get(Tables& tables, const Input& input, const OperationContext& context) {
  const auto pool = find(tables, input, context);
  if (!pool) return tl::unexpected(pool.error());
  return describe(*pool);
}

Outcome<Value> list(Tables& tables, const Input&, const OperationContext& context) {
  Value all = Value::list();
  for (const IdentityPool& pool : tables.pools(context.account))
    all.push(std::move(Value{}.set("IdentityPoolId", pool.id).set("IdentityPoolName", pool.name)));
  return std::move(Value{}.set("IdentityPools", std::move(all)));
}

Outcome<Value> remove(Tables& tables, const Input& input, const OperationContext& context) {
  const auto pool = find(tables, input, context);
  if (!pool) return tl::unexpected(pool.error());
  tables.remove_pool(pool->id);
  return Value{};
}

Outcome<Value> set_roles(Tables& tables, const Input& input, const OperationContext& context) {
  auto pool = find(tables, input, context);
  if (!pool) return tl::unexpected(pool.error());
  pool->authenticated_role_arn.clear();
  pool->unauthenticated_role_arn.clear();
  const Value& roles = *input.value("Roles");
  for (std::size_t i = 0; i < roles.names.size(); ++i) {
    const std::string& arn = roles.children[i].text;
    if (auto sound = check_role(tables, arn, context); !sound) return tl::unexpected(sound.error());
    if (roles.names[i] == "authenticated")
      pool->authenticated_role_arn = arn;
    else if (roles.names[i] == "unauthenticated")
      pool->unauthenticated_role_arn = arn;
    else
      return refuse("InvalidParameterException", "Roles are `authenticated` and `unauthenticated`.");
  }
  pool->role_mappings.clear();
  if (input.has("RoleMappings")) {
    auto mappings = parse_role_mappings(input.text("RoleMappings"));
    if (!mappings) return tl::unexpected(mappings.error());
    for (const PoolRoleMapping& mapping : *mappings)
      for (const PoolRoleMapping::Rule& rule : mapping.rules)
        if (auto sound = check_role(tables, rule.role_arn, context); !sound) return tl::unexpected(sound.error());
    pool->role_mappings = std::move(*mappings);
  }
  tables.put(*pool);
  return Value{};
}

Outcome<Value> set_tags(Tables& tables, const Input& input, const OperationContext& context) {
  auto pool = find(tables, input, context);
  if (!pool) return tl::unexpected(pool.error());
  const Value& tags = *input.value("PrincipalTags");
  if (tags.names.size() > kMostTags) return refuse("InvalidParameterException", "There are more than fifty tags.");
  pool->attribute_tags.clear();
  for (std::size_t i = 0; i < tags.names.size(); ++i)
    pool->attribute_tags.emplace_back(tags.children[i].text, tags.names[i]);
  tables.put(*pool);
  return describe(*pool);
}

constexpr unsigned kHere = Operation::kCliOnly;

constexpr Operation kAll[] = {
    {"CreateIdentityPool", "make an identity pool", SubjectKind::Everything, kCreate, create, kHere},
    {"DescribeIdentityPool", "show an identity pool", SubjectKind::Everything, kOne, get, kHere | Operation::kReads},
    {"ListIdentityPools", "list the identity pools", SubjectKind::Everything, {}, list, kHere | Operation::kReads},
    {"UpdateIdentityPool", "change an identity pool", SubjectKind::Everything, kUpdate, update, kHere},
    {"DeleteIdentityPool", "delete an identity pool and its identities", SubjectKind::Everything, kOne, remove,
     kHere | Operation::kGivesNothing},
    {"SetIdentityPoolRoles", "say whose roles a pool gives", SubjectKind::Everything, kRoles, set_roles,
     kHere | Operation::kGivesNothing},
    {"SetPrincipalTagAttributeMap", "say which claims become principal tags", SubjectKind::Everything, kTagMap,
     set_tags, kHere},
};

}  // namespace

std::span<const Operation> pools() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
