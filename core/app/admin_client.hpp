#pragma once
#include <string>

#include "base/error.hpp"

namespace gatehouse::app {

struct AdminReply {
  int status = 0;
  std::string body;
};

/// One request to a running gateway's admin socket. Blocks, 60 s at most. The error says which socket and what to do.
Result<AdminReply> admin_call(const std::string& socket, const std::string& method, const std::string& target);

}  // namespace gatehouse::app
