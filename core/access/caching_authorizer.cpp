#include "access/caching_authorizer.hpp"

#include <array>
#include <cassert>
#include <new>
#include <utility>

#include "access/result_key.hpp"
#include "base/random.hpp"

namespace gatehouse::access {
namespace {

// A worker's own table: what is larger stays in the shared cache, so that a table holds 4 MiB at most.
constexpr std::size_t kSets = 256;
constexpr std::size_t kWays = 4;
constexpr std::size_t kMostBytes = 4096;

// The timer that ends a call counts in whole milliseconds.
constexpr std::int64_t kTimerSlackNs = 2'000'000;

bool is_kept(AnswerKind kind) noexcept {
  return kind == AnswerKind::Allow || kind == AnswerKind::Deny;
}

}  // namespace

/// One request that missed: its question's data. Other threads only hold a pointer to it.
struct CachingAuthorizer::Call final : ResultCache::Caller {
  enum class Role : std::uint8_t { Waits, Leads, Alone };
  std::shared_ptr<Call> self;  // while the question is open
  std::uint32_t worker = 0;
  Role role = Role::Alone;
  Question* question = nullptr;  // null: nobody waits any more
  const Facts* facts = nullptr;
  std::int64_t deadline_ns = 0;
  Relay* relay = nullptr;
  std::shared_ptr<ResultCache::Flight> flight;
};

struct CachingAuthorizer::PerWorker {
  std::array<std::array<std::shared_ptr<const KeptAnswer>, kWays>, kSets> table;
  base::Counter uncounted[3];
  base::Counter* hits = &uncounted[0];
  base::Counter* misses = &uncounted[1];
  base::Counter* shared = &uncounted[2];

  const KeptAnswer* find(std::uint64_t hash, std::string_view key, std::int64_t now_ns,
                         std::int64_t now_unix_ms) noexcept {
    auto& set = table[hash % kSets];
    for (std::size_t i = 0; i < kWays; ++i) {
      if (set[i] == nullptr || !set[i]->is(hash, key)) continue;
      if (!set[i]->good(now_ns, now_unix_ms)) {
        set[i].reset();
        return nullptr;
      }
      if (i == 0) return set[0].get();
      std::swap(set[i], set[i - 1]);
      return set[i - 1].get();
    }
    return nullptr;
  }
  void put(const std::shared_ptr<const KeptAnswer>& kept) noexcept {
    if (kept->bytes() > kMostBytes) return;
    auto& set = table[kept->hash() % kSets];
    for (std::size_t i = kWays - 1; i > 0; --i) set[i] = std::move(set[i - 1]);
    set[0] = kept;
  }
};

/// The question that the authorizer behind sees. In the arena of the request that asks; heard until that is answered or
/// cancelled.
class CachingAuthorizer::Relay final : public Question {
 public:
  Relay(CachingAuthorizer& owner, Question& outer, Call& call) noexcept : owner_(owner), outer_(outer), call_(&call) {}
  void answered(const Answer& answer) override {
    if (Call* const call = std::exchange(call_, nullptr)) owner_.answered(*call, answer);
  }
  base::Arena& arena() noexcept override { return outer_.arena(); }
  void pin() noexcept override { outer_.pin(); }
  void unpin() noexcept override { outer_.unpin(); }
  void close() noexcept { call_ = nullptr; }

 private:
  CachingAuthorizer& owner_;
  Question& outer_;
  Call* call_;
};

CachingAuthorizer::CachingAuthorizer(std::shared_ptr<Authorizer> inner, Settings settings)
    : inner_(std::move(inner)), settings_(std::move(settings)), cache_(settings_.limits) {
  assert(inner_->category() == Category::Identity && settings_.ttl_seconds > 0);
  base::SystemRandom random;
  sip_ = {random.next_u64(), random.next_u64()};
  const base::Labels labels{{"authorizer", std::string(inner_->name())}};
  for (std::uint32_t i = 0; i < settings_.workers; ++i) {
    per_worker_.push_back(std::make_unique<PerWorker>());
    if (settings_.registry == nullptr) continue;
    PerWorker& one = *per_worker_.back();
    one.hits = &settings_.registry->counter(i, "gatehouse_result_cache_hits_total",
                                            "Answers of authorizers that were used again.", labels);
    one.misses = &settings_.registry->counter(i, "gatehouse_result_cache_misses_total",
                                              "Requests that had their authorizer called.", labels);
    one.shared = &settings_.registry->counter(i, "gatehouse_result_cache_waits_total",
                                              "Requests that waited for the call of another.", labels);
  }
}

CachingAuthorizer::~CachingAuthorizer() = default;

std::shared_ptr<CachingAuthorizer> CachingAuthorizer::make(std::shared_ptr<Authorizer> inner, Settings settings) {
  return std::shared_ptr<CachingAuthorizer>(new CachingAuthorizer(std::move(inner), std::move(settings)));
}

void CachingAuthorizer::deliver(const KeptAnswer& kept, std::string_view code, Question& question) noexcept {
  Answer answer;
  try {
    answer = copy_answer(kept.answer(), question.arena());
    answer.code = code;
  } catch (const std::bad_alloc&) {
    answer = Answer::failed("memory", "out of memory");
  }
  question.answered(answer);
}

void CachingAuthorizer::authorize(const Facts& facts, std::int64_t deadline_ns, Question& question) noexcept {
  try {
    if (ask(facts, deadline_ns, question)) return;
  } catch (const std::bad_alloc&) {
    take(question);
    return question.answered(Answer::failed("memory", "out of memory"));
  }
  inner_->authorize(facts, deadline_ns, question);
}

// False: nothing can be kept for this request.
bool CachingAuthorizer::ask(const Facts& facts, std::int64_t deadline_ns, Question& question) {
  if (facts.worker >= per_worker_.size()) return false;
  const std::string_view key = result_key(facts, question.arena());
  if (key.empty()) return false;
  PerWorker& mine = *per_worker_[facts.worker];
  const std::uint64_t hash = base::siphash(sip_, key);
  const std::int64_t now_ns = settings_.clock->monotonic_ns();
  if (const KeptAnswer* kept = mine.find(hash, key, now_ns, facts.time_unix_ms)) {
    kept->use();
    mine.hits->add();
    deliver(*kept, "cached", question);
    return true;
  }

  const auto call = std::make_shared<Call>();
  call->worker = facts.worker;
  call->question = &question;
  call->facts = &facts;
  call->deadline_ns = deadline_ns;
  call->relay = question.arena().make<Relay>(*this, question, *call);
  ResultCache::Found found = cache_.find(hash, key, now_ns, facts.time_unix_ms, call);
  if (found.kept != nullptr) {
    mine.hits->add();
    mine.put(found.kept);
    deliver(*found.kept, "cached", question);
    return true;
  }
  call->self = call;
  question.data = call.get();
  call->flight = std::move(found.flight);
  call->role = found.leads ? Call::Role::Leads : Call::Role::Waits;
  if (!found.leads && settings_.posts == nullptr) {
    cache_.leave(*call->flight, *call);
    call->flight.reset();
    call->role = Call::Role::Alone;
  }
  if (call->role == Call::Role::Waits)
    mine.shared->add();
  else
    ask_inner(*call);
  return true;
}

void CachingAuthorizer::ask_inner(Call& call) {
  per_worker_[call.worker]->misses->add();
  inner_->authorize(*call.facts, call.deadline_ns, *call.relay);
}

// The question is no longer ours.
std::shared_ptr<CachingAuthorizer::Call> CachingAuthorizer::take(Question& question) noexcept {
  Call* const call = static_cast<Call*>(std::exchange(question.data, nullptr));
  if (call == nullptr) return nullptr;
  call->question = nullptr;
  call->relay->close();
  return std::move(call->self);
}

// LA-A5, LA-A6, LA-A7. 0: not to be kept.
std::int64_t CachingAuthorizer::keep_until_ns(const Answer& answer) const noexcept {
  if (!is_kept(answer.kind) || answer.ttl_seconds == 0) return 0;
  if (answer.valid_until_unix_ms != 0 && answer.valid_until_unix_ms <= settings_.clock->unix_ms()) return 0;
  std::int64_t ttl_s = settings_.ttl_seconds;
  if (answer.ttl_seconds > 0 && answer.ttl_seconds < ttl_s) ttl_s = answer.ttl_seconds;
  return settings_.clock->monotonic_ns() + ttl_s * 1'000'000'000;
}

void CachingAuthorizer::answered(Call& asked, const Answer& answer) {
  Question& question = *asked.question;
  const std::shared_ptr<Call> call = take(question);
  if (call->flight != nullptr) end_flight(*call, answer);
  question.answered(answer);
}

// The call that others may wait for is over.
void CachingAuthorizer::end_flight(Call& call, const Answer& answer) noexcept {
  std::shared_ptr<const KeptAnswer> kept;
  try {
    if (const std::int64_t until_ns = keep_until_ns(answer); until_ns != 0)
      kept = std::make_shared<const KeptAnswer>(call.flight->hash(), call.flight->key(), answer, until_ns);
  } catch (const std::bad_alloc&) {
    // Kept is nothing: each asks for itself.
  }
  const auto waiting = cache_.land(*call.flight, kept);
  if (kept != nullptr) per_worker_[call.worker]->put(kept);
  try {
    share(waiting, answer, kept);
  } catch (const std::bad_alloc&) {
    // Who was not told fails by its own deadline.
  }
}

void CachingAuthorizer::share(const std::vector<std::shared_ptr<ResultCache::Caller>>& waiting, const Answer& answer,
                              const std::shared_ptr<const KeptAnswer>& kept) {
  if (waiting.empty()) return;
  std::shared_ptr<const KeptAnswer> for_all = kept;
  if (for_all == nullptr && !is_kept(answer.kind))
    for_all = std::make_shared<const KeptAnswer>(0, std::string_view(), answer, 0);
  for (const auto& each : waiting) {
    const auto call = std::static_pointer_cast<Call>(each);
    settings_.posts->post(call->worker, [self = shared_from_this(), call, for_all] {
      if (call->question == nullptr) return;
      if (for_all == nullptr) {
        call->role = Call::Role::Alone;
        call->flight.reset();
        return self->ask_inner(*call);
      }
      Question& question = *call->question;
      take(question);
      deliver(*for_all, "shared", question);
    });
  }
}

// The leader's client is gone. Who waits on a loop that is closed is gone, too.
void CachingAuthorizer::hand_over(const std::shared_ptr<ResultCache::Flight>& flight) {
  for (;;) {
    const auto next = std::static_pointer_cast<Call>(cache_.hand_over(*flight));
    if (next == nullptr) return;
    const bool posted = settings_.posts->post(next->worker, [self = shared_from_this(), next] {
      if (next->question == nullptr) return self->hand_over(next->flight);
      next->role = Call::Role::Leads;
      self->ask_inner(*next);
    });
    if (posted) return;
  }
}

void CachingAuthorizer::cancel(Question& question) noexcept {
  const std::shared_ptr<Call> call = take(question);
  if (call == nullptr) return inner_->cancel(question);
  if (call->role == Call::Role::Waits) return cache_.leave(*call->flight, *call);
  inner_->cancel(*call->relay);
  if (call->role == Call::Role::Alone) return;
  if (settings_.clock->monotonic_ns() + kTimerSlackNs >= call->deadline_ns)
    return end_flight(*call, Answer::failed("deadline", "no answer to the call that this request waited for"));
  try {
    hand_over(call->flight);
  } catch (const std::bad_alloc&) {
    // Who waits fails by its own deadline; the flight must not catch others.
    end_flight(*call, Answer::failed("memory", "out of memory"));
  }
}

std::size_t CachingAuthorizer::purge() {
  return cache_.purge({});
}

std::size_t CachingAuthorizer::purge(std::string_view api_id, std::string_view stage) {
  base::Arena arena;
  return cache_.purge(result_key_prefix(api_id, stage, arena));
}

}  // namespace gatehouse::access
