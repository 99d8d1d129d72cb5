#include "gateway/serve.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/slab.hpp"
#include "gateway/request.hpp"

namespace gatehouse::gateway {
namespace {

constexpr std::size_t kLogDelayMs = 200;

}  // namespace

struct Serve::Pool {
  base::SlabOf<Request> requests;
};

Serve::Serve(Environment environment)
    : env_(std::move(environment)),
      decisions_(env_.journal_slots),
      others_(env_.journal_slots / 2),
      log_(env_.access_log),
      log_timer_(&on_log_timer, this),
      keeper_(*env_.loop, *env_.registry, env_.worker),
      pool_(std::make_unique<Pool>()) {
  refused_by_parser_ = &env_.registry->counter(env_.worker, "gatehouse_refused_by_parser_total",
                                               "Requests that the listener itself refused.");
}

Serve::~Serve() {
  log_.flush();
}

void Serve::publish(std::shared_ptr<const Gateway> gateway) {
  Generation* const former = generations_.empty() ? nullptr : generations_.back().get();
  generations_.push_back(std::make_unique<Generation>(std::move(gateway), *env_.registry, env_.worker));
  if (former != nullptr && former->users == 0) leave(*former);
}

const Gateway* Serve::current() const noexcept {
  return generations_.empty() ? nullptr : generations_.back()->gateway.get();
}

// Called when nobody uses it; the current one stays.
void Serve::leave(Generation& generation) noexcept {
  if (&generation == generations_.back().get()) return;
  std::shared_ptr<const Gateway> gateway = std::move(generation.gateway);
  std::erase_if(generations_, [&](const auto& g) { return g.get() == &generation; });
  if (env_.retire) env_.retire(std::move(gateway));
}

void Serve::give_back(Request& request) noexcept {
  Generation* const generation = request.generation();
  pool_->requests.destroy(&request);
  if (generation != nullptr && --generation->users == 0) leave(*generation);
}

void Serve::start(http::Exchange& exchange) {
  Request& request = *pool_->requests.make(*this);
  exchange.handler_data = &request;
  request.begin(exchange, *generations_.back());
}

void Serve::finished(http::Exchange& exchange, http::Ending ending) noexcept {
  Request& request = *static_cast<Request*>(exchange.handler_data);
  request.finish(ending);
  if (request.api != nullptr) {
    ServeMetrics::PerApi& counters = request.generation()->metrics.apis[request.api->index];
    counters.status[std::min<std::size_t>(exchange.status / 100, counters.status.size() - 1)]->add();
    counters.duration->observe_ns(request.end_ns - exchange.start_ns);
  }
  if (request.refusal.set) (request.has_decision ? decisions_ : others_).record(request);
  if (request.gateway->access_log.enabled() && env_.access_log != nullptr) {
    request.gateway->access_log.append(log_.line(), request);
    if (log_.added() && !log_timer_.armed()) env_.loop->timers().arm(log_timer_, kLogDelayMs);
  }
  // Somebody still reads the request: what it refers to (the Gateway's texts, too) stays until the last pin goes.
  if (exchange.pinned())
    exchange.on_unpinned = &on_unpinned;
  else
    give_back(request);
}

void Serve::on_unpinned(http::Exchange& exchange) noexcept {
  Request& request = *static_cast<Request*>(exchange.handler_data);
  request.serve().give_back(request);
}

void Serve::refused(const http::ConnectionFacts& connection, int status, std::string_view what) noexcept {
  refused_by_parser_->add();
  if (!base::log_enabled(base::Level::Debug)) return;
  base::log(
      base::Level::Debug, "the parser refused a request",
      {{"peer", std::string(connection.peer_text)}, {"status", std::to_string(status)}, {"why", std::string(what)}});
}

void Serve::expel(std::uint64_t generation) noexcept {
  for (const auto& one : generations_) {
    if (one->gateway->generation != generation) continue;
    for (Request* request = one->first; request != nullptr; request = request->next()) request->exchange->abort();
  }
}

void Serve::trim() noexcept {
  pool_->requests.trim();
  keeper_.trim();
}

void Serve::on_log_timer(void* self) {
  static_cast<Serve*>(self)->log_.flush();
}

std::optional<std::string> Serve::find_refused(std::string_view request_id) const {
  if (auto found = decisions_.find(request_id)) return found;
  return others_.find(request_id);
}

const RequestContext* Serve::context(const http::Exchange& exchange) noexcept {
  return static_cast<const Request*>(exchange.handler_data);
}

}  // namespace gatehouse::gateway
