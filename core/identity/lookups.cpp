#include "identity/lookups.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "identity/caller_cache.hpp"
#include "identity/session.hpp"

namespace gatehouse::identity {
namespace {

constexpr std::int64_t kUnknownFor = 1'000'000'000;  // ns
constexpr std::size_t kMostUses = 100'000;           // noted and not yet written
constexpr std::int64_t kNoteEvery = 60;              // seconds, of one key

}  // namespace

/// One read of the store that requests wait for.
struct Lookups::Load {
  struct Wait {
    std::shared_ptr<Waiter> waiter;
    std::string date, region, service;
  };
  std::string key, access_key_id;
  std::optional<std::string> token;
  std::uint64_t asked = 0;    // [loop] the version that was known when it began
  std::vector<Wait> waiting;  // [loop]
  // Written by the thread that reads, before it comes back:
  std::uint64_t version = 0;
  std::optional<Credentials> found;
};

struct Lookups::PerWorker {
  PerWorker(const Settings& settings, std::uint32_t worker) : cache(settings.entries, settings.unknown) {
    if (settings.registry == nullptr) return;
    const auto counter = [&](const char* result) {
      return &settings.registry->counter(worker, "gatehouse_identity_lookups_total",
                                         "access keys looked up, by where they were found", {{"result", result}});
    };
    cached = counter("cached");
    read = counter("read");
    refused = counter("refused");
  }
  CallerCache cache;
  std::unordered_map<std::string, std::shared_ptr<Load>> loads;
  std::size_t waiting = 0;
  std::string key;  // scratch
  base::Counter* cached = nullptr;
  base::Counter* read = nullptr;
  base::Counter* refused = nullptr;  // no room, or no store

  static void count(base::Counter* counter) noexcept {
    if (counter != nullptr) counter->add();
  }
};

Lookups::Lookups(std::shared_ptr<Directory> directory, Settings settings, Doors doors, const base::Clock& clock)
    : directory_(std::move(directory)), settings_(settings), doors_(std::move(doors)), clock_(clock) {
  base::SystemRandom random;
  dummy_secret_ = new_secret(random);
  for (std::uint32_t i = 0; i < settings_.workers; ++i) workers_.push_back(std::make_unique<PerWorker>(settings_, i));
}

std::shared_ptr<Lookups> Lookups::start(std::shared_ptr<Directory> directory, Settings settings, Doors doors,
                                        const base::Clock& clock) {
  std::shared_ptr<Lookups> out(new Lookups(std::move(directory), settings, std::move(doors), clock));
  out->poll();
  out->watcher_ = std::thread([self = out.get()] { self->watch(); });
  return out;
}

Lookups::~Lookups() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (watcher_.joinable()) watcher_.join();
  note_uses();
}

void Lookups::watch() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, std::chrono::milliseconds(settings_.poll_ms), [&] { return stopping_; })) return;
    }
    poll();
    const std::int64_t now = clock_.monotonic_ns();
    if (now - noted_ns_ < settings_.note_ms * 1'000'000) continue;
    noted_ns_ = now;
    note_uses();
  }
}

void Lookups::poll() {
  // From before the question: what is vouched for is what was true then.
  const std::int64_t asked = clock_.monotonic_ns();
  const Outcome<std::uint64_t> version = directory_->store().version();
  const std::lock_guard lock(mutex_);
  if (!version) {
    if (!std::exchange(lost_, true))
      base::log(base::Level::Error, "the store of identities cannot be asked: nobody is known once what is kept is old",
                {{"store", std::string(directory_->store().name())}, {"why", version.error().message}});
    return;
  }
  if (std::exchange(lost_, false))
    base::log(base::Level::Warn, "the store of identities answers again",
              {{"store", std::string(directory_->store().name())}});
  version_.store(*version, std::memory_order_release);
  vouched_until_ns_.store(asked + settings_.max_stale_ms * 1'000'000, std::memory_order_release);
}

void Lookups::refresh() {
  poll();
  note_uses();
}

void Lookups::note_uses() {
  std::unordered_map<std::string, LastUsed> uses;
  {
    const std::lock_guard lock(uses_mutex_);
    uses.swap(uses_);
  }
  if (uses.empty()) return;
  std::vector<Store::Use> all;
  all.reserve(uses.size());
  for (auto& [id, last] : uses) all.push_back({id, std::move(last)});
  if (const auto noted = directory_->store().note_used(all); !noted)
    base::log(base::Level::Warn, "when access keys were last used could not be written down",
              {{"keys", std::to_string(all.size())}, {"why", noted.error().message}});
}

void Lookups::used(const access::KnownCaller& caller, std::string_view service, std::string_view region) {
  if (caller.issued != 0) return;  // temporary credentials have no row
  const std::int64_t now = clock_.unix_ms() / 1000;
  std::int64_t before = caller.noted.load(std::memory_order_relaxed);
  if (now - before < kNoteEvery || !caller.noted.compare_exchange_strong(before, now, std::memory_order_relaxed))
    return;
  const std::lock_guard lock(uses_mutex_);
  if (uses_.size() < kMostUses) uses_[caller.access_key_id] = {now, std::string(service), std::string(region)};
}

Lookups::Answer Lookups::find(std::uint32_t worker, const Query& query, Found& out,
                              const std::function<std::shared_ptr<Waiter>()>& waiter) {
  PerWorker& mine = *workers_[worker];
  out = {};
  const std::int64_t now_ns = clock_.monotonic_ns();
  if (now_ns >= vouched_until_ns_.load(std::memory_order_acquire)) {
    PerWorker::count(mine.refused);
    return Answer::Lost;
  }
  CallerCache::key_of(query.access_key_id, query.token, mine.key);
  CallerCache::Entry* const entry = mine.cache.find(mine.key, version_.load(std::memory_order_acquire), now_ns);
  if (entry != nullptr) {
    PerWorker::count(mine.cached);
    out.status = entry->credentials.status;
    if (out.status == KeyStatus::Ok && entry->expires != 0 && clock_.unix_ms() / 1000 >= entry->expires)
      out.status = KeyStatus::Expired;
    const bool good = out.status == KeyStatus::Ok;
    const SigningKey* const key =
        CallerCache::derive(*entry, good ? entry->credentials.secret.reveal() : dummy_secret_.reveal(), query.date,
                            query.region, query.service);
    if (key == nullptr) return Answer::Lost;
    out.signing_key = *key;
    if (good) out.caller = entry->credentials.caller;
    return Answer::Now;
  }
  if (mine.waiting >= settings_.waiting || !load(worker, query, waiter)) {
    PerWorker::count(mine.refused);
    return Answer::Full;
  }
  return Answer::Later;
}

bool Lookups::load(std::uint32_t worker, const Query& query, const std::function<std::shared_ptr<Waiter>()>& waiter) {
  PerWorker& mine = *workers_[worker];
  const auto wait = [&](Load& on) {
    on.waiting.push_back({waiter(), std::string(query.date), std::string(query.region), std::string(query.service)});
    ++mine.waiting;
  };
  const std::uint64_t version = version_.load(std::memory_order_acquire);
  // One that began before the last write may have read what was there before.
  if (const auto under_way = mine.loads.find(mine.key);
      under_way != mine.loads.end() && under_way->second->asked == version) {
    wait(*under_way->second);
    return true;
  }
  auto fresh = std::make_shared<Load>();
  fresh->key = mine.key;
  fresh->asked = version;
  fresh->access_key_id = query.access_key_id;
  if (query.token) fresh->token = *query.token;
  const auto task = [self = shared_from_this(), worker, fresh] {
    fresh->version = self->version_.load(std::memory_order_acquire);
    auto found = self->directory_->find(fresh->access_key_id, fresh->token, self->clock_.unix_ms() / 1000);
    if (found)
      fresh->found = std::move(*found);
    else
      base::log(base::Level::Warn, "an access key could not be looked up", {{"why", found.error().message}});
    // Gone with its loop: nobody waits there any more.
    static_cast<void>(self->doors_.post(worker, [self, worker, fresh] { self->loaded(worker, fresh); }));
  };
  if (!doors_.run(task)) return false;
  mine.loads.insert_or_assign(fresh->key, fresh);
  wait(*fresh);
  PerWorker::count(mine.read);
  return true;
}

void Lookups::loaded(std::uint32_t worker, const std::shared_ptr<Load>& done) noexcept try {
  PerWorker& mine = *workers_[worker];
  if (const auto at = mine.loads.find(done->key); at != mine.loads.end() && at->second == done) mine.loads.erase(at);
  mine.waiting -= std::min(mine.waiting, done->waiting.size());
  CallerCache::Entry* entry = nullptr;
  if (done->found) {
    CallerCache::Entry fresh;
    fresh.key = done->key;
    fresh.credentials = std::move(*done->found);
    fresh.version = done->version;
    fresh.until_ns = clock_.monotonic_ns() + kUnknownFor;
    if (fresh.credentials.caller != nullptr) fresh.expires = fresh.credentials.caller->expires;
    entry = &mine.cache.keep(std::move(fresh));
  }
  // All are made before anybody is told: who is told may ask for the next one, which may push this entry out.
  std::vector<std::optional<Found>> founds(done->waiting.size());
  for (std::size_t i = 0; entry != nullptr && i < founds.size(); ++i) {
    const Load::Wait& one = done->waiting[i];
    const bool good = entry->credentials.status == KeyStatus::Ok;
    const SigningKey* const key = CallerCache::derive(
        *entry, good ? entry->credentials.secret.reveal() : dummy_secret_.reveal(), one.date, one.region, one.service);
    if (key == nullptr) continue;
    founds[i].emplace();
    founds[i]->status = entry->credentials.status;
    founds[i]->signing_key = *key;
    if (good) founds[i]->caller = entry->credentials.caller;
  }
  for (std::size_t i = 0; i < founds.size(); ++i) done->waiting[i].waiter->found(founds[i] ? &*founds[i] : nullptr);
} catch (...) {
  // Out of memory: who still waits is answered by his deadline.
}

}  // namespace gatehouse::identity
