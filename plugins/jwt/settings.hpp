#pragma once
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/jose/host_doors.hpp>
#include <gatehouse/kit/jose/token_gate.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::jwt {

namespace jose = kit::jose;

struct Settings {
  std::string issuer;
  std::vector<std::string> audiences;  // empty: any
  int skew_s = 0;
  std::vector<std::pair<std::string, std::string>> required_claims;
  bool commas_in_challenge = false;  // as RFC 6750 has it, not as AWS does (JW-3A)
  jose::TokenGate::Rules gate;
  jose::KeySourceRules keys;
  jose::FetchRules fetch;
  std::shared_ptr<const jose::KeySet> fixed;  // of `jwks_file`
};

/// Throws ConfigError with what is wrong and what to do.
Settings read_settings(const Config& config);

}  // namespace gatehouse::jwt
