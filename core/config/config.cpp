#include "config/config.hpp"

namespace gatehouse::config {

std::string_view name(ApiType type) noexcept {
  switch (type) {
    case ApiType::Rest:
      return "rest";
    case ApiType::Http:
      return "http";
    case ApiType::Websocket:
      return "websocket";
  }
  return "unknown";
}

std::string_view name(ServiceIntegration::Kind kind) noexcept {
  switch (kind) {
    case ServiceIntegration::Kind::Sts:
      return "sts";
    case ServiceIntegration::Kind::IamApi:
      return "iam_api";
    case ServiceIntegration::Kind::IdentityPool:
      return "identity_pool";
  }
  return "unknown";
}

std::string_view name(AuthorizerType type) noexcept {
  switch (type) {
    case AuthorizerType::Token:
      return "token";
    case AuthorizerType::Request:
      return "request";
    case AuthorizerType::Jwt:
      return "jwt";
    case AuthorizerType::Cognito:
      return "cognito";
    case AuthorizerType::Iam:
      return "iam";
    case AuthorizerType::ResourcePolicy:
      return "resource_policy";
    case AuthorizerType::PrivateEndpoint:
      return "private_endpoint";
    case AuthorizerType::MutualTls:
      return "mutual_tls";
    case AuthorizerType::Network:
      return "network";
    case AuthorizerType::Resource:
      return "resource";
  }
  return "unknown";
}

}  // namespace gatehouse::config
