// Says back what it was shown: every part of the request as context, for the tests of the C++ layer and of the view.
#include <gatehouse/authorizer.hpp>
namespace gh = gatehouse;

namespace {

std::string joined(const gh::Fields& fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ';';
    out.append(fields[i].first).append("=").append(fields[i].second);
  }
  return out;
}

struct Echo : gh::Authorizer {
  static constexpr auto info =
      gh::Info("says back what it was shown")
          .nonblocking()
          .needs(GH_NEED_HEADERS | GH_NEED_QUERY | GH_NEED_PATH_PARAMS | GH_NEED_STAGE_VARS | GH_NEED_SCOPES)
          .settings(R"({"type": "object", "properties": {
              "greeting": {"type": "string", "default": "hello"}, "loud": {"type": "boolean"},
              "times": {"type": "integer", "minimum": 1, "maximum": 9}, "names": {"type": "array", "items": {"type": "string"}},
              "fail": {"type": "string"}, "map": {"type": "object"}}, "additionalProperties": false})");
  gh::Host& host;
  std::string greeting;
  std::string settings;

  Echo(const gh::Config& config, gh::Host& h) : host(h), greeting(config.str("/greeting")) {
    if (config.str("/fail", "") == "config") throw gh::ConfigError("`fail` says so");
    if (config.str("/fail", "") == "exception") throw std::runtime_error("broken");
    settings = std::to_string(config.integer("/times", 3)) + (config.boolean("/loud", false) ? "!" : "") + " " +
               std::string(config.instance());
    for (const std::string& name : config.strings("/names")) settings += " " + name;
    for (const std::string& name : config.members("/map")) settings += " " + name;
    host.log(gh::Level::Info, "made");
  }
  gh::Answer authorize(const gh::Request& r) override {
    if (r.header("x-throw") == "std") throw std::runtime_error("thrown on purpose");
    if (r.header("x-throw") == "int") throw 7;
    if (r.header("x-cert") == "read") r.client_cert();
    std::string scopes;
    for (const auto scope : r.scopes()) scopes.append(scope).append(" ");
    auto a = gh::allow(r.header("x-user"));
    a.context("greeting", greeting).context("settings", settings);
    a.context("method", r.method()).context("scheme", r.scheme()).context("authority", r.authority());
    a.context("domain", r.domain()).context("wire_path", r.wire_path()).context("path", r.path());
    a.context("api_path", r.api_path()).context("raw_query", r.raw_query()).context("http_version", r.http_version());
    a.context("arn", r.arn())
        .context("route_key", r.route_key())
        .context("stage", r.stage())
        .context("api_id", r.api_id());
    a.context("source_ip", r.source_ip()).context("peer_ip", r.peer_ip()).context("listener", r.listener());
    a.context("headers", joined(r.headers())).context("query", joined(r.query()));
    a.context("path_params", joined(r.path_params())).context("stage_vars", joined(r.stage_vars()));
    a.context("identity", joined(r.identity())).context("scopes", scopes).context("token", r.token());
    a.context("second", r.header("x-twice", 1)).context("sni", r.attr("tls.sni"));
    a.context("worker", r.worker()).context("tls", r.tls()).context("time", r.time_unix_ms());
    a.context("clock", host.unix_ms()).context("api_type", r.api_type()).context("ratio", 0.5);
    a.scope("orders/read").scopes(std::vector<std::string>{"a", "b", "c", "d"});
    a.claim("sub", "someone").claim("exp", "12", GH_T_NUMBER);
    return std::move(a).ttl(5).usage_key("key").error_text("none").valid_until(99);
  }
};

}  // namespace
GATEHOUSE_AUTHORIZER(Echo, "com.example.echo", "2.1.0")
