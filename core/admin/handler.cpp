#include "admin/handler.hpp"

#include "base/text.hpp"

namespace gatehouse::admin {
namespace {

std::string json_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    base::append_json_string(out, item);
  }
  return out + "]";
}

/// False for a parameter that is none of ours, twice there or without a value: half a purge is worse than none.
bool read_purge(std::string_view query, std::string& authorizer, std::string& stage) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    const std::size_t equals = std::min(one.find('='), one.size());
    std::string* const to = one.substr(0, equals) == "authorizer" ? &authorizer
                            : one.substr(0, equals) == "stage"    ? &stage
                                                                  : nullptr;
    if (to == nullptr || !to->empty() || equals + 1 >= one.size()) return false;
    *to = one.substr(equals + 1);
  }
  return true;
}

std::string message(std::string_view text) {
  std::string out = "{\"message\":";
  base::append_json_string(out, text);
  return out + "}";
}

}  // namespace

struct Handler::Answer {
  std::uint16_t status = 200;
  std::string body;
  std::string_view content_type = "application/json";
};

struct Handler::Kept {
  Answer answer;
  http::MemoryBody source;
};

Handler::Answer Handler::answer(const http::Exchange& exchange) {
  const http::RequestHead& request = exchange.request;
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  const std::string_view query = request.target.substr(std::min(path.size() + 1, request.target.size()));
  const bool get = request.method == http::Method::Get || request.method == http::Method::Head;
  const auto wrong_method = [](std::string_view allowed) {
    return Answer{405, message("use " + std::string(allowed))};
  };
  if (path == "/reload") {
    if (request.method != http::Method::Post) return wrong_method("POST");
    const ReloadResult result = control_.reload();
    return {static_cast<std::uint16_t>(result.done ? 200 : 422),
            std::string("{\"reloaded\":") + (result.done ? "true" : "false") +
                ",\"generation\":" + std::to_string(result.generation) + ",\"errors\":" + json_list(result.errors) +
                ",\"warnings\":" + json_list(result.warnings) + "}"};
  }
  if (path == "/purge") {
    if (request.method != http::Method::Post) return wrong_method("POST");
    std::string authorizer, stage;
    if (!read_purge(query, authorizer, stage))
      return {400, message("name what to purge: /purge?authorizer=NAME&stage=API/STAGE, or nothing for all")};
    const PurgeResult result = control_.purge(authorizer, stage);
    if (!result.done) return {404, message(result.error)};
    return {200, "{\"purged\":" + std::to_string(result.answers) + "}"};
  }
  if (path == "/status") return get ? Answer{200, control_.status_json()} : wrong_method("GET");
  if (path == "/ready") {
    if (!get) return wrong_method("GET");
    const bool ready = control_.ready();
    return {static_cast<std::uint16_t>(ready ? 200 : 503), ready ? "{\"ready\":true}" : "{\"ready\":false}"};
  }
  if (path == "/metrics")
    return get ? Answer{200, control_.metrics_text(), "text/plain; version=0.0.4"} : wrong_method("GET");
  if (path == "/explain") {
    if (!get) return wrong_method("GET");
    constexpr std::string_view kKey = "request=";
    if (!query.starts_with(kKey)) return {400, message("name the request: /explain?request=ID")};
    auto found = control_.find_refused(query.substr(kKey.size()));
    if (found) return {200, std::move(*found)};
    return {404, message("no refused request of that id is kept: only the last refused ones of each worker are")};
  }
  return {404, message("not here: /reload /purge /status /ready /metrics /explain")};
}

void Handler::start(http::Exchange& exchange) {
  auto* const kept = new Kept{answer(exchange), http::MemoryBody()};  // finished() frees it
  exchange.handler_data = kept;
  kept->source.assign(kept->answer.body);
  http::ResponseHead head;
  head.status = kept->answer.status;
  head.headers.add("Content-Type", kept->answer.content_type);
  head.headers.add("Cache-Control", "no-store");
  exchange.respond(head, &kept->source);
}

void Handler::finished(http::Exchange& exchange, http::Ending) noexcept {
  delete static_cast<Kept*>(exchange.handler_data);
  exchange.handler_data = nullptr;
}

}  // namespace gatehouse::admin
