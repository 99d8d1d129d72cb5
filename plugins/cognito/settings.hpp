#pragma once
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/jose/host_doors.hpp>
#include <gatehouse/kit/jose/token_gate.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace gatehouse::cognito {

namespace jose = kit::jose;

/// Where the tokens and keys of a pool come from.
struct Endpoint {
  std::string issuer;  // as tokens spell it
  std::string jwks_uri;
  std::shared_ptr<const jose::KeySet> fixed;  // of `jwks_file`
  bool insecure = false;                      // plain HTTP, private addresses, published keys
};

struct Settings {
  std::vector<std::string> pools;             // ARNs, with stage variables as they are written
  std::map<std::string, Endpoint> endpoints;  // by ARN: what differs from what the ARN says (CG-50)
  std::vector<std::string> client_ids;        // empty: any client of the pools (CG-01)
  std::shared_ptr<const re2::RE2> audience;   // null: any (CG-28)
  jose::TokenGate::Rules gate;
  std::int64_t max_stale_ms = 0;
};

/// Throws ConfigError with what is wrong and what to do.
Settings read_settings(const Config& config);

/// Of a resolved ARN: what is configured for it, else what the ARN says (CG-03, CG-51). Nothing, and `fault` says why,
/// when it is neither.
std::optional<Endpoint> endpoint_of(const Settings& settings, const std::string& arn, std::string& fault);

}  // namespace gatehouse::cognito
