#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <vector>

#include "client/fetch_client.hpp"
#include "client/trust.hpp"
#include "integration/json_fetcher.hpp"
#include "net/loop.hpp"

namespace gatehouse::integration {

/// A JsonFetcher on the workers' fetch clients, which take turns: for threads that may wait.
class LoopFetcher final : public JsonFetcher {
 public:
  struct Worker {
    std::shared_ptr<net::Mailbox> mailbox;
    client::FetchClient* fetches = nullptr;  // the loop's alone; lives as long as the mailbox takes posts
  };
  struct Options {
    bool allow_http = false;
    bool allow_private = false;  // private, loopback and link-local addresses
    client::Trust::Context trust;
  };
  LoopFetcher(std::vector<Worker> workers, Options options);
  /// Ends what is under way: nobody is called back any more.
  ~LoopFetcher() override;
  bool fetch(const std::string& url, std::int64_t timeout_ms, std::size_t max_bytes,
             std::function<void(Answer)> done) override;

 private:
  /// Fetches under way, of one loop's thread.
  struct Desk {
    std::map<std::uint64_t, std::unique_ptr<client::Fetch>> under_way;
    std::uint64_t last = 0;
    bool closed = false;
  };
  struct Place {
    Worker worker;
    std::shared_ptr<Desk> desk;
  };
  const Options options_;
  std::vector<Place> places_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace gatehouse::integration
