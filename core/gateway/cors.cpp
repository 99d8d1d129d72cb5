#include "gateway/cors.hpp"

#include "base/text.hpp"

namespace gatehouse::gateway {
namespace {

std::string join(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return out;
}

bool is_cors_response_header(std::string_view name) {
  constexpr std::string_view kPrefix = "access-control-";
  return name.size() > kPrefix.size() && base::equal_ignoring_case(name.substr(0, kPrefix.size()), kPrefix);
}

}  // namespace

Cors::Cors(const config::Cors& settings)
    : credentials_(settings.allow_credentials),
      methods_(join(settings.allow_methods)),
      headers_(join(settings.allow_headers)),
      expose_(join(settings.expose_headers)) {
  if (settings.max_age_seconds) max_age_ = std::to_string(*settings.max_age_seconds);
  for (const std::string& origin : settings.allow_origins) {
    if (origin == "*")
      any_ = true;
    else if (origin == "https://*" || origin == "http://*")
      origins_.push_back({origin.substr(0, origin.size() - 1), {}});
    else
      origins_.push_back({{}, base::lower(origin)});
  }
}

bool Cors::is_preflight(const http::RequestHead& request) noexcept {
  return request.method == http::Method::Options && request.headers.find(http::HeaderId::Origin) != nullptr &&
         request.headers.find(http::HeaderId::AccessControlRequestMethod) != nullptr;
}

std::string_view Cors::allowed_origin(std::string_view origin) const noexcept {
  if (any_) return "*";
  for (const Origin& allowed : origins_) {
    if (!allowed.scheme.empty()) {
      if (origin.size() > allowed.scheme.size() &&
          base::equal_ignoring_case(origin.substr(0, allowed.scheme.size()), allowed.scheme))
        return origin;
    } else if (base::equal_ignoring_case(origin, allowed.text)) {
      return origin;
    }
  }
  return {};
}

void Cors::add_preflight(const http::RequestHead& request, http::Headers& headers) const {
  const std::string_view origin = allowed_origin(request.headers.value(http::HeaderId::Origin));
  if (!any_) headers.add("vary", "Origin");
  if (origin.empty()) return;
  headers.add("access-control-allow-origin", origin);
  if (!methods_.empty()) headers.add("access-control-allow-methods", methods_);
  if (!headers_.empty()) headers.add("access-control-allow-headers", headers_);
  if (!expose_.empty()) headers.add("access-control-expose-headers", expose_);
  if (!max_age_.empty()) headers.add("access-control-max-age", max_age_);
  if (credentials_) headers.add("access-control-allow-credentials", "true");
}

void Cors::add_actual(const http::RequestHead& request, http::Headers& headers) const {
  http::Headers kept;
  for (const http::Header& header : headers)
    if (!is_cors_response_header(header.name)) kept.add(header);
  headers = kept;
  if (request.headers.find(http::HeaderId::Origin) == nullptr) return;
  const std::string_view origin = allowed_origin(request.headers.value(http::HeaderId::Origin));
  if (!any_) headers.add("vary", "Origin");
  if (origin.empty()) return;
  headers.add("access-control-allow-origin", origin);
  if (!expose_.empty()) headers.add("access-control-expose-headers", expose_);
  if (credentials_) headers.add("access-control-allow-credentials", "true");
}

}  // namespace gatehouse::gateway
