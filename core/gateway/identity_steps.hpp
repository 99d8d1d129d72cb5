#pragma once
#include <map>
#include <memory>
#include <string>

#include "gateway/compile.hpp"

namespace gatehouse::gateway {

/// What `type: token` and `type: request` mean for the routes of an API, beyond who is asked (spec lambda-authorizers
/// sections 2, 3, 14, 15). Part of one compilation. [setup]
class IdentitySteps {
 public:
  IdentitySteps(const config::Config& config, const Surroundings& surroundings, config::Diagnostics& diagnostics,
                Gateway& out)
      : config_(config), surroundings_(surroundings), diagnostics_(diagnostics), out_(out) {}

  /// LA-B0, LA-B1.
  std::int64_t timeout_ms(const config::Api& api, const config::Authorizer& settings) const;
  /// Takes a step that has its identity sources; `authorizer` is who is asked in the end.
  void complete(const config::Api& api, const config::Authorizer& settings,
                const std::shared_ptr<access::Authorizer>& authorizer, access::Step& step);

 private:
  void verifier(const config::Authorizer& settings, const std::string& who, access::Step& step);
  void token(const config::Authorizer& settings, const std::string& who, access::Step& step);
  access::Authorizer* caching(const config::Authorizer& settings, std::int64_t ttl_s,
                              const std::shared_ptr<access::Authorizer>& inner);

  const config::Config& config_;
  const Surroundings& surroundings_;
  config::Diagnostics& diagnostics_;
  Gateway& out_;
  std::map<std::string, std::shared_ptr<const access::ValidationExpression>> expressions_;  // by authorizer
  std::map<std::string, access::Authorizer*> caching_;                                      // by authorizer
};

}  // namespace gatehouse::gateway
