#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "client/client.hpp"
#include "client/fetch.hpp"
#include "client/origins.hpp"

namespace gatehouse::client {

/// Fetches of one worker: HTTP/1.1 to hosts that are named at run time, over kept-alive connections, bounded in number
/// and memory.
///
/// What is asked is not trusted to be harmless (SSRF). Each hop's host must be granted; the name is looked up once,
/// each of its addresses is judged, and only those that were judged are connected to, so that no second look-up can say
/// something else; https is verified and never falls back to http; the response is read by the strict parser and never
/// decompressed. [loop]
class FetchClient {
 public:
  static constexpr std::size_t kMaxFetches = 256;
  static constexpr std::size_t kMaxHeldBytes = 64 * 1024 * 1024;

  FetchClient(net::Loop& loop, std::shared_ptr<net::Executor::Share> resolver);
  /// With names of one's own: for tests.
  FetchClient(net::Loop& loop, std::unique_ptr<net::Resolver> resolver);
  /// Fetches that are still there go nowhere any more; nobody is told.
  ~FetchClient();
  FetchClient(const FetchClient&) = delete;
  FetchClient& operator=(const FetchClient&) = delete;

  using Done = std::function<void(FetchResult)>;
  /// `done` comes once, never from inside start(), unless the fetch is destroyed before. It may destroy the fetch.
  std::unique_ptr<Fetch> start(FetchRequest request, Done done);

  /// About once a second: gives memory back that is not needed any more.
  void trim() noexcept;
  std::size_t under_way() const noexcept { return flows_.size(); }
  const ClientMetrics& metrics() const noexcept { return client_.metrics(); }

 private:
  class Flow;
  net::Loop& loop_;
  net::BufferPool buffers_;
  Client client_;
  Origins origins_;
  std::vector<Flow*> flows_;
  std::size_t held_bytes_ = 0;  // of bodies that are not whole yet
};

}  // namespace gatehouse::client
