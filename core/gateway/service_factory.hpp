#pragma once
#include <memory>

#include "base/error.hpp"
#include "config/config.hpp"
#include "integration/service.hpp"
#include "net/executor.hpp"

namespace gatehouse::gateway {

/// Makes the services of the gateway's own that routes name. compile() asks it; `app` knows what they are made of.
class ServiceFactory {
 public:
  /// [setup] The error has no place: compile() adds it.
  virtual Result<std::shared_ptr<const integration::Service>> make(const config::ServiceIntegration& settings) = 0;
  /// Where they answer; null where nothing is invoked.
  virtual std::shared_ptr<net::Executor::Share> threads() = 0;

 protected:
  ~ServiceFactory() = default;
};

}  // namespace gatehouse::gateway
