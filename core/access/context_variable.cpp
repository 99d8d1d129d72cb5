#include "access/context_variable.hpp"

#include <array>

namespace gatehouse::access {
namespace {

struct Row {
  std::string_view name;
  ContextVariable variable;
  bool rest = true, http = true;
};
constexpr auto kRows = std::to_array<Row>({
    {"accountId", ContextVariable::AccountId},
    {"apiId", ContextVariable::ApiId},
    {"domainName", ContextVariable::DomainName},
    {"domainPrefix", ContextVariable::DomainPrefix},
    {"httpMethod", ContextVariable::HttpMethod},
    {"identity.sourceIp", ContextVariable::SourceIp},
    {"identity.userAgent", ContextVariable::UserAgent},
    {"path", ContextVariable::Path},
    {"protocol", ContextVariable::Protocol},
    {"requestId", ContextVariable::RequestId},
    {"resourcePath", ContextVariable::ResourcePath, true, false},
    {"routeKey", ContextVariable::RouteKey, false, true},
    {"stage", ContextVariable::Stage},
});

bool has(const Row& row, ApiType type) noexcept {
  switch (type) {
    case ApiType::Rest:
      return row.rest;
    case ApiType::Http:
      return row.http;
    case ApiType::Websocket:
      break;  // not built: nobody has said what its $connect knows
  }
  return false;
}

}  // namespace

std::optional<ContextVariable> find_context_variable(ApiType type, std::string_view name) noexcept {
  for (const Row& row : kRows)
    if (row.name == name && has(row, type)) return row.variable;
  return std::nullopt;
}

std::string context_variable_names(ApiType type) {
  std::string out;
  for (const Row& row : kRows)
    if (has(row, type)) out += (out.empty() ? "`" : ", `") + std::string(row.name) + "`";
  return out;
}

std::string_view value_of(ContextVariable variable, const Facts& facts) noexcept {
  switch (variable) {
    case ContextVariable::AccountId:
      return facts.account_id;
    case ContextVariable::ApiId:
      return facts.api_id;
    case ContextVariable::DomainName:
      return facts.domain;
    case ContextVariable::DomainPrefix:
      return facts.domain.substr(0, facts.domain.find('.'));
    case ContextVariable::HttpMethod:
      return http::name(facts.request->method);
    case ContextVariable::Path:
      return facts.target->path;
    case ContextVariable::Protocol:
      return facts.request->minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
    case ContextVariable::RequestId:
      return facts.request_id;
    case ContextVariable::ResourcePath:
      return facts.resource_path;
    case ContextVariable::RouteKey:
      return facts.route_key;
    case ContextVariable::SourceIp:
      return facts.source_ip_text;
    case ContextVariable::Stage:
      return facts.stage;
    case ContextVariable::UserAgent:
      // One that Connection names is absent, as it is to everybody else.
      for (const http::Header& header : facts.request->headers)
        if (header.id == http::HeaderId::UserAgent && !header.listed_in_connection) return header.value;
      return {};
  }
  return {};
}

}  // namespace gatehouse::access
