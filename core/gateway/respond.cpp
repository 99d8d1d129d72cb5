#include "gateway/respond.hpp"

#include "base/text.hpp"
#include "integration/service.hpp"

namespace gatehouse::gateway {
namespace {

void add_request_ids(const RequestContext& context, http::Headers& headers) {
  if (context.api != nullptr && context.api->type == access::ApiType::Http) {
    headers.add("apigw-requestid", context.extended_id);
    return;
  }
  headers.add("x-amzn-RequestId", context.request_id);
  headers.add("x-amz-apigw-id", context.extended_id);
}

// The template for the request's first Accept type, else JSON's, else the first (AT-63).
const std::pair<std::string, Template>* choose(const CustomResponse& custom, const http::Headers& request) {
  if (custom.templates.empty()) return nullptr;
  std::string_view accept = request.value(http::HeaderId::Accept);
  accept = base::trim(accept.substr(0, accept.find_first_of(",;")));
  for (const std::string_view wanted : {accept, std::string_view("application/json")})
    for (const auto& candidate : custom.templates)
      if (base::equal_ignoring_case(candidate.first, wanted)) return &candidate;
  return &custom.templates.front();
}

// Error texts name the path that the client sent.
Template::Escape escape_of(std::string_view content_type) {
  const std::string type = base::lower(content_type);
  if (type.find("json") != std::string::npos) return Template::Escape::Json;
  const bool markup = type.find("html") != std::string::npos || type.find("xml") != std::string::npos;
  return markup ? Template::Escape::Markup : Template::Escape::None;
}

std::string default_body(const Refusal& refusal) {
  std::string body = "{\"" + std::string(refusal.member) + "\":";
  if (refusal.message.data() == nullptr)
    body += "null";
  else
    base::append_json_string(body, refusal.message);
  body += '}';
  return body;
}

}  // namespace

namespace {

/// A refusal on a route to a service of the gateway's own, in its words.
void respond_in_words_of(const integration::Service& service, RequestContext& context, http::MemoryBody& memory) {
  base::Arena& arena = context.exchange->arena;
  const Refusal& refusal = context.refusal;
  const integration::ServiceResponse said =
      service.refused({refusal.status, refusal.error_type, refusal.message, context.request_id});
  http::ResponseHead head;
  head.status = static_cast<std::uint16_t>(said.status);
  add_request_ids(context, head.headers);
  for (const auto& [name, value] : said.headers)
    if (head.headers.find(name) == nullptr) head.headers.add(arena.copy(name), arena.copy(value));
  head.headers.add("Content-Type", arena.copy(said.content_type));
  if (context.api->cors) context.api->cors->add_actual(context.exchange->request, head.headers);
  memory.assign(arena.copy(said.body));
  context.exchange->respond(head, &memory);
}

}  // namespace

void respond_refused(RequestContext& context, http::MemoryBody& memory) {
  if (context.route != nullptr && context.route->integration != nullptr && context.refusal.plain.empty())
    if (const integration::Service* const service = context.route->integration->service(); service != nullptr)
      return respond_in_words_of(*service, context, memory);
  base::Arena& arena = context.exchange->arena;
  const Refusal& refusal = context.refusal;
  const http::Headers& request = context.exchange->request.headers;
  const CustomResponse* const custom =
      refusal.customisable && context.api != nullptr ? context.api->responses.find(refusal.type) : nullptr;

  // A customised header replaces the built-in one of that name.
  const auto add = [&](http::ResponseHead& to, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (custom != nullptr)
      for (const auto& [own, text] : custom->headers)
        if (base::equal_ignoring_case(own, name)) return;
    to.headers.add(name, value);
  };
  http::ResponseHead head;
  head.status = custom != nullptr && custom->status ? *custom->status : refusal.status;
  add_request_ids(context, head.headers);
  if (context.api_type() == access::ApiType::Rest || context.api == nullptr)
    add(head, "x-amzn-ErrorType", refusal.error_type);
  add(head, "www-authenticate", refusal.challenge);

  std::string body;
  std::string_view content_type = "application/json";
  if (!refusal.plain.empty()) {
    body = refusal.plain;
    content_type = "text/plain";
  } else if (const auto* chosen = custom != nullptr ? choose(*custom, request) : nullptr) {
    chosen->second.append(body, context, escape_of(chosen->first));
    content_type = chosen->first;
  } else {
    body = default_body(refusal);
  }
  if (custom != nullptr) {
    for (const auto& [name, value] : custom->headers) {
      std::string text;
      value.append(text, context, Template::Escape::Header);
      if (base::equal_ignoring_case(name, "content-type"))
        content_type = arena.copy(text);
      else
        head.headers.add(name, arena.copy(text));
    }
  }
  head.headers.add("Content-Type", content_type);
  if (context.api != nullptr && context.api->cors)
    context.api->cors->add_actual(context.exchange->request, head.headers);
  memory.assign(arena.copy(body));
  context.exchange->respond(head, &memory);
}

void respond_integration(RequestContext& context, http::ResponseHead& head, http::BodySource* body) {
  add_request_ids(context, head.headers);
  if (context.api->type == access::ApiType::Rest && head.headers.find(http::HeaderId::ContentType) == nullptr)
    head.headers.add("Content-Type", "application/json");  // AT-92
  if (context.api->cors) context.api->cors->add_actual(context.exchange->request, head.headers);
  context.exchange->respond(head, body);
}

void respond_preflight(RequestContext& context) {
  http::ResponseHead head;
  head.status = 204;
  add_request_ids(context, head.headers);
  context.api->cors->add_preflight(context.exchange->request, head.headers);
  context.exchange->respond(head, nullptr);
}

}  // namespace gatehouse::gateway
