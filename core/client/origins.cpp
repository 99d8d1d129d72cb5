#include "client/origins.hpp"

#include <algorithm>

namespace gatehouse::client {
namespace {

constexpr std::int64_t kTidyMs = 30'000;
constexpr std::int64_t kConnectMs = 5'000;
// Shorter than most servers' own, so that few connections die under a request that may not be sent twice.
constexpr std::int64_t kIdleMs = 15'000;
constexpr std::uint32_t kMaxIdle = 16;

}  // namespace

Origins::Origins(net::Loop& loop, Client& client)
    : loop_(loop), client_(client), tidy_([](void* self) { static_cast<Origins*>(self)->forget_unused(); }, this) {}

Result<Origins::Origin*> Origins::take(const Url& url, const std::shared_ptr<const net::TlsClientContext>& tls,
                                       AddressRule rule) {
  const Key key(url.endpoint(), url.https, url.https ? tls.get() : nullptr, rule);
  auto found = all_.find(key);
  if (found == all_.end()) {
    if (all_.size() >= kMax && !make_room()) return fail(Code::Limit, "too many hosts are asked at once");
    UpstreamSettings settings;
    settings.name = "fetch " + url.authority();
    settings.targets = {url.endpoint()};
    if (url.https) settings.tls = TlsSettings{};
    settings.connect_timeout_ms = kConnectMs;
    settings.idle_timeout_ms = kIdleMs;
    settings.max_idle = kMaxIdle;
    settings.retries = 0;
    settings.eject_after = 0;
    settings.addresses = rule;
    // Pools are found by name and settings: those of another trust are others.
    if (url.https) settings.name += " by " + std::to_string(reinterpret_cast<std::uintptr_t>(tls.get()));
    auto made = Upstream::make(std::move(settings), url.https ? tls : nullptr);
    if (!made) return tl::unexpected<Error>(std::move(made.error()));
    found = all_.emplace(key, Origin{std::move(*made), 0, 0}).first;
    if (!tidy_.armed()) loop_.timers().arm(tidy_, kTidyMs);
  }
  ++found->second.users;
  return &found->second;
}

void Origins::give_back(Origin& origin) noexcept {
  --origin.users;
  origin.used_ms = loop_.timers().now_ms();
}

bool Origins::make_room() {
  auto oldest = all_.end();
  for (auto at = all_.begin(); at != all_.end(); ++at)
    if (at->second.users == 0 && (oldest == all_.end() || at->second.used_ms < oldest->second.used_ms)) oldest = at;
  if (oldest == all_.end()) return false;
  all_.erase(oldest);
  tell_client();
  return true;
}

void Origins::forget_unused() {
  const std::int64_t now_ms = loop_.timers().now_ms();
  const std::size_t gone = std::erase_if(
      all_, [&](const auto& one) { return one.second.users == 0 && now_ms - one.second.used_ms >= kUnusedMs; });
  if (gone != 0) tell_client();
  if (!all_.empty()) loop_.timers().arm(tidy_, kTidyMs);
}

void Origins::tell_client() {
  std::vector<std::shared_ptr<const Upstream>> kept;
  kept.reserve(all_.size());
  for (const auto& [key, origin] : all_) kept.push_back(origin.upstream);
  client_.retain(kept);
}

}  // namespace gatehouse::client
