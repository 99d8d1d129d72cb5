#include "integration/http_proxy.hpp"

#include "integration/headers.hpp"

namespace gatehouse::integration {

HttpProxy::HttpProxy(HttpProxySettings settings, PathTemplate path)
    : settings_(std::move(settings)), path_(std::move(path)) {}

Result<std::unique_ptr<HttpProxy>> HttpProxy::make(HttpProxySettings settings,
                                                   const std::vector<std::string>& parameters) {
  if (settings.upstream == nullptr) return fail(Code::Invalid, "an `http_proxy` integration needs an upstream");
  auto path = PathTemplate::parse(settings.path, parameters);
  if (!path) return tl::unexpected<Error>(std::move(path.error()));
  return std::unique_ptr<HttpProxy>(new HttpProxy(std::move(settings), std::move(*path)));
}

std::string_view HttpProxy::name() const noexcept {
  return settings_.upstream->settings().name;
}

void HttpProxy::invoke(Invocation& invocation) const {
  http::Exchange& exchange = *invocation.exchange;
  const http::RequestHead& request = exchange.request;
  std::string_view what;
  const bool authenticated = invocation.decision != nullptr && invocation.decision->identity.caller != nullptr;
  std::string_view target;
  if (authenticated && is_presigned(invocation.facts->target->raw_query)) {
    http::Target unsigned_target = *invocation.facts->target;
    unsigned_target.raw_query = without_signature(unsigned_target.raw_query, exchange.arena);
    unsigned_target.has_query = !unsigned_target.raw_query.empty();
    access::Facts facts = *invocation.facts;
    facts.target = &unsigned_target;
    target = path_.build(facts, exchange.arena, what);
  } else {
    target = path_.build(*invocation.facts, exchange.arena, what);
  }
  if (target.empty()) return invocation.owner->on_failure(Failure::Configuration, what);

  invocation.api_type_ = settings_.api_type;
  invocation.headers_.clear();
  const RequestForwarding how{settings_.api_type,
                              settings_.api_id,
                              invocation.facts->request_id,
                              invocation.facts->time_unix_ms,
                              invocation.trusted_peer,
                              settings_.parameters.empty() ? nullptr : &settings_.parameters,
                              {authenticated, settings_.forward_security_token, settings_.strip_signing_headers}};
  if (!forward_request_headers(how, request, *exchange.connection, exchange.arena, invocation.headers_))
    return invocation.owner->on_failure(Failure::Configuration, "more header lines than can be forwarded");
  if (how.mapped != nullptr && !settings_.parameters.append(*invocation.facts, invocation.decision->identity,
                                                            exchange.arena, invocation.headers_, what))
    return invocation.owner->on_failure(Failure::Configuration, what);

  client::OutboundRequest& out = invocation.outbound_;
  out.method = request.method;
  out.target = target;
  out.host = settings_.preserve_host ? request.authority : std::string_view();
  out.headers = &invocation.headers_;
  if (request.has_body()) out.body = invocation.kept_body != nullptr ? invocation.kept_body : &exchange.body();
  out.response_timeout_ms = invocation.timeout_ms;
  out.body_idle_ms = invocation.body_idle_ms;
  invocation.call_ = invocation.client->start(settings_.upstream, out, invocation);
}

}  // namespace gatehouse::integration
