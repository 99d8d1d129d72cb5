#include "policy/principal.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/arn.hpp"

namespace gatehouse::policy {
namespace {

bool is_account(std::string_view text) noexcept {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), base::is_digit);
}

/// What stands behind `prefix`, when that is not empty.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix) || text.size() == prefix.size()) return std::nullopt;
  return text.substr(prefix.size());
}

std::string_view last_component(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// Whether the session is one of the role that `text` names. Who may make roles on one path only must not get what is
/// meant for a role of that name on another.
bool is_role_of(std::string_view text, std::string_view role_name, const Caller& caller) noexcept {
  if (!base::equal_ignoring_case(role_name, caller.role_name)) return false;
  if (caller.role_arn.empty()) return true;
  const std::string_view named = Arn::split(text).resource(), own = Arn::split(caller.role_arn).resource();
  return named.substr(0, named.rfind('/') + 1) == own.substr(0, own.rfind('/') + 1);
}

/// An ARN of IAM or STS: no region, an account of twelve digits.
bool is_principal_arn(const Arn& arn, std::string_view service) noexcept {
  return arn.whole && arn.parts[0] == "arn" && arn.partition().starts_with("aws") && arn.service() == service &&
         arn.region().empty() && is_account(arn.account());
}

}  // namespace

std::optional<Caller> Caller::of_arn(std::string_view text) noexcept {
  const Arn arn = Arn::split(text);
  Caller out;
  out.arn = text;
  out.account = arn.account();
  if (is_principal_arn(arn, "iam")) {
    if (arn.resource() == "root") {
      out.kind = Kind::Root;
      return out;
    }
    if (!after(arn.resource(), "user/")) return std::nullopt;
    out.kind = Kind::User;
    return out;
  }
  if (!is_principal_arn(arn, "sts")) return std::nullopt;
  if (const auto session = after(arn.resource(), "assumed-role/")) {
    const std::size_t slash = session->rfind('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == session->size()) return std::nullopt;
    out.kind = Kind::RoleSession;
    out.role_name = last_component(session->substr(0, slash));
    return out;
  }
  if (!after(arn.resource(), "federated-user/")) return std::nullopt;
  out.kind = Kind::FederatedUser;
  return out;
}

std::optional<std::string> Principals::add(Type type, std::string_view text) {
  if (type == Type::Service) {
    if (!text.ends_with(".amazonaws.com") && !text.ends_with(".amazonaws.com.cn"))
      return "a service is named like `apigateway.amazonaws.com`";
    entries_.push_back({Kind::Service, std::string(text), {}, {}});
    return std::nullopt;
  }
  if (text.empty()) return "it is empty";
  if (type == Type::Federated) {
    if (text.find_first_of("*?") != std::string_view::npos) return "a provider is named whole, without wildcards";
    entries_.push_back({Kind::Provider, std::string(text), {}, {}});
    return std::nullopt;
  }
  if (text == "*") {
    everybody_ = true;
    return std::nullopt;
  }
  if (text.find_first_of("*?") != std::string_view::npos)
    return "wildcards name no principal but `*`; write everybody and a condition on aws:PrincipalArn";
  if (is_account(text)) {
    entries_.push_back({Kind::Account, std::string(text), std::string(text), {}});
    return std::nullopt;
  }
  const Arn arn = Arn::split(text);
  Entry entry{Kind::Account, std::string(text), std::string(arn.account()), {}};
  if (const auto caller = Caller::of_arn(text)) {
    switch (caller->kind) {
      case Caller::Kind::Root:
        entry.kind = Kind::Account;
        break;
      case Caller::Kind::User:
        entry.kind = Kind::User;
        break;
      case Caller::Kind::RoleSession:
        entry.kind = Kind::Session;
        break;
      case Caller::Kind::FederatedUser:
        entry.kind = Kind::FederatedUser;
        break;
      case Caller::Kind::Anonymous:
        return "it names nobody";
    }
  } else if (is_principal_arn(arn, "iam") && after(arn.resource(), "role/") && !arn.resource().ends_with('/')) {
    entry.kind = Kind::Role;
    entry.role_name = last_component(arn.resource());
  } else {
    return "it is neither `*`, an account of twelve digits nor the ARN of a root, user, role, assumed role or "
           "federated "
           "user";
  }
  entries_.push_back(std::move(entry));
  return std::nullopt;
}

Grant Principals::names(const Entry& entry, const Caller& caller) noexcept {
  if (caller.kind == Caller::Kind::Anonymous)
    return entry.kind == Kind::Provider && !caller.provider.empty() && entry.text == caller.provider ? Grant::Direct
                                                                                                     : Grant::None;
  switch (entry.kind) {
    case Kind::Account:
      return entry.account == caller.account ? Grant::Account : Grant::None;
    case Kind::User:
      if (caller.kind == Caller::Kind::User && entry.text == caller.arn) return Grant::Direct;
      return caller.kind == Caller::Kind::FederatedUser && entry.text == caller.user_arn ? Grant::Role : Grant::None;
    case Kind::Role:
      return caller.kind == Caller::Kind::RoleSession && entry.account == caller.account &&
                     is_role_of(entry.text, entry.role_name, caller)
                 ? Grant::Role
                 : Grant::None;
    case Kind::Session:
      return caller.kind == Caller::Kind::RoleSession && entry.text == caller.arn ? Grant::Direct : Grant::None;
    case Kind::FederatedUser:
      return caller.kind == Caller::Kind::FederatedUser && entry.text == caller.arn ? Grant::Direct : Grant::None;
    case Kind::Provider:
    case Kind::Service:
      break;
  }
  return Grant::None;
}

Grant Principals::names(const Caller& caller) const noexcept {
  if (everybody_) return Grant::Direct;
  Grant out = Grant::None;
  for (const Entry& entry : entries_) out = std::max(out, names(entry, caller));
  return out;
}

std::vector<std::string_view> Principals::texts() const {
  std::vector<std::string_view> out;
  if (everybody_) out.emplace_back("*");
  for (const Entry& entry : entries_) out.emplace_back(entry.text);
  return out;
}

bool Principals::exempts(const Caller& caller) const noexcept {
  bool account = false, himself = false;
  for (const Entry& entry : entries_) {
    const Grant grant = names(entry, caller);
    account = account || grant == Grant::Account;
    himself = himself || grant > Grant::Account;
  }
  return caller.kind != Caller::Kind::Anonymous && account && (himself || caller.kind == Caller::Kind::Root);
}

}  // namespace gatehouse::policy
