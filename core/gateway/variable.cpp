#include "gateway/variable.hpp"

#include <array>
#include <charconv>

#include "access/claim_text.hpp"
#include "base/clf_time.hpp"
#include "base/log.hpp"
#include "gateway/context.hpp"
#include "integration/mapped_value.hpp"

namespace gatehouse::gateway {

enum class Variable::Id : std::uint8_t {
  AccountId,
  ApiId,
  AuthorizeError,
  AuthorizeLatency,
  AuthorizeStatus,
  AuthorizerClaim,
  AuthorizerError,
  AuthorizerKey,
  AuthorizerLatency,
  AuthorizerPrincipalId,
  AuthorizerStatus,
  BasePathMatched,
  Caller,
  DataProcessed,
  DeploymentId,
  DomainName,
  DomainPrefix,
  Empty,  // AWS has the name; what would fill it does not apply to this request or build
  ErrorMessage,
  ErrorMessageString,
  ErrorResponseType,
  ExtendedRequestId,
  HttpMethod,
  IntegrationError,
  IntegrationLatency,
  IntegrationStatus,
  Path,
  Protocol,
  RequestId,
  RequestTime,
  RequestTimeEpoch,
  ResourceId,
  ResourcePath,
  ResponseLatency,
  ResponseLength,
  RouteKey,
  SourceIp,
  Stage,
  Status,
  UserAgent,
};

struct VariableTable {
  using Id = Variable::Id;
  struct Row {
    std::string_view name;
    Id id;
  };
  static constexpr auto kRows = std::to_array<Row>({
      {"accountId", Id::AccountId},
      {"apiId", Id::ApiId},
      {"authenticate.error", Id::Empty},
      {"authenticate.latency", Id::Empty},
      {"authenticate.status", Id::Empty},
      {"authorize.error", Id::AuthorizeError},
      {"authorize.latency", Id::AuthorizeLatency},
      {"authorize.status", Id::AuthorizeStatus},
      {"authorizer.error", Id::AuthorizerError},
      {"authorizer.integrationLatency", Id::AuthorizerLatency},
      {"authorizer.integrationStatus", Id::AuthorizerStatus},
      {"authorizer.latency", Id::AuthorizerLatency},
      {"authorizer.principalId", Id::AuthorizerPrincipalId},
      {"authorizer.requestId", Id::Empty},
      {"authorizer.status", Id::AuthorizerStatus},
      {"awsEndpointRequestId", Id::Empty},
      {"awsEndpointRequestId2", Id::Empty},
      {"cipherSuite", Id::Empty},
      {"customDomain.basePathMatched", Id::BasePathMatched},
      {"customDomain.routingRuleIdMatched", Id::Empty},
      {"dataProcessed", Id::DataProcessed},
      {"deploymentId", Id::DeploymentId},
      {"domainName", Id::DomainName},
      {"domainPrefix", Id::DomainPrefix},
      {"endpointType", Id::Empty},
      {"error.message", Id::ErrorMessage},
      {"error.messageString", Id::ErrorMessageString},
      {"error.responseType", Id::ErrorResponseType},
      {"error.validationErrorString", Id::Empty},
      {"extendedRequestId", Id::ExtendedRequestId},
      {"httpMethod", Id::HttpMethod},
      {"identity.apiKeyId", Id::Empty},
      {"identity.clientCert.issuerDN", Id::Empty},
      {"identity.clientCert.serialNumber", Id::Empty},
      {"identity.clientCert.subjectDN", Id::Empty},
      {"identity.clientCert.validity.notAfter", Id::Empty},
      {"identity.clientCert.validity.notBefore", Id::Empty},
      {"identity.sourceIp", Id::SourceIp},
      {"identity.userAgent", Id::UserAgent},
      {"identity.vpcId", Id::Empty},
      {"identity.vpceId", Id::Empty},
      {"integration.error", Id::IntegrationError},
      {"integration.integrationStatus", Id::IntegrationStatus},
      {"integration.latency", Id::IntegrationLatency},
      {"integration.requestId", Id::Empty},
      {"integration.status", Id::IntegrationStatus},
      {"integrationErrorMessage", Id::IntegrationError},
      {"integrationLatency", Id::IntegrationLatency},
      {"integrationStatus", Id::IntegrationStatus},
      {"isCanaryRequest", Id::Empty},
      {"path", Id::Path},
      {"protocol", Id::Protocol},
      {"requestId", Id::RequestId},
      {"requestTime", Id::RequestTime},
      {"requestTimeEpoch", Id::RequestTimeEpoch},
      {"resourceId", Id::ResourceId},
      {"resourcePath", Id::ResourcePath},
      {"responseLatency", Id::ResponseLatency},
      {"responseLength", Id::ResponseLength},
      {"routeKey", Id::RouteKey},
      {"stage", Id::Stage},
      {"status", Id::Status},
      {"tlsVersion", Id::Empty},
      {"waf.error", Id::Empty},
      {"waf.latency", Id::Empty},
      {"waf.status", Id::Empty},
      {"wafResponseCode", Id::Empty},
      {"webaclArn", Id::Empty},
      {"xrayTraceId", Id::Empty},
  });
};

namespace {

std::string_view decimal(const RequestContext& context, std::int64_t value) {
  char text[24];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return context.exchange->arena.copy({text, static_cast<std::size_t>(end - text)});
}

std::string_view milliseconds(const RequestContext& context, std::int64_t from_ns, std::int64_t to_ns) {
  if (from_ns == 0 || to_ns == 0) return {};
  return decimal(context, (to_ns - from_ns) / 1'000'000);
}

std::string_view clf_time(const RequestContext& context) {
  thread_local std::int64_t cached_second = -1;
  thread_local std::array<char, 26> cached;
  const std::int64_t second = context.start_unix_ms / 1000;
  if (second != cached_second) {
    base::clf_time(second, cached);
    cached_second = second;
  }
  return context.exchange->arena.copy({cached.data(), cached.size()});
}

const access::TypedValue* find(std::span<const access::TypedValue> values, std::string_view key) noexcept {
  for (const access::TypedValue& value : values)
    if (value.key == key) return &value;
  return nullptr;
}

std::string_view text(const access::TypedValue* value) noexcept {
  return value != nullptr ? value->value : std::string_view();
}

std::string_view authorizer_status(const RequestContext& context) {
  if (!context.has_decision || context.authorizer_start_ns == 0) return {};
  switch (context.decision.verdict) {
    case access::Verdict::Allowed:
      return "200";
    case access::Verdict::Unauthorized:
      return "401";
    case access::Verdict::Denied:
    case access::Verdict::NotAllowed:
      return "403";
    case access::Verdict::Failed:
      return "500";
  }
  return {};
}

}  // namespace

std::optional<Variable> Variable::parse(std::string_view name) {
  Variable out;
  for (const auto& row : VariableTable::kRows) {
    if (row.name == name) {
      out.id_ = row.id;
      return out;
    }
  }
  if (const auto caller = access::find_caller_variable(name)) {
    out.id_ = Id::Caller;
    out.caller_ = *caller;
    return out;
  }
  constexpr std::string_view kAuthorizer = "authorizer.";
  if (name.starts_with(kAuthorizer)) {
    if (const std::string_view claim = access::claim_name(name.substr(kAuthorizer.size())); !claim.empty()) {
      out.id_ = Id::AuthorizerClaim;
      out.key_ = claim;
      return out;
    }
  }
  if (name.starts_with(kAuthorizer) && integration::is_context_key(name.substr(kAuthorizer.size()))) {
    out.id_ = Id::AuthorizerKey;
    out.key_ = name.substr(kAuthorizer.size());
    return out;
  }
  return std::nullopt;
}

std::string_view Variable::value(const RequestContext& c) const {
  switch (id_) {
    case Id::AccountId:
      return c.gateway->settings.account_id;
    case Id::ApiId:
      return c.api != nullptr ? std::string_view(c.api->id) : std::string_view();
    case Id::AuthorizeError:
    case Id::AuthorizerError:
      return c.has_decision && c.decision.verdict != access::Verdict::Allowed ? c.decision.decisive.error_text
                                                                              : std::string_view();
    case Id::AuthorizeLatency:
    case Id::AuthorizerLatency:
      return milliseconds(c, c.authorizer_start_ns, c.authorizer_end_ns);
    case Id::AuthorizeStatus:
    case Id::AuthorizerStatus:
      return authorizer_status(c);
    case Id::AuthorizerClaim:
      return access::find_claim(c.api_type(), c.decision.identity.claims, key_, c.exchange->arena);
    case Id::AuthorizerKey:
      return text(find(c.decision.identity.context, key_));
    case Id::AuthorizerPrincipalId:
      return c.decision.identity.principal_id;
    case Id::Caller:
      return access::value_of(caller_, c.decision.identity.caller);
    case Id::BasePathMatched:
      return c.selection.by_domain ? c.selection.base_path : std::string_view();
    case Id::DataProcessed:
      return decimal(c, static_cast<std::int64_t>(c.exchange->bytes_received + c.exchange->body_bytes_sent));
    case Id::DeploymentId:
      return c.api != nullptr && c.api->type == access::ApiType::Rest ? std::string_view(c.api->deployment_id)
                                                                      : std::string_view();
    case Id::DomainName:
      return c.domain;
    case Id::DomainPrefix:
      return c.domain.substr(0, c.domain.find('.'));
    case Id::Empty:
      return {};
    case Id::ErrorMessage:
      return c.refusal.set ? c.refusal.message : std::string_view();
    case Id::ErrorMessageString: {
      if (!c.refusal.set) return {};
      if (c.refusal.message.data() == nullptr) return "null";
      std::string quoted;
      base::append_json_string(quoted, c.refusal.message);
      return c.exchange->arena.copy(quoted);
    }
    case Id::ErrorResponseType:
      return c.refusal.set ? name(c.refusal.type) : std::string_view();
    case Id::ExtendedRequestId:
      return c.extended_id;
    case Id::HttpMethod:
      return http::name(c.exchange->request.method);
    case Id::IntegrationError:
      return c.integration_error;
    case Id::IntegrationLatency:
      return milliseconds(c, c.integration_start_ns, c.integration_end_ns);
    case Id::IntegrationStatus:
      return c.integration_status != 0 ? decimal(c, c.integration_status) : std::string_view();
    case Id::Path:
      return c.shown_path();
    case Id::Protocol:
      return c.exchange->request.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
    case Id::RequestId:
      return c.request_id;
    case Id::RequestTime:
      return clf_time(c);
    case Id::RequestTimeEpoch:
      return decimal(c, c.start_unix_ms);
    case Id::ResourceId:
      return c.route != nullptr && c.api->type == access::ApiType::Rest ? std::string_view(c.route->resource_id)
                                                                        : std::string_view();
    case Id::ResourcePath:
      return c.route != nullptr ? std::string_view(c.route->resource_path) : std::string_view();
    case Id::ResponseLatency:
      return milliseconds(c, c.exchange->start_ns, c.end_ns);
    case Id::ResponseLength:
      return decimal(c, static_cast<std::int64_t>(c.exchange->body_bytes_sent));
    case Id::RouteKey:
      return c.route != nullptr ? std::string_view(c.route->key) : std::string_view();
    case Id::SourceIp:
      return c.source_ip_text;
    case Id::Stage:
      return c.stage != nullptr ? std::string_view(c.stage->name) : std::string_view();
    case Id::Status:
      return c.exchange->status != 0 ? decimal(c, c.exchange->status) : std::string_view();
    case Id::UserAgent:
      return c.exchange->request.headers.value(http::HeaderId::UserAgent);
  }
  return {};
}

const access::TypedValue* Variable::typed_value(const RequestContext& c) const noexcept {
  if (id_ != Id::AuthorizerKey || c.api_type() != access::ApiType::Http) return nullptr;
  return find(c.decision.identity.context, key_);
}

}  // namespace gatehouse::gateway
