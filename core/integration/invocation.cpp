#include "integration/headers.hpp"
#include "integration/integration.hpp"
#include "integration/service_call.hpp"

namespace gatehouse::integration {
namespace {

Failure failure(client::CallError error, const http::BodySource* body) noexcept {
  switch (error) {
    case client::CallError::Timeout:
      return Failure::Timeout;
    case client::CallError::Closed:
    case client::CallError::Malformed:
    case client::CallError::HeadTooLarge:
      return Failure::BadResponse;
    case client::CallError::RequestBody:
      return body != nullptr && body->error() == http::BodyError::TooLarge ? Failure::RequestTooLarge
                                                                           : Failure::RequestBroken;
    case client::CallError::None:
    case client::CallError::Resolve:
    case client::CallError::Address:
    case client::CallError::Connect:
    case client::CallError::Tls:
    case client::CallError::NoTarget:
    case client::CallError::Busy:
      break;
  }
  return Failure::Unreachable;
}

}  // namespace

std::string_view name(Failure failure) noexcept {
  switch (failure) {
    case Failure::Unreachable:
      return "unreachable";
    case Failure::Timeout:
      return "timeout";
    case Failure::BadResponse:
      return "bad_response";
    case Failure::Configuration:
      return "configuration";
    case Failure::RequestTooLarge:
      return "request_too_large";
    case Failure::RequestBroken:
      return "request_broken";
  }
  return "unknown";
}

void Invocation::reset() noexcept {
  call_.reset();
  if (service_call_ != nullptr) service_call_->leave();
  service_call_.reset();
  headers_.clear();
  response_.headers.clear();
  memory_.assign({});
  outbound_ = {};
  exchange = nullptr;
  facts = nullptr;
  decision = nullptr;
  client = nullptr;
  loop = nullptr;
  owner = nullptr;
  kept_body = nullptr;
  upstream_target = {};
}

void Invocation::on_response(client::Call& call, const http::ResponseHead& head) {
  upstream_target = call.target();
  response_.status = head.status;
  response_.reason = head.reason;
  response_.headers.clear();
  const bool bodyless = outbound_.method == http::Method::Head || head.status == 304;
  if (!forward_response_headers(api_type_, bodyless, head.headers, response_.headers)) {
    call_.reset();
    return owner->on_failure(Failure::BadResponse, "more header lines than can be sent on");
  }
  http::BodySource& body = call.body();
  owner->on_response(response_, body.length() == 0 ? nullptr : &body);
}

void Invocation::on_failure(client::Call& call, client::CallError error, std::string_view detail) {
  upstream_target = call.target();
  owner->on_failure(failure(error, outbound_.body), detail.empty() ? client::name(error) : detail);
}

}  // namespace gatehouse::integration
