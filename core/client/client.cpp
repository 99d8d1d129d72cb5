#include "client/client.hpp"

#include "client/context.hpp"

namespace gatehouse::client {

std::string_view name(CallError error) noexcept {
  switch (error) {
    case CallError::None:
      return "none";
    case CallError::Resolve:
      return "resolve";
    case CallError::Address:
      return "address";
    case CallError::Connect:
      return "connect";
    case CallError::Tls:
      return "tls";
    case CallError::NoTarget:
      return "no_target";
    case CallError::Busy:
      return "busy";
    case CallError::Timeout:
      return "timeout";
    case CallError::Closed:
      return "closed";
    case CallError::Malformed:
      return "malformed";
    case CallError::HeadTooLarge:
      return "head_too_large";
    case CallError::RequestBody:
      return "request_body";
  }
  return "unknown";
}

Client::Client(net::Loop& loop, net::BufferPool& buffers, std::shared_ptr<net::Executor::Share> resolver)
    : Client(loop, buffers, std::make_unique<net::SystemResolver>(loop, std::move(resolver))) {}

Client::Client(net::Loop& loop, net::BufferPool& buffers, std::unique_ptr<net::Resolver> resolver)
    : context_(std::make_unique<Context>(loop, buffers, std::move(resolver))) {}

Client::~Client() = default;

CallHandle Client::start(const std::shared_ptr<const Upstream>& upstream, const OutboundRequest& request,
                         CallOwner& owner) {
  PooledCall* const call = context_->take_call();
  CallHandle handle(call);
  call->start(context_->pool_of(upstream), *upstream, request, owner);
  return handle;
}

void Client::retain(const std::vector<std::shared_ptr<const Upstream>>& kept) {
  context_->retain(kept);
}
void Client::close_idle() noexcept {
  context_->close_idle();
}
void Client::trim() noexcept {
  context_->trim();
}
const ClientMetrics& Client::metrics() const noexcept {
  return context_->metrics;
}

}  // namespace gatehouse::client
