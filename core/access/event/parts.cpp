#include "access/event/parts.hpp"

#include <array>

#include "base/clf_time.hpp"

namespace gatehouse::access::event {
namespace {

std::string_view name_of(const Field& field, NameCase name_case) noexcept {
  return name_case == NameCase::Lower ? field.key : field.name();
}

void write_or_null(JsonText& json, std::string_view key, std::string_view value) {
  json.key(key);
  if (value.data() == nullptr)
    json.null();
  else
    json.string(value);
}

// What Gatehouse does not know yet is null, as AWS has it for callers that are not signed.
void write_rest_identity(JsonText& json, const Facts& facts) {
  json.key("identity");
  json.open_object();
  for (const std::string_view key : {"cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller"})
    write_or_null(json, key, {});
  json.member("sourceIp", facts.source_ip_text);
  for (const std::string_view key :
       {"principalOrgId", "accessKey", "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn"})
    write_or_null(json, key, {});
  write_or_null(json, "userAgent", user_agent(facts));
  write_or_null(json, "user", {});
  write_client_certificate(json, facts);
  json.close_object();
}

void write_rest_context(JsonText& json, const Facts& facts, std::string_view resource_id) {
  json.key("requestContext");
  json.open_object();
  json.member("resourceId", resource_id);
  json.member("resourcePath", facts.resource_path);
  json.member("httpMethod", http::name(facts.request->method));
  json.member("extendedRequestId", facts.extended_request_id);
  write_time(json, facts, "requestTime", "requestTimeEpoch");
  json.member("path", without_extra_slash(facts.target->path));
  json.member("accountId", facts.account_id);
  json.member("protocol", protocol(facts));
  json.member("stage", facts.stage);
  json.member("domainPrefix", domain_prefix(facts));
  json.member("requestId", facts.request_id);
  write_rest_identity(json, facts);
  json.member("domainName", facts.domain);
  json.member("deploymentId", facts.deployment_id);
  json.member("apiId", facts.api_id);
  json.close_object();
}

}  // namespace

void write_last(JsonText& json, std::span<const Field> fields, NameCase name_case) {
  json.open_object();
  for (const Field& field : fields) {
    if (!field.first) continue;
    json.name(name_of(field, name_case));
    json.string(fields[field.last].value);
  }
  json.close_object();
}

void write_all(JsonText& json, std::span<const Field> fields, NameCase name_case) {
  json.open_object();
  for (const Field& field : fields) {
    if (!field.first) continue;
    json.name(name_of(field, name_case));
    json.open_array();
    json.string(field.value);
    for (std::uint32_t i = field.next; i != Field::kNone; i = fields[i].next) json.string(fields[i].value);
    json.close_array();
  }
  json.close_object();
}

void write_joined(JsonText& json, std::span<const Field> fields, NameCase name_case, std::string_view left_out) {
  json.open_object();
  for (const Field& field : fields) {
    if (!field.first || (!left_out.empty() && field.key == left_out)) continue;
    json.name(name_of(field, name_case));
    json.open_string();
    json.inside(field.value);
    for (std::uint32_t i = field.next; i != Field::kNone; i = fields[i].next) {
      json.inside(",");
      json.inside(fields[i].value);
    }
    json.close_string();
  }
  json.close_object();
}

void write_named(JsonText& json, std::span<const NamedValue> values) {
  json.open_object();
  for (const NamedValue& each : values) {
    json.name(each.name);
    json.string(each.value);
  }
  json.close_object();
}

void write_client_certificate(JsonText& json, const Facts& facts) {
  if (facts.client_certificate == nullptr) return;
  const ClientCertificate& certificate = *facts.client_certificate;
  json.key("clientCert");
  json.open_object();
  json.member("clientCertPem", certificate.pem);
  json.member("subjectDN", certificate.subject_dn);
  json.member("issuerDN", certificate.issuer_dn);
  json.member("serialNumber", certificate.serial_number);
  json.key("validity");
  json.open_object();
  json.member("notBefore", certificate.not_before);
  json.member("notAfter", certificate.not_after);
  json.close_object();
  json.close_object();
}

void write_time(JsonText& json, const Facts& facts, std::string_view text_key, std::string_view epoch_key) {
  std::array<char, 26> room;
  json.member(text_key, base::clf_time(facts.time_unix_ms / 1000, room));
  json.key(epoch_key);
  json.number(facts.time_unix_ms);
}

void write_rest_members(JsonText& json, const Facts& facts, NameCase name_case, std::string_view resource_id,
                        base::Arena& arena) {
  const auto headers = header_fields(facts.request->headers, arena);
  const auto query = query_fields(facts.target->raw_query, facts.api_type == ApiType::Rest, arena);
  json.member("resource", facts.resource_path);
  // A custom domain's base path is part of it, the default endpoint's stage is not.
  json.member("path", facts.by_domain ? without_extra_slash(facts.target->path) : facts.api_path);
  json.member("httpMethod", http::name(facts.request->method));
  json.key("headers");
  write_last(json, headers, name_case);
  json.key("multiValueHeaders");
  write_all(json, headers, name_case);
  // LA-50: empty maps are `{}`.
  json.key("queryStringParameters");
  write_last(json, query);
  json.key("multiValueQueryStringParameters");
  write_all(json, query);
  json.key("pathParameters");
  write_named(json, facts.path_parameters);
  json.key("stageVariables");
  write_named(json, facts.stage_variables);
  write_rest_context(json, facts, resource_id);
}

std::string_view protocol(const Facts& facts) noexcept {
  return facts.request->minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

std::string_view domain_prefix(const Facts& facts) noexcept {
  return facts.domain.substr(0, facts.domain.find('.'));
}

std::string_view without_extra_slash(std::string_view path) noexcept {
  return path.starts_with("//") ? path.substr(1) : path;
}

std::string_view user_agent(const Facts& facts) noexcept {
  const http::Header* const header = facts.request->headers.find(http::HeaderId::UserAgent);
  if (header == nullptr || !is_shown(*header)) return {};
  return header->value.data() != nullptr ? header->value : std::string_view("", 0);
}

}  // namespace gatehouse::access::event
