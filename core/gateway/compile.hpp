#pragma once
#include <cstdint>
#include <memory>

#include "config/config.hpp"
#include "config/diagnostics.hpp"
#include "gateway/factory.hpp"
#include "gateway/gateway.hpp"
#include "gateway/service_factory.hpp"

namespace gatehouse::gateway {

/// What a compilation needs of the process around it. Empty for who only wants to know what is wrong.
struct Surroundings {
  const Gateway* previous = nullptr;  // whose kept results may be taken over
  std::uint32_t workers = 1;
  std::shared_ptr<access::WorkerPosts> posts;
  base::Registry* registry = nullptr;
  ServiceFactory* services = nullptr;  // null: there are none
};

/// Compiles a configuration whole or not at all. Faults (all of them, at their places) and warnings go to
/// `diagnostics`; null when there is any error. `validate` and `serve` both come through here. [setup]
std::shared_ptr<const Gateway> compile(const config::Config& config, AuthorizerFactory& factory,
                                       config::Diagnostics& diagnostics, const Surroundings& surroundings = {});

}  // namespace gatehouse::gateway
