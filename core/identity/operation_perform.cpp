#include "identity/operation.hpp"
#include "identity/operations/entities.hpp"
#include "policy/arn.hpp"

namespace gatehouse::identity {
namespace {

using operations::wanted_user;

std::string arn_of(const OperationContext& context, std::string_view kind, std::string_view path,
                   std::string_view name) {
  std::string out = "arn:aws:iam::" + context.account + ":";
  return out.append(kind).append(path).append(name);
}

/// What is there, or what would be there under that name in `/`: who may not know hears the same of both.
template <class Entity>
Subject subject_of(const std::optional<Entity>& found, const std::string& otherwise) {
  Subject out;
  out.arn = found ? found->arn() : otherwise;
  if constexpr (requires { found->tags; })
    if (found) out.tags = found->tags;
  if constexpr (requires { found->boundary_arn; })
    if (found) out.boundary_arn = found->boundary_arn;
  return out;
}

Outcome<Subject> user_subject(Tables& tables, const Input& input, const OperationContext& context) {
  if (!input.has("UserName") && context.who == OperationContext::Who::Root)
    return Subject{"arn:aws:iam::" + context.account + ":root", {}, {}};
  if (input.has("UserName"))
    return subject_of(tables.user(context.account, input.text("UserName")),
                      arn_of(context, "user", "/", input.text("UserName")));
  auto user = wanted_user(tables, input, context);
  if (!user) return tl::unexpected(user.error());
  return subject_of(std::optional(std::move(*user)), "");
}

Outcome<Subject> resolve(const Operation& operation, Tables& tables, const Input& input,
                         const OperationContext& context) {
  const auto made = [&](std::string_view kind, std::string_view name) {
    return Subject{arn_of(context, kind, input.text("Path", "/"), input.text(name)), {}, {}};
  };
  const auto listed = [&](std::string_view kind) {
    return Subject{arn_of(context, kind, input.text("PathPrefix", "/"), ""), {}, {}};
  };
  switch (operation.subject) {
    case SubjectKind::User:
      return user_subject(tables, input, context);
    case SubjectKind::NewUser:
      return made("user", "UserName");
    case SubjectKind::Users:
      return listed("user");
    case SubjectKind::Group:
      return subject_of(tables.group(context.account, input.text("GroupName")),
                        arn_of(context, "group", "/", input.text("GroupName")));
    case SubjectKind::NewGroup:
      return made("group", "GroupName");
    case SubjectKind::Groups:
      return listed("group");
    case SubjectKind::Role:
      return subject_of(tables.role(context.account, input.text("RoleName")),
                        arn_of(context, "role", "/", input.text("RoleName")));
    case SubjectKind::NewRole:
      return made("role", "RoleName");
    case SubjectKind::Roles:
      return listed("role");
    case SubjectKind::Policy: {
      const std::string arn(input.text("PolicyArn"));
      return subject_of(operations::own_policy(tables, arn, context), arn);
    }
    case SubjectKind::NewPolicy:
      return made("policy", "PolicyName");
    case SubjectKind::Provider: {
      const std::string arn(input.text("OpenIDConnectProviderArn"));
      return subject_of(operations::own_provider(tables, arn, context), arn);
    }
    case SubjectKind::NewProvider:
      return Subject{arn_of(context, "oidc-provider", "/", operations::url_without_scheme(input.text("Url"))), {}, {}};
    case SubjectKind::KeyOwner: {
      const auto key = tables.key(input.text("AccessKeyId"));
      const auto owner = key ? tables.user_by_id(key->owner) : std::nullopt;
      // Of another account, or of nobody: as if it were nowhere.
      const bool own = owner && owner->account == context.account;
      return subject_of(own ? owner : std::nullopt, arn_of(context, "user", "/", "*"));
    }
    case SubjectKind::Everything:
      break;
  }
  return Subject{"*", {}, {}};
}

/// Where it will be, of what gets another name or path.
Subject moved(const Operation& operation, const Subject& from, const Input& input) {
  const bool user = operation.subject == SubjectKind::User;
  const std::string_view resource = policy::Arn::split(from.arn).resource();
  const std::size_t slash = resource.find('/'), last = resource.rfind('/');
  const std::string_view kind = resource.substr(0, slash);
  const std::string_view path = input.text("NewPath", resource.substr(slash, last + 1 - slash));
  const std::string_view name = input.text(user ? "NewUserName" : "NewGroupName", resource.substr(last + 1));
  Subject out = from;
  out.arn.resize(from.arn.size() - resource.size());
  out.arn.append(kind).append(path).append(name);
  return out;
}

/// What puts tags on what the operation makes: they may be what policies ask for, so who may not tag may not make with
/// tags either.
const Operation* tagging(const Operation& operation, const Input& input) {
  if (input.tags().empty()) return nullptr;
  switch (operation.subject) {
    case SubjectKind::NewUser:
      return find_operation("TagUser");
    case SubjectKind::NewRole:
      return find_operation("TagRole");
    case SubjectKind::NewPolicy:
      return find_operation("TagPolicy");
    case SubjectKind::NewProvider:
      return find_operation("TagOpenIDConnectProvider");
    default:
      return nullptr;
  }
}

Outcome<void> permitted(const Operation& operation, Tables& tables, const Input& input, const OperationContext& context,
                        const OperationGuard& guard) {
  const auto subject = resolve(operation, tables, input, context);
  if (!subject) return tl::unexpected(subject.error());
  if (auto done = guard.permit(operation, *subject, input); !done) return done;
  if (const Operation* const tag = tagging(operation, input)) return guard.permit(*tag, *subject, input);
  if (!operation.is(Operation::kMoves)) return {};
  return guard.permit(operation, moved(operation, *subject, input), input);
}

}  // namespace

Outcome<Value> perform(const Operation& operation, const Input& input, const OperationContext& context, Tables& tables,
                       const OperationGuard* guard) {
  if (guard != nullptr)
    if (auto may = permitted(operation, tables, input, context, *guard); !may) return tl::unexpected(may.error());
  return operation.handler(tables, input, context);
}

Outcome<Value> perform(const Operation& operation, const Input& input, const OperationContext& context, Store& store,
                       const OperationGuard* guard) {
  const std::function<Outcome<Value>(Tables&)> body = [&](Tables& tables) {
    return perform(operation, input, context, tables, guard);
  };
  return operation.is(Operation::kReads) ? store.read<Value>(body) : store.write<Value>(body);
}

}  // namespace gatehouse::identity
