#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "conformance/request.hpp"

namespace gatehouse::conformance {

/// What the servers say that a checked plugin asks over gatehouse.http/1. Nobody is asked in truth.
class Script {
 public:
  struct Reply {
    std::string method;       // empty: any
    std::string url;          // one that ends with `*`: every one that begins so
    std::int32_t status = 0;  // HTTP's, or a GH_E_
    Pairs headers;
    std::string body;
  };
  /// JSON: a list of {method?, url, status, headers?, body?} or {method?, url, error}. A body that is no text is sent
  /// as the JSON that it is. Empty: no replies.
  static Result<Script> parse(std::string_view json);
  /// The first that fits; null when none does.
  const Reply* find(std::string_view method, std::string_view url) const noexcept;

 private:
  std::vector<Reply> replies_;
};

/// `dns`, `connect`: a failure of HTTP in the words of the script. Empty for other statuses.
std::string_view error_name(std::int32_t status) noexcept;

}  // namespace gatehouse::conformance
