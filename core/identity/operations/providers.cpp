#include "base/text.hpp"
#include "identity/operations/entities.hpp"

namespace gatehouse::identity::operations {
namespace {

constexpr std::size_t kMostClientIds = 100, kMostThumbprints = 5;

constexpr Parameter kArn = must("OpenIDConnectProviderArn", shape::kArn);
constexpr Parameter kCreate[] = {
    must("Url", shape::kProviderUrl, Parameter::Kind::Text, "https://..., the `iss` of its tokens"),
    {"ClientIDList", &shape::kClientId, Parameter::Kind::Texts, false, false, {}, kMostClientIds},
    {"ThumbprintList", &shape::kThumbprint, Parameter::Kind::Texts, false, false, {}, kMostThumbprints},
    kTags};
constexpr Parameter kOne[] = {kArn};
constexpr Parameter kClient[] = {kArn, must("ClientID", shape::kClientId)};
constexpr Parameter kThumbprints[] = {
    kArn, {"ThumbprintList", &shape::kThumbprint, Parameter::Kind::Texts, true, false, {}, kMostThumbprints}};

Value texts(const std::vector<std::string>& all) {
  Value list = Value::list();
  for (const std::string& one : all) list.push(Value::of(one));
  return list;
}

/// `https://HOST[:PORT][/PATH]`, which tokens have as their issuer, letter by letter. Empty: it is one.
std::string_view fault_of(std::string_view url) {
  const std::string_view rest = url_without_scheme(url);
  if (rest.size() == url.size() || !url.starts_with("https://")) return "it must begin with https://";
  if (!shape::is_visible(rest)) return "it has blanks or characters that are not ASCII";
  if (rest.find_first_of("?#@\\%") != std::string_view::npos) return "it must be a host and a path, nothing else";
  const std::string_view host = rest.substr(0, rest.find('/'));
  if (host.empty() || host.front() == ':' || host.front() == '.') return "it has no host";
  return {};
}

Outcome<Value> create(Tables& tables, const Input& input, const OperationContext& context) {
  const std::string_view url = input.text("Url");
  if (const std::string_view why = fault_of(url); !why.empty())
    return refuse("InvalidInput", "Invalid Open ID Connect Provider URL: " + std::string(why) + ".");
  OidcProvider provider;
  provider.account = context.account;
  provider.url = url_without_scheme(url);
  provider.client_ids = input.texts("ClientIDList");
  provider.thumbprints = input.texts("ThumbprintList");
  provider.tags = input.tags();
  provider.created = context.now;
  if (auto sound = check_tags(provider.tags); !sound) return tl::unexpected(sound.error());
  if (tables.provider(context.account, provider.url))
    return refuse("EntityAlreadyExists", "Provider with url https://" + provider.url + " already exists.");
  tables.put(provider);
  Value out;
  out.set("OpenIDConnectProviderArn", provider.arn());
  if (!provider.tags.empty()) out.set("Tags", describe(provider.tags));
  return out;
}

Outcome<Value> get(Tables& tables, const Input& input, const OperationContext& context) {
  const auto provider = find_provider(tables, input, context);
  if (!provider) return tl::unexpected(provider.error());
  Value out;
  out.set("Url", provider->url).set("ClientIDList", texts(provider->client_ids));
  out.set("ThumbprintList", texts(provider->thumbprints)).set("CreateDate", Value::of_time(provider->created));
  if (!provider->tags.empty()) out.set("Tags", describe(provider->tags));
  return out;
}

Outcome<Value> list(Tables& tables, const Input&, const OperationContext& context) {
  Value all = Value::list(), out;
  for (const OidcProvider& one : tables.providers(context.account)) all.push(std::move(Value{}.set("Arn", one.arn())));
  out.set("OpenIDConnectProviderList", std::move(all));
  return out;
}

Outcome<Value> remove(Tables& tables, const Input& input, const OperationContext& context) {
  const auto provider = find_provider(tables, input, context);
  if (!provider) return tl::unexpected(provider.error());
  tables.remove_provider(provider->account, provider->url);
  return Value{};
}

Outcome<Value> add_client(Tables& tables, const Input& input, const OperationContext& context) {
  auto provider = find_provider(tables, input, context);
  if (!provider) return tl::unexpected(provider.error());
  const std::string id(input.text("ClientID"));
  auto& ids = provider->client_ids;
  if (std::find(ids.begin(), ids.end(), id) != ids.end()) return Value{};
  if (ids.size() >= kMostClientIds)
    return refuse("LimitExceeded",
                  "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: " + std::to_string(kMostClientIds));
  ids.push_back(id);
  tables.put(*provider);
  return Value{};
}

Outcome<Value> remove_client(Tables& tables, const Input& input, const OperationContext& context) {
  auto provider = find_provider(tables, input, context);
  if (!provider) return tl::unexpected(provider.error());
  // AWS says nothing of one that is not there.
  if (std::erase(provider->client_ids, std::string(input.text("ClientID"))) != 0) tables.put(*provider);
  return Value{};
}

Outcome<Value> set_thumbprints(Tables& tables, const Input& input, const OperationContext& context) {
  auto provider = find_provider(tables, input, context);
  if (!provider) return tl::unexpected(provider.error());
  provider->thumbprints = input.texts("ThumbprintList");
  tables.put(*provider);
  return Value{};
}

constexpr Operation kAll[] = {
    {"CreateOpenIDConnectProvider", "let roles trust the tokens of an OpenID Connect provider",
     SubjectKind::NewProvider, kCreate, create, 0},
    {"GetOpenIDConnectProvider", "show an OpenID Connect provider", SubjectKind::Provider, kOne, get,
     Operation::kReads},
    {"ListOpenIDConnectProviders",
     "list the OpenID Connect providers",
     SubjectKind::Everything,
     {},
     list,
     Operation::kReads},
    {"DeleteOpenIDConnectProvider", "delete an OpenID Connect provider", SubjectKind::Provider, kOne, remove,
     Operation::kGivesNothing},
    {"AddClientIDToOpenIDConnectProvider", "take tokens for one more client", SubjectKind::Provider, kClient,
     add_client, Operation::kGivesNothing},
    {"RemoveClientIDFromOpenIDConnectProvider", "take tokens for a client no more", SubjectKind::Provider, kClient,
     remove_client, Operation::kGivesNothing},
    {"UpdateOpenIDConnectProviderThumbprint", "replace the thumbprints; nothing is decided by them",
     SubjectKind::Provider, kThumbprints, set_thumbprints, Operation::kGivesNothing},
};

}  // namespace

std::span<const Operation> providers() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
