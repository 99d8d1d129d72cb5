#include "plugin/signature_verifier.hpp"

#include <utility>

namespace gatehouse::plugin {

config::Authorizer as_signature_verifier(config::Authorizer settings) {
  if (settings.type == config::AuthorizerType::Iam && settings.plugin.empty())
    settings.grants.identity = settings.grants.body = true;
  return settings;
}

}  // namespace gatehouse::plugin
