#pragma once
#include <memory>
#include <string>

#include "integration/integration.hpp"
#include "integration/service.hpp"
#include "net/executor.hpp"

namespace gatehouse::integration {

/// One of the gateway's own services behind a route: reads the request's body whole, answers on a thread of the
/// executor, and comes back to the loop. Whoever asked may be gone by then.
class ServiceIntegration final : public Integration {
 public:
  /// `threads`: null where nothing is invoked (`validate`, `explain`).
  ServiceIntegration(std::shared_ptr<const Service> service, std::shared_ptr<net::Executor::Share> threads)
      : service_(std::move(service)), threads_(std::move(threads)) {}
  std::string_view kind() const noexcept override { return service_->kind(); }
  std::string_view name() const noexcept override { return service_->kind(); }
  void invoke(Invocation& invocation) const override;
  const Service* service() const noexcept override { return service_.get(); }

 private:
  std::shared_ptr<const Service> service_;
  std::shared_ptr<net::Executor::Share> threads_;
};

}  // namespace gatehouse::integration
