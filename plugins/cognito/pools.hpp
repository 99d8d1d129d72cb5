#pragma once
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/jose/token_gate.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "settings.hpp"

namespace gatehouse::cognito {

/// The pools that a stage's requests may come from, each with its keys: one gate for each resolution of the stage
/// variables, made when it is first asked for. Thread-safe.
class Pools {
 public:
  Pools(const Settings& settings, const Host& host, jose::TokenGate::Check check);
  /// Fetches the keys of all pools that need no stage variables.
  void start();
  void stop();
  /// Null, and `fault` says why, when a stage variable is missing or the ARN that comes of it is none (CG-34). The gate
  /// lives as long as this.
  jose::TokenGate* find(const Request& request, std::string& fault);

 private:
  std::unique_ptr<jose::TokenGate> make(const std::vector<std::string>& arns, std::string& fault);
  std::shared_ptr<jose::KeySource> keys_of(const std::string& arn, const Endpoint& endpoint);

  const Settings& settings_;
  const Host& host_;
  const jose::KeyCounters counters_;
  const jose::TokenGate::Check check_;
  std::unique_ptr<jose::TokenGate> only_;  // when no ARN has stage variables
  std::mutex mutex_;                       // of what follows
  bool stopped_ = false;
  std::map<std::string, std::shared_ptr<jose::KeySource>> keys_;      // by ARN
  std::map<std::string, std::unique_ptr<jose::TokenGate>> by_stage_;  // by the resolved ARNs
};

}  // namespace gatehouse::cognito
