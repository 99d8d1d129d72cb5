#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "config/config.hpp"
#include "http/headers.hpp"
#include "http/request.hpp"

namespace gatehouse::gateway {

/// The CORS rules of one HTTP API (AT-70 to AT-75). Immutable.
class Cors {
 public:
  explicit Cors(const config::Cors& settings);

  /// True for a preflight (AT-70): OPTIONS with Origin and Access-Control-Request-Method.
  static bool is_preflight(const http::RequestHead& request) noexcept;
  /// The origin to name in the answer: `*`, or the request's own when it is allowed; empty: not allowed.
  std::string_view allowed_origin(std::string_view origin) const noexcept;
  /// Adds the headers of a preflight's answer (none for an origin that is not allowed).
  void add_preflight(const http::RequestHead& request, http::Headers& headers) const;
  /// Adds the headers of an actual answer, when the request has an Origin; drops those that a backend sent (AT-71).
  void add_actual(const http::RequestHead& request, http::Headers& headers) const;

 private:
  struct Origin {
    std::string scheme;  // of `https://*`; empty: exact
    std::string text;    // lower case
  };
  std::vector<Origin> origins_;
  bool any_ = false;
  bool credentials_ = false;
  std::string methods_, headers_, expose_, max_age_;
};

}  // namespace gatehouse::gateway
