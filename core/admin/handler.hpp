#pragma once
#include <string>

#include "admin/control.hpp"
#include "http/exchange.hpp"

namespace gatehouse::admin {

/// The Handler of the admin socket:
///
///   POST /reload              200 {"reloaded":true,...}, or 422 with the faults
///   POST /purge?authorizer=NAME&stage=API/STAGE
///                             200 {"purged":12}; 404 for a name that is not configured; either may be left out
///   GET  /status              200, JSON
///   GET  /ready               200 or 503, JSON
///   GET  /metrics             200, Prometheus text
///   GET  /explain?request=ID  200, JSON; 404 when that request is not kept
///
/// Whoever can open the socket may do all of it: the socket's file mode (0600) is the access control. [loop] of a
/// thread of its own, so that a reload blocks no traffic.
class Handler final : public http::Handler {
 public:
  explicit Handler(Control& control) : control_(control) {}
  void start(http::Exchange& exchange) override;
  void finished(http::Exchange& exchange, http::Ending ending) noexcept override;

 private:
  struct Answer;
  struct Kept;
  Answer answer(const http::Exchange& exchange);
  Control& control_;
};

}  // namespace gatehouse::admin
