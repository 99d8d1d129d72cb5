#pragma once
#include <memory>

#include "config/config.hpp"
#include "config/diagnostics.hpp"
#include "gateway/factory.hpp"
#include "gateway/gateway.hpp"

namespace gatehouse::gateway {

/// Compiles a configuration whole or not at all. Faults (all of them, at their places) and warnings go to
/// `diagnostics`; null when there is any error. `validate` and `serve` both come through here. [setup]
std::shared_ptr<const Gateway> compile(const config::Config& config, AuthorizerFactory& factory,
                                       config::Diagnostics& diagnostics);

}  // namespace gatehouse::gateway
