// The path of a request: docs/request-path.md.
#include "gateway/request.hpp"

#include "gateway/forwarded.hpp"
#include "gateway/refusal.hpp"
#include "gateway/request_id.hpp"
#include "gateway/respond.hpp"

namespace gatehouse::gateway {
namespace {

using base::Outcome;
using base::Step;

constexpr std::size_t kMaxArnBytes = 1600;  // LA-40

std::string_view without_port(std::string_view authority) noexcept {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

Outcome outcome(access::Verdict verdict) noexcept {
  switch (verdict) {
    case access::Verdict::Allowed:
      return Outcome::Allowed;
    case access::Verdict::Unauthorized:
      return Outcome::Unauthorized;
    case access::Verdict::Denied:
    case access::Verdict::NotAllowed:
      return Outcome::Denied;
    case access::Verdict::Failed:
      return Outcome::Failed;
  }
  return Outcome::Failed;
}

}  // namespace

void Serve::Request::begin(http::Exchange& ex, Generation& generation) {
  exchange = &ex;
  generation_ = &generation;
  ++generation.users;
  next_ = generation.first;
  if (next_ != nullptr) next_->previous_ = this;
  generation.first = this;
  gateway = generation.gateway.get();
  start_unix_ms = serve_.env_.loop->now_unix_ms();
  if (receive() && select_stage() && select_route() && check_size()) authorize();
}

bool Serve::Request::receive() {
  domain = without_port(exchange->request.authority);
  source_ip = exchange->connection->peer;
  source_ip_text = exchange->connection->peer_text;
  extended_id = make_extended_id(*serve_.env_.random, exchange->arena);
  request_id = extended_id;
  bool source_malformed = false;
  if (!gateway->settings.trusted_proxies.empty()) {
    const SourceAddress source =
        source_address(source_ip, exchange->request.headers, gateway->settings.trusted_proxies);
    peer_trusted = source.peer_trusted;
    source_malformed = source.malformed;
    if (source.address != source_ip) {
      source_ip = source.address;
      source_ip_text = exchange->arena.copy(source_ip.text());
    }
  }
  auto parsed = http::parse_target(exchange->request.target, gateway->path_rules, exchange->arena);
  if (parsed && !source_malformed) {
    target = *parsed;
    return true;
  }
  trace.add(Step::Connection, Outcome::Denied, {}, parsed ? "forwarded_malformed" : "path_malformed",
            parsed ? std::string_view("a trusted proxy's forwarded address is no IP address")
                   : exchange->arena.copy(parsed.error().text));
  request_id = make_uuid(*serve_.env_.random, exchange->arena);
  refusal::bad_request(*this);
  return refuse();
}

bool Serve::Request::select_stage() {
  selection = gateway->hosts->select(domain, target.path);
  const bool found = selection.kind == routing::Selection::Kind::Found;
  if (found) {
    stage = gateway->stages[selection.target].get();
    api = stage->api;
    if (selection.splits_segment) selection.api_path = exchange->arena.join({"/", selection.api_path});  // AT-53
  }
  const access::ApiType type =
      found ? api->type
            : (selection.has_refused_target ? gateway->stages[selection.refused_target]->api->type
                                            : access::ApiType::Rest);
  if (type == access::ApiType::Rest) {
    const http::Header* given =
        gateway->settings.adopt_request_id ? exchange->request.headers.find(http::HeaderId::XAmznRequestId) : nullptr;
    request_id =
        given != nullptr && is_uuid(given->value) ? given->value : make_uuid(*serve_.env_.random, exchange->arena);
  }
  if (found) {
    trace.add(Step::Host, Outcome::Passed, api->name, "stage", stage->name);
    if (type != access::ApiType::Rest || http::is_encoded_query(target.raw_query)) return true;
    trace.add(Step::Host, Outcome::Denied, api->name, "query_not_encoded");
    refusal::bad_request(*this);
    return refuse();
  }
  generation_->metrics.unmatched->add();
  if (selection.kind == routing::Selection::Kind::NoHost) {
    trace.add(Step::Host, Outcome::Denied, {}, "unknown_host", domain);
    refusal::unknown_host(*this);
  } else {
    const bool mapping = selection.kind == routing::Selection::Kind::NoMapping;
    trace.add(Step::Host, Outcome::Denied, {}, mapping ? "no_mapping" : "unknown_stage", target.path);
    refusal::unknown_stage(*this, type);
  }
  return refuse();
}

bool Serve::Request::find_route(std::string_view api_path, routing::Match& out) const {
  const http::Method method = exchange->request.method;
  return api->type == access::ApiType::Rest
             ? api->rest->find(method, api_path, gateway->settings.rest_method_fallthrough, out)
             : api->http->find(method, api_path, out);
}

bool Serve::Request::collapse_slashes() {
  base::Arena& arena = exchange->arena;
  const std::span<char> text = arena.array<char>(target.path.size());
  std::size_t size = 0;
  for (const char c : target.path)
    if (c != '/' || size == 0 || text[size - 1] != '/') text[size++] = c;
  const std::string_view path(text.data(), size);
  routing::Selection chosen = gateway->hosts->select(domain, path);
  if (chosen.kind != routing::Selection::Kind::Found || gateway->stages[chosen.target].get() != stage) return false;
  if (chosen.splits_segment) chosen.api_path = arena.join({"/", chosen.api_path});
  routing::Match matched;
  if (!find_route(chosen.api_path, matched) || api->routes[matched.route].get() != route) return false;
  target.path = path;
  selection = chosen;
  match = matched;
  build_facts();
  return true;
}

bool Serve::Request::select_route() {
  if (find_route(selection.api_path, match)) {
    route = api->routes[match.route].get();
    trace.add(Step::Route, Outcome::Passed, route->key, "matched", selection.api_path);
    if (api->type != access::ApiType::Rest ||
        stage->arn_prefix.size() + name(exchange->request.method).size() + selection.api_path.size() <= kMaxArnBytes)
      return true;
    trace.add(Step::Route, Outcome::Denied, route->key, "arn_too_long");
    refusal::arn_too_long(*this);
    return refuse();
  }
  if (wants_preflight() && api->preflight != nullptr) {
    route = api->preflight.get();
    match.capture_count = 0;
    trace.add(Step::Route, Outcome::Passed, "cors", "preflight");
    return true;
  }
  if (wants_preflight()) {
    trace.add(Step::Route, Outcome::Answered, "cors", "preflight");
    respond_preflight(*this);
    return false;
  }
  trace.add(Step::Route, Outcome::Denied, api->name, "no_route", selection.api_path);
  refusal::unknown_route(*this);
  return refuse();
}

bool Serve::Request::check_size() {
  if (exchange->request.content_length > route->body_bytes) {
    trace.add(Step::Route, Outcome::Denied, route->key, "body_too_large");
    refusal::body_too_large(*this, route->body_bytes);
    return refuse();
  }
  if (exchange->request.has_body()) exchange->body().set_limit(route->body_bytes);
  return true;
}

void Serve::Request::authorize() {
  build_facts();
  if (!route->plan.steps.empty()) authorizer_start_ns = now();
  chain_.start(route->plan, facts, *exchange, trace, now(), *this, serve_.env_.dry_run);
}

void Serve::Request::decided(const access::Decision& made) {
  serve_.env_.loop->timers().disarm(deadline_);
  decision = made;
  has_decision = true;
  if (authorizer_start_ns != 0) authorizer_end_ns = now();
  generation_->metrics.apis[api->index].verdict[static_cast<std::size_t>(decision.verdict)]->add();
  trace.add(Step::Evaluate, outcome(decision.verdict), decision.by != nullptr ? decision.by->name() : "none",
            name(decision.verdict), decision.decisive.reason);
  if (kept_ != nullptr && refuse_for_body()) return;
  if (decision.verdict != access::Verdict::Allowed) {
    refusal::by_decision(*this);
    refuse();
    return;
  }
  if (!route->has_identity && wants_preflight()) {  // AT-73
    trace.add(Step::Integration, Outcome::Answered, "cors", "preflight");
    respond_preflight(*this);
    return;
  }
  integrate();
}

void Serve::Request::ask(std::shared_ptr<access::BodyReader> reader, std::int64_t max_bytes) {
  if (kept_ == nullptr)
    kept_ = std::make_unique<KeptBody>(serve_.keeper_, exchange->body(), gateway->settings.kept_bodies);
  kept_->ask(std::move(reader), max_bytes);
}

// A body that an authorizer asked for and that could not be had: that is the answer, even when it was allowed, unless
// somebody objected.
bool Serve::Request::refuse_for_body() {
  if (decision.verdict != access::Verdict::Allowed && decision.verdict != access::Verdict::Failed) return false;
  http::BodyError error = kept_->error();
  if (error == http::BodyError::None && kept_->reading() && decision.decisive.code == "deadline")
    error = http::BodyError::Timeout;  // the client's bytes are what the authorizer waited for
  switch (error) {
    case http::BodyError::None:
      return false;
    case http::BodyError::TooLarge:
      trace.add(Step::Route, Outcome::Denied, route->key, "body_too_large");
      refusal::body_too_large(*this, route->body_bytes);
      break;
    case http::BodyError::NoRoom:
      trace.add(Step::Route, Outcome::Failed, route->key, "body_not_kept");
      refusal::no_room(*this);
      break;
    case http::BodyError::Closed:
    case http::BodyError::Malformed:
    case http::BodyError::Timeout:
      trace.add(Step::Route, Outcome::Denied, route->key, "body_broken");
      refusal::bad_request(*this);
      break;
  }
  refuse();
  return true;
}

void Serve::Request::integrate() {
  if (serve_.env_.dry_run) {
    trace.add(Step::Integration, Outcome::Passed, route->integration->name(), "not_invoked",
              route->integration->kind());
    exchange->abort();
    return;
  }
  integration_start_ns = now();
  invocation_.exchange = exchange;
  invocation_.facts = &facts;
  invocation_.decision = &decision;
  invocation_.client = serve_.env_.client;
  invocation_.loop = serve_.env_.loop;
  invocation_.owner = this;
  invocation_.timeout_ms = route->timeout_ms;
  invocation_.body_idle_ms = gateway->settings.timeouts.body_idle_ms;
  invocation_.kept_body = kept_.get();
  invocation_.trusted_peer = peer_trusted;
  route->integration->invoke(invocation_);
}

void Serve::Request::on_response(http::ResponseHead& head, http::BodySource* body) {
  integration_end_ns = now();
  integration_status = head.status;
  integration_target = invocation_.upstream_target;
  generation_->metrics.apis[api->index].integration->observe_ns(integration_end_ns - integration_start_ns);
  trace.add(Step::Integration, Outcome::Answered, route->integration->name(), route->integration->kind());
  respond_integration(*this, head, body);
}

void Serve::Request::on_failure(integration::Failure failure, std::string_view detail) {
  integration_end_ns = now();
  integration_target = invocation_.upstream_target;
  integration_error = exchange->arena.copy(detail.empty() ? name(failure) : detail);
  trace.add(Step::Integration, Outcome::Failed, route->integration->name(), name(failure), integration_error);
  if (exchange->responded()) return;  // half way through: the body's failure has ended the exchange
  if (kept_ != nullptr && kept_->error() == http::BodyError::NoRoom)
    refusal::no_room(*this);
  else
    refusal::by_integration(*this, failure);
  refuse();
}

// Answers with `refusal`; false, so that a step can return it.
bool Serve::Request::refuse() {
  trace.add(Step::Respond, Outcome::Answered, {}, name(refusal.type));
  respond_refused(*this, body_);
  return false;
}

bool Serve::Request::wants_preflight() const noexcept {
  return api->cors && Cors::is_preflight(exchange->request);
}

void Serve::Request::wait(std::int64_t ms) {
  serve_.env_.loop->timers().arm(deadline_, ms);
}

void Serve::Request::build_facts() {
  base::Arena& arena = exchange->arena;
  facts.api_type = api->type;
  facts.account_id = gateway->settings.account_id;
  facts.region = gateway->settings.region;
  facts.api_id = api->id;
  facts.stage = stage->name;
  facts.route_key = route->key;
  facts.resource_path = route->resource_path;
  facts.request_id = request_id;
  facts.domain = domain;
  facts.api_path = selection.api_path;
  facts.request = &exchange->request;
  facts.target = &target;
  facts.connection = exchange->connection;
  facts.source_ip = source_ip;
  facts.source_ip_text = source_ip_text;
  facts.time_unix_ms = start_unix_ms;
  facts.stage_variables = stage->variable_views;
  facts.route_scopes = route->scope_views;
  facts.worker = serve_.env_.worker;
  facts.body = this;
  const auto parameters = arena.array<access::NamedValue>(match.capture_count);
  for (std::uint32_t i = 0; i < match.capture_count; ++i)
    parameters[i] = {match.captures[i].name, match.captures[i].value};
  facts.path_parameters = parameters;
  if (!route->plan.steps.empty()) {
    // Spec lambda-authorizers section 4: the real verb and path, no slash before the path.
    facts.arn = arena.join({stage->arn_prefix, name(exchange->request.method), selection.api_path});
    facts.extended_request_id = extended_id;
    facts.resource_id = route->resource_id;
    facts.deployment_id = api->deployment_id;
    facts.by_domain = selection.by_domain;
  }
}

void Serve::Request::finish(http::Ending how) noexcept {
  ending = how;
  end_ns = now();
  (previous_ != nullptr ? previous_->next_ : generation_->first) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  if (chain_.pending()) chain_.cancel();
  serve_.env_.loop->timers().disarm(deadline_);
  invocation_.reset();
  kept_.reset();
}

}  // namespace gatehouse::gateway
