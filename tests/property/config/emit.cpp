#include "emit.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace gatehouse::config {
namespace {

struct Entry;

/// A YAML value about to be written.
struct Value {
  enum class Kind { Raw, Text, List, Map } kind = Kind::Map;
  std::string text;
  std::vector<Value> items;
  std::vector<Entry> entries;

  Value& add(std::string key, Value value, bool is_default = false);
};
struct Entry {
  std::string key;
  Value value;
  bool is_default = false;  // may be left out
};
Value& Value::add(std::string key, Value value, bool is_default) {
  entries.push_back({std::move(key), std::move(value), is_default});
  return *this;
}

Value raw(std::string text) {
  return {Value::Kind::Raw, std::move(text), {}, {}};
}
Value text(std::string text) {
  return {Value::Kind::Text, std::move(text), {}, {}};
}
Value yes(bool value) {
  return raw(value ? "true" : "false");
}
Value number(std::int64_t value) {
  return raw(std::to_string(value));
}
Value map() {
  return {};
}
Value list(const std::vector<std::string>& all) {
  Value out;
  out.kind = Value::Kind::List;
  for (const std::string& one : all) out.items.push_back(text(one));
  return out;
}
Value texts(const std::map<std::string, std::string>& all) {
  Value out;
  for (const auto& [key, value] : all) out.add(key, text(value));
  return out;
}

class Tree {
 public:
  explicit Tree(std::mt19937* random) : random_(random) {}

  Value config(const Config& c) {
    Value out;
    out.add("gateway", gateway(c.gateway));
    out.add("admin", map()
                         .add("enabled", yes(c.admin.enabled), c.admin.enabled)
                         .add("socket", text(c.admin.socket), c.admin.socket.empty()));
    out.add("listeners", named(c.listeners, [&](const Listener& l) {
              return map()
                  .add("address", text(l.address))
                  .add("backlog", number(l.backlog), l.backlog == 4096)
                  .add("insecure_plaintext", yes(l.insecure_plaintext), !l.insecure_plaintext);
            }));
    out.add("upstreams", named(c.upstreams, [&](const Upstream& u) { return upstream(u); }));
    out.add("authorizers", named(c.authorizers, [&](const Authorizer& a) { return authorizer(a); }));
    out.add("apis", named(c.apis, [&](const Api& a) { return api(a); }));
    Value domains;
    for (const Domain& domain : c.domains) {
      Value mappings;
      for (const Mapping& m : domain.mappings)
        mappings.add(m.path.empty() ? "(none)" : m.path, map().add("api", text(m.api)).add("stage", text(m.stage)));
      domains.add(domain.name, map().add("mappings", mappings));
    }
    out.add("domains", domains);
    out.add("plugins",
            map()
                .add("directories", list(c.plugins.directories))
                .add("staging_directory", text(c.plugins.staging_directory), c.plugins.staging_directory.empty()));
    return out;
  }

 private:
  bool chance() { return random_ != nullptr && std::uniform_int_distribution<int>(0, 1)(*random_) == 1; }

  template <class T, class Make>
  static Value named(const std::vector<T>& all, Make make) {
    Value out;
    for (const T& one : all) out.add(one.name, make(one));
    return out;
  }

  Value duration(std::int64_t ms) {
    if (ms % 3'600'000 == 0 && chance()) return text(std::to_string(ms / 3'600'000) + "h");
    if (ms % 60'000 == 0 && chance()) return text(std::to_string(ms / 60'000) + "m");
    if (ms % 1000 == 0 && chance()) return text(std::to_string(ms / 1000) + "s");
    return text(std::to_string(ms) + "ms");
  }
  Value size(std::int64_t bytes) {
    if (bytes % (1 << 30) == 0 && chance()) return text(std::to_string(bytes >> 30) + "GiB");
    if (bytes % (1 << 20) == 0 && chance()) return text(std::to_string(bytes >> 20) + "MiB");
    if (bytes % 1024 == 0 && chance()) return text(std::to_string(bytes / 1024) + "KiB");
    return number(bytes);
  }
  Value one_or_list(const std::vector<std::string>& all) {
    return all.size() == 1 && chance() ? text(all[0]) : list(all);
  }

  Value gateway(const Gateway& g) {
    const Gateway fresh;
    const Limits& l = g.limits;
    const Timeouts& t = g.timeouts;
    Value limits, timeouts, log, out;
    limits.add("request_line_bytes", size(l.request_line_bytes))
        .add("header_bytes", size(l.header_bytes))
        .add("header_count", number(l.header_count));
    limits.add("body_bytes", size(l.body_bytes))
        .add("connections", number(l.connections))
        .add("connections_per_worker", number(l.connections_per_worker));
    limits.add("requests_per_connection", number(l.requests_per_connection), l.requests_per_connection == 0);
    timeouts.add("header_read", duration(t.header_read_ms))
        .add("body_idle", duration(t.body_idle_ms))
        .add("write_idle", duration(t.write_idle_ms));
    timeouts.add("keep_alive", duration(t.keep_alive_ms))
        .add("drain", duration(t.drain_ms))
        .add("authorizer", duration(t.authorizer_ms));
    log.add("enabled", yes(g.access_log.enabled), g.access_log.enabled)
        .add("path", text(g.access_log.path), g.access_log.path == "-");
    log.add("format", texts(g.access_log.format), g.access_log.format.empty());
    out.add("region", text(g.region)).add("account_id", text(g.account_id), g.account_id == fresh.account_id);
    out.add("compatibility", text(g.extended ? "extended" : "aws"), !g.extended)
        .add("workers", number(g.workers), g.workers == fresh.workers);
    out.add("executor_threads", number(g.executor_threads), g.executor_threads == fresh.executor_threads);
    out.add("limits", limits).add("timeouts", timeouts).add("access_log", log);
    out.add("kept_bodies", map()
                               .add("memory_bytes", size(g.kept_bodies.memory_bytes),
                                    g.kept_bodies.memory_bytes == fresh.kept_bodies.memory_bytes)
                               .add("file_bytes", size(g.kept_bodies.file_bytes),
                                    g.kept_bodies.file_bytes == fresh.kept_bodies.file_bytes)
                               .add("directory", text(g.kept_bodies.directory), g.kept_bodies.directory.empty()));
    out.add("request_path", map()
                                .add("dot_segments", text(g.request_path.remove_dot_segments ? "remove" : "reject"),
                                     !g.request_path.remove_dot_segments)
                                .add("encoded_slash", text(g.request_path.keep_encoded_slash ? "keep" : "reject"),
                                     !g.request_path.keep_encoded_slash));
    out.add("log_format", text(g.log_format), g.log_format == "text")
        .add("log_level", text(g.log_level), g.log_level == "info");
    out.add("adopt_request_id", yes(g.adopt_request_id), !g.adopt_request_id);
    out.add("rest_method_fallthrough", yes(g.rest_method_fallthrough), g.rest_method_fallthrough);
    out.add("mapping_prefix_compat", yes(g.mapping_prefix_compat), !g.mapping_prefix_compat);
    out.add("deny_message_style", text(g.deny_message_current ? "current" : "classic"), g.deny_message_current);
    return out;
  }

  Value upstream(const Upstream& u) {
    const Upstream fresh;
    const bool round = u.balance == Upstream::Balance::RoundRobin;
    Value out;
    out.add("targets", list(u.targets)).add("balance", text(round ? "round_robin" : "least_connections"), round);
    if (u.tls) {
      const UpstreamTls& t = *u.tls;
      out.add("tls", map()
                         .add("verify", yes(t.verify), t.verify)
                         .add("ca_file", text(t.ca_file), t.ca_file.empty())
                         .add("certificate_file", text(t.certificate_file), t.certificate_file.empty())
                         .add("key_file", text(t.key_file), t.key_file.empty())
                         .add("server_name", text(t.server_name), t.server_name.empty()));
    }
    out.add("connect_timeout", duration(u.connect_timeout_ms)).add("idle_timeout", duration(u.idle_timeout_ms));
    out.add("dns_refresh", duration(u.dns_refresh_ms))
        .add("max_connections", number(u.max_connections), u.max_connections == 0);
    out.add("max_idle", number(u.max_idle)).add("retries", number(u.retries), u.retries == fresh.retries);
    out.add("eject_after", number(u.eject_after), u.eject_after == fresh.eject_after)
        .add("eject_time", duration(u.eject_ms));
    out.add("preserve_host", yes(u.preserve_host), !u.preserve_host);
    return out;
  }

  Value authorizer(const Authorizer& a) {
    Value out;
    out.add("type", text(std::string(name(a.type)))).add("plugin", text(a.plugin));
    if (a.placement_given) out.add("placement", text("in_process"));
    if (a.identity_sources_given) out.add("identity_sources", one_or_list(a.identity_sources));
    if (a.result_ttl_seconds >= 0) out.add("result_ttl_seconds", number(a.result_ttl_seconds));
    if (!a.payload_format_version.empty())
      out.add("payload_format_version", chance() ? raw(a.payload_format_version) : text(a.payload_format_version));
    if (a.timeout_ms != 0) out.add("timeout", duration(a.timeout_ms));
    out.add("settings", raw(std::string(a.settings.json.reveal())), a.settings.json.reveal() == "{}");
    return out;
  }

  Value api(const Api& a) {
    Value out, stages, routes, responses;
    for (const Stage& stage : a.stages)
      stages.add(stage.name, map().add("variables", texts(stage.variables), stage.variables.empty()));
    for (const Route& r : a.routes) routes.add(r.key, route(r));
    out.add("type", text(std::string(name(a.type)))).add("id", text(a.id), a.id == a.name);
    out.add("disable_default_endpoint", yes(a.disable_default_endpoint), !a.disable_default_endpoint);
    out.add("hosts", one_or_list(a.hosts), a.hosts.empty()).add("stages", stages).add("routes", routes);
    out.add("network", one_or_list(a.network), a.network.empty());
    if (!a.resource_policy.empty()) out.add("resource_policy", text(a.resource_policy));
    if (a.cors) {
      const Cors& c = *a.cors;
      Value cors;
      cors.add("allow_origins", one_or_list(c.allow_origins), c.allow_origins.empty())
          .add("allow_methods", one_or_list(c.allow_methods), c.allow_methods.empty());
      cors.add("allow_headers", one_or_list(c.allow_headers), c.allow_headers.empty());
      cors.add("expose_headers", one_or_list(c.expose_headers), c.expose_headers.empty());
      cors.add("allow_credentials", yes(c.allow_credentials), !c.allow_credentials);
      if (c.max_age_seconds) cors.add("max_age_seconds", number(*c.max_age_seconds));
      out.add("cors", cors);
    }
    for (const GatewayResponse& r : a.gateway_responses) {
      Value response;
      if (r.status) response.add("status", number(*r.status));
      responses.add(r.type, response.add("headers", texts(r.headers), r.headers.empty())
                                .add("templates", texts(r.templates), r.templates.empty()));
    }
    if (!a.gateway_responses.empty()) out.add("gateway_responses", responses);
    return out;
  }

  Value route(const Route& r) {
    Value out, integration;
    if (const auto* mock = std::get_if<MockIntegration>(&r.integration)) {
      integration.add("type", text("mock")).add("status", number(mock->status), mock->status == 200);
      integration.add("headers", texts(mock->headers), mock->headers.empty())
          .add("body", text(mock->body), mock->body.empty());
    } else {
      const auto& proxy = std::get<HttpProxyIntegration>(r.integration);
      integration.add("type", text("http_proxy"));
      if (!proxy.uri.empty()) integration.add("uri", text(proxy.uri));
      if (!proxy.upstream.empty()) integration.add("upstream", text(proxy.upstream));
      if (!proxy.path.empty()) integration.add("path", text(proxy.path));
      if (proxy.timeout_ms != 0) integration.add("timeout", duration(proxy.timeout_ms));
    }
    out.add("authorizer", text(r.authorizer)).add("integration", integration);
    if (r.body_bytes != 0) out.add("limits", map().add("body_bytes", size(r.body_bytes)));
    return out;
  }

  std::mt19937* random_;
};

class Writer {
 public:
  explicit Writer(std::mt19937* random) : random_(random) {}

  std::string document(Value value) {
    block(value, 0);
    return out_;
  }

 private:
  bool chance() { return random_ != nullptr && std::uniform_int_distribution<int>(0, 1)(*random_) == 1; }

  // Which entries are written, and in which order. Names keep theirs: the order of the file is kept.
  std::vector<const Entry*> chosen(const Value& value) {
    std::vector<const Entry*> out;
    for (const Entry& entry : value.entries)
      if (random_ == nullptr ? !(entry.value.kind == Value::Kind::Text && entry.value.text.empty() && entry.is_default)
                             : !entry.is_default || (chance() && !entry.value.text.empty()))
        out.push_back(&entry);
    return out;
  }

  void block(const Value& value, std::size_t indent) {
    const auto entries = chosen(value);
    if (entries.empty()) {
      out_ += indent == 0 ? "{}\n" : " {}\n";
      return;
    }
    if (indent != 0) out_ += '\n';
    for (const Entry* entry : entries) {
      if (chance() && chance()) out_ += "# " + entry->key + ": not this\n";
      out_.append(indent, ' ');
      scalar(entry->key, true, false);
      out_ += ':';
      inside(entry->value, indent);
    }
  }
  // What stands behind `key:` or `-`.
  void inside(const Value& value, std::size_t indent) {
    if (value.kind == Value::Kind::Map && chance()) return block(value, indent + 1 + (chance() ? 1 : 0));
    if (value.kind == Value::Kind::List && !value.items.empty() && chance()) {
      out_ += '\n';
      for (const Value& item : value.items) {
        out_.append(indent + 2, ' ');
        out_ += "- ";
        flow(item, false);
        out_ += '\n';
      }
      return;
    }
    out_ += ' ';
    flow(value, false);
    if (chance()) out_ += "  # end";
    out_ += '\n';
  }
  void flow(const Value& value, bool nested) {
    switch (value.kind) {
      case Value::Kind::Raw:
        out_ += value.text;
        return;
      case Value::Kind::Text:
        return scalar(value.text, false, nested);
      case Value::Kind::List:
        out_ += '[';
        for (std::size_t i = 0; i < value.items.size(); ++i) {
          if (i != 0) out_ += ", ";
          flow(value.items[i], true);
        }
        out_ += ']';
        return;
      case Value::Kind::Map: {
        out_ += '{';
        bool first = true;
        for (const Entry* entry : chosen(value)) {
          if (!first) out_ += ", ";
          first = false;
          scalar(entry->key, true, true);
          out_ += ": ";
          flow(entry->value, true);
        }
        out_ += '}';
        return;
      }
    }
  }

  // `key`: keys are not resolved, so nothing in them is escaped for that.
  void scalar(std::string text, bool key, bool nested) {
    if (!key) {
      for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 3) {
        const bool needed = text.compare(at, 6, "${env:") == 0 || text.compare(at, 7, "${file:") == 0 ||
                            (at > 0 && text[at - 1] == '$');
        if (needed || chance()) {
          text.insert(at, 1, '$');
        } else {
          --at;
        }
      }
    }
    const bool word = !text.empty() &&
                      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") ==
                          std::string::npos &&
                      text.find_first_of("aehgiklmopqrstuxz") == 0 && text != "true" && text != "null";
    const bool route = key && !nested && text.find(' ') != std::string::npos;
    if ((word || route) && chance()) {
      out_ += text;
      return;
    }
    const bool single = std::all_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
    if (single && chance()) {
      out_ += '\'';
      for (const char c : text) out_ += c == '\'' ? "''" : std::string(1, c);
      out_ += '\'';
      return;
    }
    out_ += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        out_ += std::string("\\") + c;
      } else if (c == '\n') {
        out_ += "\\n";
      } else if (c == '\t') {
        out_ += "\\t";
      } else if (c == 0x7F) {
        out_ += "\\x7F";
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  std::mt19937* random_;
  std::string out_;
};

}  // namespace

std::string emit(const Config& config, std::mt19937* random) {
  return Writer(random).document(Tree(random).config(config));
}

}  // namespace gatehouse::config
