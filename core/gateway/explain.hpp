#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/gateway.hpp"
#include "net/loop.hpp"

namespace gatehouse::gateway {

/// A request that is not sent.
struct ExplainRequest {
  std::string method, target;  // `GET`, `/pets/7?x=1`
  std::string from = "127.0.0.1";
  std::string host;  // empty: the API's first host, or localhost
  std::vector<std::pair<std::string, std::string>> headers;
};

struct Explanation {
  bool allowed = false;
  bool answered = false;  // by the gateway itself, with no decision needed: a CORS preflight
  int status = 0;         // what the client would get; 0 when the integration would answer
  std::string text;       // for people: a line a step
  std::string to_change;  // what would turn it round; empty: not known
  std::string json;       // for programs
};

/// Takes the request along the same path as a real one, with the same parser, and stops before the integration. Turns
/// `loop` until the decision is there (authorizers may be asynchronous). The error is of the request itself (bad
/// method, bad header, ...). [loop]
Result<Explanation> explain(std::shared_ptr<const Gateway> gateway, net::Loop& loop, const ExplainRequest& request);

}  // namespace gatehouse::gateway
