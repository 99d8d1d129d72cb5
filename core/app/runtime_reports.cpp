// What the admin socket asks the running gateway for, beside a reload.
#include <algorithm>
#include <set>

#include "app/runtime.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace gatehouse::app {

// What an old configuration keeps is still used by the requests that began with it.
admin::PurgeResult Runtime::purge(const std::string& authorizer, const std::string& stage) {
  const std::lock_guard guard(lock_);
  admin::PurgeResult out;
  if (!gateway_) return out.error = "not serving: starting or draining", out;
  const auto& names = gateway_->authorizer_names;
  if (!authorizer.empty() && std::find(names.begin(), names.end(), authorizer) == names.end())
    return out.error = "there is no authorizer `" + authorizer + "`", out;
  const std::size_t slash = stage.rfind('/');
  std::string api_id, stage_name;
  if (!stage.empty()) {
    if (slash == std::string::npos) return out.error = "name a stage as API/STAGE", out;
    stage_name = stage.substr(slash + 1);
    for (const auto& one : gateway_->stages)
      if (one->api->name == stage.substr(0, slash) && one->name == stage_name) api_id = one->api->id;
    if (api_id.empty()) return out.error = "there is no stage `" + stage + "`", out;
  }
  std::set<access::CachingAuthorizer*> seen;  // generations share what did not change
  for (const auto& weak : generations_) {
    const auto generation = weak.lock();
    if (!generation) continue;
    for (const gateway::ResultCaching& caching : generation->result_caches) {
      access::CachingAuthorizer& one = *caching.authorizer;
      if ((!authorizer.empty() && one.name() != authorizer) || !seen.insert(&one).second) continue;
      out.answers += stage.empty() ? one.purge() : one.purge(api_id, stage_name);
    }
  }
  out.done = true;
  base::log(base::Level::Info, "purged kept results",
            {{"authorizer", authorizer.empty() ? "all" : authorizer},
             {"stage", stage.empty() ? "all" : stage},
             {"answers", std::to_string(out.answers)}});
  return out;
}

std::string Runtime::metrics_text() {
  {
    const std::lock_guard guard(lock_);
    std::map<std::string, access::ResultCache::Size> sizes;
    for (const std::string& name : cached_) sizes[name] = {};
    if (gateway_)
      for (const gateway::ResultCaching& caching : gateway_->result_caches)
        sizes[std::string(caching.authorizer->name())] = caching.authorizer->size();
    for (const auto& [name, size] : sizes) {
      cached_.insert(name);
      const auto set = [this, &name = name](const char* metric, const char* help, std::uint64_t value) {
        base::Counter& gauge = registry_.counter(0, metric, help, {{"authorizer", name}}, base::Registry::Kind::Gauge);
        gauge.add(value - gauge.value());
      };
      set("gatehouse_result_cache_entries", "Answers of authorizers that are kept.", size.entries);
      set("gatehouse_result_cache_bytes", "Memory of the answers that are kept.", size.bytes);
    }
    if (plugins_) {
      base::Counter& gauge = registry_.counter(0, "gatehouse_plugin_libraries_left",
                                               "Libraries of former authorizers that are mapped all the same.", {},
                                               base::Registry::Kind::Gauge);
      gauge.add(plugins_->leftovers() - gauge.value());
    }
  }
  return registry_.text();
}

std::optional<std::string> Runtime::find_refused(std::string_view request_id) {
  std::mutex lock;
  std::optional<std::string> found;
  on_workers([&](Worker& worker) {
    auto here = worker.serve().find_refused(request_id);
    const std::lock_guard guard(lock);
    if (here) found = std::move(here);
  });
  return found;
}

std::string Runtime::status_json() {
  const std::lock_guard guard(lock_);
  std::string out =
      std::string("{\"version\":\"") + GATEHOUSE_VERSION + "\",\"ready\":" + (ready_ ? "true" : "false") +
      ",\"uptime_seconds\":" + std::to_string((base::system_clock().unix_ms() - started_unix_ms_) / 1000) +
      ",\"configuration\":";
  base::append_json_string(out, config_file_);
  out += ",\"generation\":" + std::to_string(gateway_ ? gateway_->generation : 0) +
         ",\"generations_alive\":" + std::to_string(living_generations()) +
         ",\"workers\":" + std::to_string(worker_count_) +
         ",\"connections\":" + std::to_string(limits_.connections.load()) +
         ",\"access_log_lines_dropped\":" + std::to_string(access_log_ ? access_log_->dropped_lines() : 0) +
         ",\"listeners\":{";
  bool first = true;
  for (const auto& [name, address] : listeners_.addresses()) {
    if (!first) out += ',';
    first = false;
    base::append_json_string(out, name);
    out += ':';
    base::append_json_string(out, address);
  }
  out += "},\"apis\":[";
  first = true;
  if (gateway_) {
    for (const auto& api : gateway_->apis) {
      if (!first) out += ',';
      first = false;
      out += "{\"name\":";
      base::append_json_string(out, api->name);
      out += std::string(",\"type\":\"") + (api->type == access::ApiType::Rest ? "rest" : "http") +
             "\",\"routes\":" + std::to_string(api->routes.size()) + "}";
    }
  }
  out += "],\"authorizers\":[";
  first = true;
  if (gateway_) {
    for (const std::string& name : gateway_->authorizer_names) {
      if (!first) out += ',';
      first = false;
      base::append_json_string(out, name);
    }
  }
  return out + "]}";
}

}  // namespace gatehouse::app
