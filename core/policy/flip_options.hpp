#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "policy/combine.hpp"
#include "policy/witness.hpp"

namespace gatehouse::policy {

/// Documents that have a say together. Of guardrails a level.
struct Layered {
  Layer layer = Layer::None;
  std::span<const Policy* const> policies;
};

// What an element of a statement may be changed to so that it matches: the likeliest first, at most some. Whether it
// does is for the caller to see, but for keys.

std::vector<std::string> actions_to_try(const Statement& statement);
/// ARNs: what the request's has, wherever it matches already.
std::vector<std::string> resources_to_try(const Statement& statement, const Question& question);
/// Values with which all conditions of the statement on this key hold; behind them such as no Deny takes either.
std::vector<KeyChange> keys_to_try(const Statement& statement, const KeyName& key, std::span<const Layered> layers,
                                   const Context& context);
/// With which the condition does not hold; behind them such as no Deny takes either.
std::vector<KeyChange> keys_to_try_against(const Condition& condition, std::span<const Layered> layers,
                                           const Context& context);

}  // namespace gatehouse::policy
