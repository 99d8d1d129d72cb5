#include "config/config.hpp"
#include "config/reader.hpp"
#include "config/syntax.hpp"

namespace gatehouse::config {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kHour = 3600 * kSecond;

const Object& upstream_tls_table() {
  static const Object table{
      .name = "upstream_tls",
      .doc = "`tls` of an upstream",
      .fields = {
          field("verify", &UpstreamTls::verify, boolean(), "check the certificate and its name"),
          field("ca_file", &UpstreamTls::ca_file, path("file"),
                "PEM file of the authorities to trust; without it the system's"),
          field("certificate_file", &UpstreamTls::certificate_file, path("file"),
                "PEM file of the client certificate and its chain"),
          field("key_file", &UpstreamTls::key_file, path("file"), "PEM file of the client certificate's key"),
          field("server_name", &UpstreamTls::server_name, text(host_rule()),
                "name that is asked for (SNI) and verified; without it the target's host"),
      }};
  return table;
}

}  // namespace

const Object& upstream_table() {
  static const Object table{
      .name = "upstream",
      .doc = "an upstream",
      .fields =
          {
              required(field("targets", &Upstream::targets, list_of(text(target_rule()), true),
                             "list of `host:port`; names are resolved again and again")),
              field("balance", &Upstream::balance,
                    words<Upstream::Balance>({{"round_robin", Upstream::Balance::RoundRobin},
                                              {"least_connections", Upstream::Balance::LeastConnections}},
                                             "balance"),
                    "how a target is chosen"),
              field("tls", &Upstream::tls, optional(object<UpstreamTls>(upstream_tls_table)),
                    "speak TLS to the targets; `{}` is verified TLS with the system's authorities"),
              field("connect_timeout", &Upstream::connect_timeout_ms, duration(1, kHour), "to connect, TLS included"),
              field("idle_timeout", &Upstream::idle_timeout_ms, duration(1, 24 * kHour),
                    "of a connection that waits for its next use"),
              field("dns_refresh", &Upstream::dns_refresh_ms, duration(kSecond, 24 * kHour),
                    "between two look-ups of a name"),
              field("max_connections", &Upstream::max_connections, count(0, 1'000'000),
                    "per worker and target; 0: no limit"),
              field("max_idle", &Upstream::max_idle, count(0, 1'000'000),
                    "idle connections kept, per worker and target"),
              field("retries", &Upstream::retries, count(0, 10),
                    "further attempts where that is safe: idempotent and nothing answered yet"),
              field("eject_after", &Upstream::eject_after, count(0, 1'000'000),
                    "failures in a row that take a target out; 0: never"),
              field("eject_time", &Upstream::eject_ms, duration(1, kHour),
                    "for how long the first time; doubles up to 16 times that"),
              field("preserve_host", &Upstream::preserve_host, boolean(),
                    "send the client's Host instead of the target's"),
          },
      .not_built = {
          {"health_check", "active health checks"},
          {"vpc_link", "private integrations"},
          {"http2", "HTTP/2 to upstreams"},
          {"proxy_protocol", "PROXY protocol to upstreams"},
      }};
  return table;
}

}  // namespace gatehouse::config
