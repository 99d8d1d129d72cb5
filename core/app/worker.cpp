#include "app/worker.hpp"

namespace gatehouse::app {
namespace {

constexpr std::int64_t kSecondMs = 1000;

gateway::Serve::Environment serve_environment(const Worker::Environment& from, net::Loop& loop, client::Client& client,
                                              base::Random& random) {
  gateway::Serve::Environment out;
  out.loop = &loop;
  out.client = &client;
  out.random = &random;
  out.registry = from.registry;
  out.access_log = from.access_log;
  out.worker = from.index;
  out.retire = from.retire;
  return out;
}

using Kind = base::Registry::Kind;

void attach_metrics(base::Registry& registry, std::uint32_t worker, const server::ServerMetrics& server,
                    const client::ClientMetrics& client) {
  const auto add = [&](const char* name, const char* help, const base::Counter& counter, Kind kind = Kind::Counter,
                       const base::Labels& labels = {}) { registry.attach(worker, name, help, labels, kind, counter); };
  add("gatehouse_connections_accepted_total", "Client connections accepted.", server.accepted);
  add("gatehouse_connections_rejected_total", "Client connections closed at once: over a limit.",
      server.rejected_connections);
  add("gatehouse_connections_open", "Client connections open now.", server.open_connections, Kind::Gauge);
  add("gatehouse_client_requests_total", "Requests read from clients.", server.requests);
  add("gatehouse_client_requests_refused_total", "Requests refused by the parser.", server.refused_requests);
  add("gatehouse_client_timeouts_total", "Client deadlines that passed.", server.header_timeouts, Kind::Counter,
      {{"what", "header"}});
  add("gatehouse_client_timeouts_total", "Client deadlines that passed.", server.body_timeouts, Kind::Counter,
      {{"what", "body"}});
  add("gatehouse_client_timeouts_total", "Client deadlines that passed.", server.write_timeouts, Kind::Counter,
      {{"what", "write"}});
  add("gatehouse_client_timeouts_total", "Client deadlines that passed.", server.idle_timeouts, Kind::Counter,
      {{"what", "idle"}});
  add("gatehouse_client_bytes_total", "Bytes from and to clients.", server.bytes_in, Kind::Counter,
      {{"direction", "in"}});
  add("gatehouse_client_bytes_total", "Bytes from and to clients.", server.bytes_out, Kind::Counter,
      {{"direction", "out"}});
  add("gatehouse_upstream_requests_total", "Requests sent to upstreams.", client.requests);
  add("gatehouse_upstream_retries_total", "Requests sent again.", client.retries);
  add("gatehouse_upstream_connects_total", "Connections opened to upstreams.", client.connects);
  add("gatehouse_upstream_connect_failures_total", "Connections to upstreams that failed.", client.connect_failures);
  add("gatehouse_upstream_ejections_total", "Targets taken out for failing.", client.ejections);
  add("gatehouse_upstream_connections_open", "Connections to upstreams open now.", client.open_connections,
      Kind::Gauge);
  add("gatehouse_upstream_connections_idle", "Connections to upstreams kept for reuse.", client.idle_connections,
      Kind::Gauge);
}

}  // namespace

Worker::Worker(Environment environment)
    : client_(loop_, buffers_, environment.resolver),
      fetches_(loop_, environment.fetch_resolver),
      serve_(serve_environment(environment, loop_, client_, random_)),
      server_(loop_, buffers_, serve_, environment.settings, *environment.limits),
      second_(&on_second, this) {
  loop_.timers().arm(second_, kSecondMs);
  attach_metrics(*environment.registry, environment.index, server_.metrics(), client_.metrics());
}

void Worker::on_second(void* self) {
  Worker& worker = *static_cast<Worker*>(self);
  worker.buffers_.trim();
  worker.client_.trim();
  worker.fetches_.trim();
  worker.serve_.trim();
  worker.server_.trim();
  worker.loop_.timers().arm(worker.second_, kSecondMs);
}

Worker::~Worker() {
  stop();
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
}

}  // namespace gatehouse::app
