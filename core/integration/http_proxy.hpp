#pragma once
#include <memory>
#include <string>
#include <vector>

#include "integration/integration.hpp"
#include "integration/path_template.hpp"
#include "integration/request_parameters.hpp"

namespace gatehouse::integration {

struct HttpProxySettings {
  std::shared_ptr<const client::Upstream> upstream;
  /// Path template: `/v1/orders/{id}`, `{proxy}` of a greedy parameter, `${stageVariables.x}`; empty: the request's
  /// api_path as it is. The request's query is appended always.
  std::string path;
  bool preserve_host = false;
  access::ApiType api_type = access::ApiType::Http;  // header rules of AT-93, AT-94 (REST) or AT-2B (HTTP)
  std::string api_id;
  RequestParameters parameters = {};
  // What of a signature that was verified here goes on: integration/signing_parts.hpp.
  bool forward_security_token = false;
  bool strip_signing_headers = false;
};

/// Forwards to an upstream. Header rules: integration/headers.hpp; hop-by-hop names and those that Connection lists
/// never pass, in either direction.
class HttpProxy final : public Integration {
 public:
  /// Checks the template: every {name} must be one of `parameters` (the route's); an error names the one that is not.
  static Result<std::unique_ptr<HttpProxy>> make(HttpProxySettings settings,
                                                 const std::vector<std::string>& parameters);
  std::string_view kind() const noexcept override { return "http_proxy"; }
  std::string_view name() const noexcept override;
  void invoke(Invocation& invocation) const override;

 private:
  HttpProxy(HttpProxySettings settings, PathTemplate path);
  HttpProxySettings settings_;
  PathTemplate path_;
};

}  // namespace gatehouse::integration
