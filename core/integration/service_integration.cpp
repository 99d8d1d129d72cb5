#include "integration/service_integration.hpp"

#include "access/caller.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "integration/service_call.hpp"
#include "integration/signing_parts.hpp"

namespace gatehouse::integration {
namespace {

std::string_view value(const http::RequestHead& request, std::string_view name) {
  for (const http::Header& line : request.headers)
    if (base::equal_ignoring_case(line.name, name)) return line.value;
  return {};
}

}  // namespace

void ServiceCall::begin(Invocation& invocation) {
  invocation_ = &invocation;
  const access::Facts& facts = *invocation.facts;
  const http::RequestHead& request = *facts.request;
  request_.method = name(request.method);
  request_.path = facts.api_path;
  request_.raw_query = facts.target->raw_query;
  request_.content_type = value(request, "content-type");
  request_.target = value(request, "x-amz-target");
  request_.origin = value(request, "origin");
  request_.user_agent = value(request, "user-agent");
  request_.signature_given =
      request.headers.find(http::HeaderId::Authorization) != nullptr || is_presigned(facts.target->raw_query);
  const access::Answer& identity = invocation.decision->identity;
  // The answer holds its caller; so does the request from here on.
  if (identity.caller != nullptr)
    request_.caller = std::shared_ptr<const access::KnownCaller>(identity.holds, identity.caller);
  request_.source_ip = facts.source_ip;
  request_.source_ip_text = facts.source_ip_text;
  request_.tls = facts.connection->tls;
  request_.request_id = facts.request_id;
  request_.account = facts.account_id;
  request_.region = facts.region;
  request_.domain = facts.domain;
  request_.unix_ms = facts.time_unix_ms;
  request_.deadline_ns = loop_.now_ns() + invocation.timeout_ms * 1'000'000;
  body_ = invocation.kept_body != nullptr ? invocation.kept_body : &invocation.exchange->body();
  if (!request.has_body()) return ask();
  body_->set_sink(this);
  read();
}

void ServiceCall::leave() noexcept {
  invocation_ = nullptr;
  if (body_ != nullptr) body_->set_sink(nullptr);
  body_ = nullptr;
}

void ServiceCall::read() {
  if (invocation_ == nullptr || body_ == nullptr) return;
  for (;;) switch (body_->pull()) {
      case http::BodySource::State::Ready:
        if (request_.body.size() + body_->data().size() > service_->body_limit()) {
          body_->set_sink(nullptr);
          body_ = nullptr;
          return refuse(413, "RequestEntityTooLarge", "the request is too large");
        }
        request_.body += body_->data();
        body_->consume(body_->data().size());
        break;
      case http::BodySource::State::Waiting:
        return;
      case http::BodySource::State::End:
        body_->set_sink(nullptr);
        body_ = nullptr;
        return ask();
      case http::BodySource::State::Failed: {
        const bool large = body_->error() == http::BodyError::TooLarge;
        body_->set_sink(nullptr);
        body_ = nullptr;
        return invocation_->owner->on_failure(large ? Failure::RequestTooLarge : Failure::RequestBroken, {});
      }
    }
}

void ServiceCall::ask() {
  const auto task = [self = shared_from_this()] {
    try {
      self->response_ = self->service_->answer(self->request_);
    } catch (const std::exception& error) {
      base::log(base::Level::Error, "a service failed",
                {{"service", std::string(self->service_->kind())}, {"error", error.what()}});
      self->response_ = self->service_->refused({500, "InternalFailure", "", self->request_.request_id});
    }
    static_cast<void>(self->mailbox_->post([self] { self->deliver(); }));
  };
  if (threads_ == nullptr || threads_->run(task) == 0)
    refuse(503, "ServiceUnavailable", "too many requests wait: try again");
}

void ServiceCall::refuse(int status, std::string_view error_type, std::string_view message) {
  response_ = service_->refused({status, error_type, message, request_.request_id});
  deliver();
}

void ServiceCall::deliver() {
  if (invocation_ == nullptr) return;
  invocation_->deliver(response_);
}

void ServiceIntegration::invoke(Invocation& invocation) const {
  invocation.service_call_ = std::make_shared<ServiceCall>(service_, threads_, *invocation.loop);
  // Held: the owner may end the request, and with it the invocation's pointer, from inside.
  const std::shared_ptr<ServiceCall> call = invocation.service_call_;
  call->begin(invocation);
}

void Invocation::deliver(const ServiceResponse& response) {
  if (!response.log_note.empty())
    base::log(base::Level::Info, response.log_note, {{"request", std::string(facts->request_id)}});
  response_.status = static_cast<std::uint16_t>(response.status);
  response_.reason = {};
  response_.headers.clear();
  bool whole = response.content_type.empty() || response_.headers.add("Content-Type", response.content_type);
  for (const auto& [name, text] : response.headers) {
    // REST APIs add it themselves.
    if (facts->api_type == access::ApiType::Rest && base::equal_ignoring_case(name, "x-amzn-requestid")) continue;
    whole = whole && response_.headers.add(name, text);
  }
  if (!whole) return owner->on_failure(Failure::Configuration, "more header lines than an answer can have");
  memory_.assign(response.body);
  owner->on_response(response_, response.body.empty() ? nullptr : &memory_);
}

}  // namespace gatehouse::integration
