#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "client/url.hpp"

namespace gatehouse::client {

/// The hosts that somebody may ask: a name or an address (`idp.example.com`, `10.0.0.7`, `::1`), or every name below
/// one
/// (`*.example.com`; not `example.com` itself). Immutable. [any]
class HostGrants {
 public:
  /// None is granted.
  HostGrants() = default;
  /// The error quotes the pattern that is none.
  static Result<HostGrants> make(const std::vector<std::string>& patterns);
  /// All are: what a configuration means, never what somebody wrote as a pattern.
  static Result<HostGrants> every() {
    HostGrants out;
    out.every_ = true;
    return out;
  }
  bool allow(const Url& url) const noexcept;

 private:
  bool every_ = false;
  std::vector<std::string> hosts_;     // as Url::host
  std::vector<std::string> suffixes_;  // with their dot: `.example.com`
};

}  // namespace gatehouse::client
