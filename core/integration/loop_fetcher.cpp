#include "integration/loop_fetcher.hpp"

#include <utility>

namespace gatehouse::integration {
namespace {

JsonFetcher::Answer answer_of(client::FetchResult result) {
  JsonFetcher::Answer out;
  if (result.error != client::FetchError::None) {
    out.failure = std::string(client::name(result.error)) + ": " + result.detail;
    return out;
  }
  out.status = result.status;
  out.body = std::move(result.body);
  for (const auto& [name, value] : result.headers)
    if (name == "cache-control") out.cache_control.append(value).append(1, ',');
  return out;
}

}  // namespace

LoopFetcher::LoopFetcher(std::vector<Worker> workers, Options options) : options_(std::move(options)) {
  for (Worker& worker : workers) places_.push_back({std::move(worker), std::make_shared<Desk>()});
}

LoopFetcher::~LoopFetcher() {
  for (Place& place : places_) {
    const auto close = [desk = place.desk] {
      desk->closed = true;
      desk->under_way.clear();
    };
    // A loop that takes no posts has no thread of its own any more.
    if (!place.worker.mailbox->post(close)) close();
  }
}

bool LoopFetcher::fetch(const std::string& url, std::int64_t timeout_ms, std::size_t max_bytes,
                        std::function<void(Answer)> done) {
  auto parsed = client::Url::parse(url);
  auto grants = client::HostGrants::every();
  if (!parsed || !grants || places_.empty()) return false;
  client::FetchRequest request;
  request.url = std::move(*parsed);
  request.headers = {{"accept", "application/json"}};
  request.trust = options_.trust;
  request.grants = std::make_shared<const client::HostGrants>(std::move(*grants));
  request.timeout_ms = timeout_ms;
  request.max_body_bytes = max_bytes;
  request.allow_http = options_.allow_http;
  request.allow_private = options_.allow_private;

  const Place& place = places_[next_.fetch_add(1, std::memory_order_relaxed) % places_.size()];
  return place.worker.mailbox->post(
      [desk = place.desk, fetches = place.worker.fetches, request = std::move(request), done = std::move(done)] {
        if (desk->closed) return;
        const std::uint64_t id = ++desk->last;
        auto fetch = fetches->start(request, [weak = std::weak_ptr<Desk>(desk), id, done](client::FetchResult result) {
          const auto tell = done;  // outlives the fetch that holds this closure
          if (const auto desk_now = weak.lock()) desk_now->under_way.erase(id);
          tell(answer_of(std::move(result)));
        });
        desk->under_way.emplace(id, std::move(fetch));
      });
}

}  // namespace gatehouse::integration
