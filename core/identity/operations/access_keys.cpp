#include "base/text.hpp"
#include "identity/operations/entities.hpp"
#include "identity/session.hpp"

namespace gatehouse::identity::operations {
namespace {

using Who = OperationContext::Who;

constexpr std::size_t kMostKeys = 2;

constexpr Parameter only_here(Parameter parameter) {
  parameter.cli_only = true;
  return parameter;
}
constexpr Parameter kUserName = may("UserName", shape::kOldUserName);
/// At the command line nobody is the caller: who means the account's root says so.
constexpr Parameter kRoot =
    only_here(may("Root", shape::kStatus, Parameter::Kind::Bool, "of the account's root instead of a user"));
constexpr Parameter kKeyId = must("AccessKeyId", shape::kAccessKeyId);
constexpr Parameter kCreate[] = {
    kUserName, kRoot, only_here(may("AccessKeyId", shape::kAccessKeyId, Parameter::Kind::Text, "take this id over")),
    only_here(
        may("SecretAccessKey", shape::kSecret, Parameter::Kind::Secret, "file with the secret that goes with it")),
    only_here(may("SessionToken", shape::kFixedToken, Parameter::Kind::Text,
                  "a fixed session token that requests must bring: for test suites"))};
constexpr Parameter kList[] = {kUserName, kRoot, kMarker, kMaxItems};
constexpr Parameter kUpdate[] = {kUserName, kRoot, kKeyId, must("Status", shape::kStatus)};
constexpr Parameter kDelete[] = {kUserName, kRoot, kKeyId};
constexpr Parameter kLastUsed[] = {kKeyId};

/// Whose keys are meant.
struct Owner {
  std::string id, name;
};

Outcome<Owner> find_owner(Tables& tables, const Input& input, const OperationContext& context) {
  const bool root = context.who == Who::Root || input.flag("Root");
  if (!input.has("UserName") && root) return Owner{context.account, "root"};
  if (input.flag("Root")) return refuse("ValidationError", "A key is a user's or the root's: UserName or Root.");
  if (!input.has("UserName") && context.who == Who::Operator)
    return refuse("ValidationError", "Whose key is it? Name a user, or the account's root with --root.");
  const auto user = wanted_user(tables, input, context);
  if (!user) return tl::unexpected(user.error());
  return Owner{user->id, user->name};
}

tl::unexpected<Fault> no_key(std::string_view id) {
  return refuse("NoSuchEntity", "The Access Key with id " + std::string(id) + " cannot be found.");
}

/// An id and a secret from elsewhere, both or neither.
Outcome<void> take_over(Tables& tables, const Input& input, AccessKey& key) {
  if (!input.has("AccessKeyId") || !input.has("SecretAccessKey"))
    return refuse("ValidationError", "An access key id is taken over together with its secret: give both or neither.");
  const std::string_view id = input.text("AccessKeyId");
  if (id.starts_with("ASIA"))
    return refuse("ValidationError", "Ids that begin with ASIA are of temporary credentials, which nobody keeps.");
  if (tables.key(id))
    return refuse("EntityAlreadyExists", "Access Key with id " + std::string(id) + " already exists.");
  key.id = id;
  key.secret = base::Secret(std::string(input.text("SecretAccessKey")));
  return {};
}

Outcome<Value> create(Tables& tables, const Input& input, const OperationContext& context) {
  const auto owner = find_owner(tables, input, context);
  if (!owner) return tl::unexpected(owner.error());
  if (tables.keys_of(owner->id).size() >= kMostKeys)
    return refuse("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: " + std::to_string(kMostKeys));
  AccessKey key;
  key.owner = owner->id;
  key.created = context.now;
  key.fixed_token = base::Secret(std::string(input.text("SessionToken")));
  const bool taken_over = input.has("AccessKeyId") || input.has("SecretAccessKey");
  if (taken_over) {
    if (auto done = take_over(tables, input, key); !done) return tl::unexpected(done.error());
  } else {
    key.id = new_id("AKIA", *context.random);
    key.secret = new_secret(*context.random);
  }
  tables.put(key);
  Value said, out;
  said.set("UserName", owner->name).set("AccessKeyId", key.id).set("Status", "Active");
  // Who brought the secret has it: it is not shown to others who watch.
  if (!taken_over) said.set("SecretAccessKey", key.secret.reveal());
  said.set("CreateDate", Value::of_time(key.created));
  out.set("AccessKey", std::move(said));
  return out;
}

Outcome<Value> list(Tables& tables, const Input& input, const OperationContext& context) {
  const auto owner = find_owner(tables, input, context);
  if (!owner) return tl::unexpected(owner.error());
  return paged(
      "AccessKeyMetadata", tables.keys_of(owner->id), input, [](const AccessKey& key) { return key.id; },
      [&](const AccessKey& key) {
        Value out;
        out.set("UserName", owner->name).set("AccessKeyId", key.id);
        out.set("Status", key.active ? "Active" : "Inactive").set("CreateDate", Value::of_time(key.created));
        return out;
      });
}

Outcome<Value> update(Tables& tables, const Input& input, const OperationContext& context) {
  const auto owner = find_owner(tables, input, context);
  if (!owner) return tl::unexpected(owner.error());
  auto key = tables.key(input.text("AccessKeyId"));
  if (!key || key->owner != owner->id) return no_key(input.text("AccessKeyId"));
  key->active = input.text("Status") == "Active";
  tables.put(*key);
  return Value{};
}

Outcome<Value> remove(Tables& tables, const Input& input, const OperationContext& context) {
  const auto owner = find_owner(tables, input, context);
  if (!owner) return tl::unexpected(owner.error());
  // Not by itself: one whose secret cannot be opened any more can still be taken away.
  const auto keys = tables.keys_of(owner->id);
  const auto key =
      std::find_if(keys.begin(), keys.end(), [&](const AccessKey& one) { return one.id == input.text("AccessKeyId"); });
  if (key == keys.end()) return no_key(input.text("AccessKeyId"));
  tables.remove_key(key->id);
  return Value{};
}

Outcome<Value> last_used(Tables& tables, const Input& input, const OperationContext& context) {
  const std::string_view id = input.text("AccessKeyId");
  const auto key = tables.key(id);
  const auto user = key ? tables.user_by_id(key->owner) : std::nullopt;
  const bool own = user ? user->account == context.account : key && key->owner == context.account;
  if (!own) return no_key(id);
  const LastUsed last = tables.last_used(key->id);
  Value used, out;
  if (last.when != 0) used.set("LastUsedDate", Value::of_time(last.when));
  used.set("ServiceName", last.when != 0 ? std::string_view(last.service) : "N/A");
  used.set("Region", last.when != 0 ? std::string_view(last.region) : "N/A");
  out.set("UserName", user ? std::string_view(user->name) : "root").set("AccessKeyLastUsed", std::move(used));
  return out;
}

constexpr Operation kAll[] = {
    {"CreateAccessKey", "make an access key; its secret is shown this once", SubjectKind::User, kCreate, create, 0},
    {"ListAccessKeys", "list a user's access keys", SubjectKind::User, kList, list, Operation::kReads},
    {"UpdateAccessKey", "make a key Active or Inactive", SubjectKind::User, kUpdate, update, Operation::kGivesNothing},
    {"DeleteAccessKey", "delete an access key", SubjectKind::User, kDelete, remove, Operation::kGivesNothing},
    {"GetAccessKeyLastUsed", "say when a key was used, and for what", SubjectKind::KeyOwner, kLastUsed, last_used,
     Operation::kReads},
};

}  // namespace

std::span<const Operation> access_keys() {
  return kAll;
}

}  // namespace gatehouse::identity::operations
