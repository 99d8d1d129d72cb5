#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.hpp"
#include "base/random.hpp"
#include "client/client.hpp"
#include "gateway/access_log.hpp"
#include "gateway/context.hpp"
#include "gateway/journal.hpp"
#include "gateway/kept_body.hpp"
#include "gateway/metrics.hpp"
#include "net/loop.hpp"

namespace gatehouse::gateway {

/// The Handler of API traffic on one worker: takes each request along its path (docs/request-path.md). Holds the
/// running Gateway by a plain local count, so that a request takes no lock. [loop] unless said otherwise.
class Serve final : public http::Handler {
 public:
  struct Environment {
    net::Loop* loop = nullptr;
    client::Client* client = nullptr;
    base::Random* random = nullptr;
    base::Registry* registry = nullptr;
    AccessLogWriter* access_log = nullptr;  // null: no access log
    std::uint32_t worker = 0;
    std::size_t journal_slots = 256;
    /// Told what is no longer used here, to be destroyed off the loop. [any]
    std::function<void(std::shared_ptr<const Gateway>)> retire;
    /// `explain`: decides, but does not invoke the integration.
    bool dry_run = false;
  };
  explicit Serve(Environment environment);
  ~Serve();

  /// Requests that start from now on see this Gateway; those under way keep theirs.
  void publish(std::shared_ptr<const Gateway> gateway);
  const Gateway* current() const noexcept;
  /// What is kept of a refused request, as JSON (`explain --request`).
  std::optional<std::string> find_refused(std::string_view request_id) const;
  /// Closes the connections of requests that still use that Gateway: an old configuration must not be kept for ever by
  /// clients that read slowly.
  void expel(std::uint64_t generation) noexcept;
  /// Hands over the log lines at hand (shutdown).
  void flush_log() { log_.flush(); }
  /// About once a second: gives memory back that a flood has left.
  void trim() noexcept;

  void start(http::Exchange& exchange) override;
  void finished(http::Exchange& exchange, http::Ending ending) noexcept override;
  void refused(const http::ConnectionFacts& connection, int status, std::string_view what) noexcept override;

  /// Of a request that is under way or has just been answered (explain). Null for a foreign exchange.
  static const RequestContext* context(const http::Exchange& exchange) noexcept;

 private:
  class Request;
  struct Generation;
  void give_back(Request& request) noexcept;
  void leave(Generation& generation) noexcept;
  static void on_log_timer(void* self);
  static void on_unpinned(http::Exchange& exchange) noexcept;

  Environment env_;
  // Access decisions apart from requests for nothing that exists: a scanner must not push out what people ask about.
  Journal decisions_;
  Journal others_;
  AccessLogBuffer log_;
  net::Timer log_timer_;
  BodyKeeper keeper_;
  std::vector<std::unique_ptr<Generation>> generations_;  // the last one is current
  struct Pool;
  std::unique_ptr<Pool> pool_;
  base::Counter* refused_by_parser_ = nullptr;
};

}  // namespace gatehouse::gateway
