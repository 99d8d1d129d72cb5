#pragma once
#include <cstdint>
#include <memory>

#include "access/authorizer.hpp"
#include "base/error.hpp"
#include "config/config.hpp"

namespace gatehouse::gateway {

/// Makes the authorizers that a configuration names. compile() asks it; only `app` knows that they come from libraries.
class AuthorizerFactory {
 public:
  /// [setup] The error says which plugin, what was found and what to do; it has no place: compile() adds it.
  virtual Result<std::shared_ptr<access::Authorizer>> make(const config::Authorizer& settings) = 0;

 protected:
  ~AuthorizerFactory() = default;
};

}  // namespace gatehouse::gateway
