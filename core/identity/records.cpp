#include "identity/records.hpp"

namespace gatehouse::identity {
namespace {

std::string arn_of(std::string_view account, std::string_view kind, std::string_view path, std::string_view name) {
  std::string out = "arn:aws:iam::";
  out.append(account).append(":").append(kind).append(path).append(name);
  return out;
}

}  // namespace

std::string User::arn() const {
  return arn_of(account, "user", path, name);
}
std::string Group::arn() const {
  return arn_of(account, "group", path, name);
}
std::string Role::arn() const {
  return arn_of(account, "role", path, name);
}
std::string ManagedPolicy::arn() const {
  return arn_of(account, "policy", path, name);
}
std::string OidcProvider::arn() const {
  return arn_of(account, "oidc-provider", "/", url);
}

}  // namespace gatehouse::identity
