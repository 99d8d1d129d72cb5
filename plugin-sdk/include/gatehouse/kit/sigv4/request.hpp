#pragma once
#include <gatehouse/abi.h>

#include <string_view>

namespace gatehouse::kit::sigv4 {

/// What of a request a signature is about, as it came. Views: for the call.
struct Request {
  std::string_view method;
  std::string_view wire_path;  // without the query
  std::string_view path;       // the one that is routed (gh_request.path)
  std::string_view raw_query;  // without `?`
  std::string_view authority;  // host and port that the request is for; empty: what the Host header says
  std::string_view region;     // of the gateway
  gh_kvs headers{nullptr, 0};  // names in lower case, wire order, repeats kept (GH_NEED_HEADERS)
};

}  // namespace gatehouse::kit::sigv4
