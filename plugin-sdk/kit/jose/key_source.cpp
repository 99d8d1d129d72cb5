#include "gatehouse/kit/jose/key_source.hpp"

#include <algorithm>

#include "gatehouse/kit/jose/discovery.hpp"

namespace gatehouse::kit::jose {
namespace {

constexpr std::size_t kMostLines = 8;   // of keys that are of no use
constexpr std::int64_t kLateMs = 5000;  // beyond the two requests' own time: a loop may have been busy

/// Why a response is not a document; empty when it is one.
std::string fault_of(const KeySource::Response& response, const char* what) {
  if (!response.failure.empty()) return std::string(what) + ": " + response.failure;
  if (response.status != 200) return std::string(what) + ": status " + std::to_string(response.status);
  return {};
}

}  // namespace

KeySource::KeySource(KeySourceRules rules, Doors doors)
    : rules_(std::move(rules)), doors_(std::move(doors)), jwks_uri_(rules_.jwks_uri) {}

KeySource::KeySource(std::shared_ptr<const KeySet> set) : fixed_(true), set_(std::move(set)) {}

void KeySource::start() {
  if (fixed_) return;
  After after;
  {
    const std::lock_guard lock(mutex_);
    if (!fetching_ && !stopped_) begin(doors_.now_ms(), after);
  }
  perform(after);
}

void KeySource::stop() {
  if (fixed_) return;
  After after;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    failure_ = Refusal::KeysDown;
    after.cancel = std::exchange(timer_, 0);
    ++timer_number_;
    end(doors_.now_ms(), after);
  }
  perform(after);
}

bool KeySource::find(std::string_view kid, Then then) {
  Found found;
  if (fixed_) {
    found.set = set_;
    found.key = set_->find(kid);
    found.generation = generation();
    found.usable_ms = std::int64_t{365} * 24 * 3600 * 1000;
    if (found.key == nullptr) found.refusal = Refusal::UnknownKey;
    then(found);
    return true;
  }
  After after;
  bool known = true;
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = doors_.now_ms();
    if (fetching_ && now >= give_up_at_) lose(asking_, "no answer came", now, after);
    found = look(kid, now);
    if (found.key != nullptr) {
      // The timer does this; where the host refused one, whoever comes does.
      if (now >= refresh_at_ && !fetching_ && !stopped_) begin(now, after);
    } else if (stopped_) {
      found.refusal = Refusal::KeysDown;
    } else if (set_ != nullptr && is_known_unknown(kid, now)) {
      found.refusal = Refusal::UnknownKey;
    } else if (fetching_ || may_ask(now)) {
      if (waiters_.size() >= rules_.waiters) {
        found.refusal = Refusal::KeysDown;
      } else {
        waiters_.push_back({std::string(kid), then, !fetching_});
        if (!fetching_) begin(now, after);
        known = false;
      }
    } else {
      found.refusal = failure_ == Refusal::None ? Refusal::UnknownKey : failure_;
    }
  }
  if (known && found.refusal == Refusal::UnknownKey) counts_.unknown_keys.fetch_add(1, std::memory_order_relaxed);
  // Told first: no request waits for a refresh to begin, and a fetch that is answered at once may take the key away.
  try {
    if (known) then(found);
  } catch (...) {
    perform(after);
    throw;
  }
  perform(after);
  return known;
}

/// Gives the keys up when they are too old, whoever notices it.
KeySource::Found KeySource::look(std::string_view kid, std::int64_t now) {
  if (set_ != nullptr && now >= usable_until_) {
    set_ = nullptr;
    generation_.fetch_add(1, std::memory_order_acq_rel);
  }
  Found out;
  out.generation = generation();
  if (set_ == nullptr) return out;
  out.set = set_;
  out.key = set_->find(kid);
  out.usable_ms = usable_until_ - now;
  // Whoever is answered from memory asks for no key, and so would keep the refresh from coming.
  if (untimed_) out.usable_ms = std::clamp<std::int64_t>(refresh_at_ - now, 0, out.usable_ms);
  return out;
}

bool KeySource::may_ask(std::int64_t now) const noexcept {
  if (!asked_) return true;
  return failure_ == Refusal::None ? now - asked_at_ >= rules_.cool_down_ms : now >= refresh_at_;
}

bool KeySource::is_known_unknown(std::string_view kid, std::int64_t now) const {
  const auto at = unknown_.find(std::string(kid));
  return at != unknown_.end() && now < at->second;
}

void KeySource::remember_unknown(const std::string& kid, std::int64_t now) {
  if (unknown_.size() < rules_.unknown_entries) unknown_[kid] = now + rules_.unknown_ms;
}

void KeySource::begin(std::int64_t now, After& after) {
  // An issuer that has moved its keys is found again: the document is read anew when it is old, and after a failure.
  after.discover = !rules_.discovery.empty() &&
                   (jwks_uri_.empty() || failure_ != Refusal::None || now - discovered_at_ >= rules_.max_age_ms);
  after.url = after.discover ? rules_.discovery : jwks_uri_;
  after.fetch = ++fetch_;
  asking_ = after.discover ? Refusal::DiscoveryDown : Refusal::KeysDown;
  fetching_ = true;
  asked_ = true;
  asked_at_ = now;
  give_up_at_ = now + 2 * rules_.timeout_ms + kLateMs;
  schedule(give_up_at_, now, after);
}

void KeySource::schedule(std::int64_t at, std::int64_t now, After& after) {
  if (timer_ != 0) after.cancel = std::exchange(timer_, 0);
  after.timer_ms = std::max<std::int64_t>(at - now, 1);
  after.timer_number = ++timer_number_;
}

/// A fetch has ended, as failure_ says: everybody who waits is told.
void KeySource::end(std::int64_t now, After& after) {
  fetching_ = false;
  after.tell.reserve(after.tell.size() + waiters_.size());
  for (Waiter& waiter : waiters_) {
    Found found = look(waiter.kid, now);
    if (found.key == nullptr) {
      found.refusal = failure_ == Refusal::None ? Refusal::UnknownKey : failure_;
      if (found.refusal == Refusal::UnknownKey) {
        counts_.unknown_keys.fetch_add(1, std::memory_order_relaxed);
        // The answer may be older than the question of who came when the fetch was under way.
        if (waiter.began) remember_unknown(waiter.kid, now);
      }
    }
    after.tell.emplace_back(std::move(found), std::move(waiter.then));
  }
  waiters_.clear();
}

void KeySource::perform(After& after) {
  if (!after.warning.empty()) {  // lose() has been
    log(true, after.warning);
    if (doors_.count) doors_.count(true);
  }
  if (after.cancel != 0) doors_.cancel(after.cancel);
  if (after.timer_ms != 0) {
    const std::uint64_t timer = start_timer(after.timer_ms, after.timer_number);
    bool too_late = false;  // somebody has scheduled anew, or stopped, in between
    {
      const std::lock_guard lock(mutex_);
      too_late = timer_number_ != after.timer_number;
      if (!too_late) timer_ = timer;
      if (!too_late) untimed_ = timer == 0;
    }
    if (too_late && timer != 0) doors_.cancel(timer);
  }
  for (auto& [found, then] : after.tell) {
    try {
      then(found);
    } catch (...) {  // his own fault, and his own call that fails: the others wait as well
    }
  }
  if (!after.url.empty()) get(after.url, after.discover, after.fetch);
}

std::uint64_t KeySource::start_timer(std::int64_t ms, std::uint64_t number) {
  try {
    return doors_.after(ms, [weak = weak_from_this(), number] {
      if (const auto self = weak.lock()) self->on_timer(number);
    });
  } catch (...) {
    return 0;
  }
}

void KeySource::get(const std::string& url, bool discover, std::uint64_t fetch) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_current(fetch)) return;  // stopped in between
  }
  counts_.fetches.fetch_add(1, std::memory_order_relaxed);
  if (doors_.count) doors_.count(false);
  const Refusal refusal = discover ? Refusal::DiscoveryDown : Refusal::KeysDown;
  const auto done = [weak = weak_from_this(), discover, refusal, fetch](const Response& response) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    try {
      discover ? self->on_discovery(response, fetch) : self->on_keys(response, fetch);
    } catch (const std::exception& x) {
      self->fail(refusal, x.what(), fetch);
    } catch (...) {
      self->fail(refusal, "unknown exception", fetch);
    }
  };
  bool begun = false;
  std::string why = "the gateway refuses to fetch " + url;
  try {
    begun = doors_.fetch(url, rules_.timeout_ms, rules_.max_bytes, done);
  } catch (const std::exception& x) {
    why += std::string(": ") + x.what();
  } catch (...) {
  }
  if (!begun) fail(refusal, why, fetch);
}

void KeySource::on_timer(std::uint64_t number) {
  After after;
  {
    const std::lock_guard lock(mutex_);
    if (number != timer_number_ || stopped_) return;
    timer_ = 0;
    const std::int64_t now = doors_.now_ms();
    const std::int64_t due = fetching_ ? give_up_at_ : refresh_at_;
    if (now < due)
      schedule(due, now, after);
    else if (fetching_)
      lose(asking_, "no answer came", now, after);
    else
      begin(now, after);
  }
  perform(after);
}

void KeySource::on_discovery(const Response& response, std::uint64_t fetch) {
  std::string fault = fault_of(response, "OpenID configuration");
  std::optional<Discovery> document;
  if (fault.empty()) document = parse_discovery(response.body, fault, rules_.max_bytes);
  if (!document) return fail(Refusal::DiscoveryDown, fault, fetch);
  // Its own words are not repeated: nobody knows what they are.
  if (document->issuer != rules_.issuer)
    return fail(Refusal::Issuer,
                "`issuer` of the OpenID configuration is not `" + rules_.issuer + "`, letter by letter", fetch);
  {
    const std::lock_guard lock(mutex_);
    if (!is_current(fetch)) return;
    asking_ = Refusal::KeysDown;
    jwks_uri_ = document->jwks_uri;
    discovered_at_ = doors_.now_ms();
  }
  get(document->jwks_uri, false, fetch);
}

void KeySource::on_keys(const Response& response, std::uint64_t fetch) {
  std::string fault = fault_of(response, "keys");
  KeySetReport report;
  std::shared_ptr<const KeySet> set;
  if (fault.empty()) {
    set = KeySet::parse(response.body, report, rules_.max_bytes);
    fault = report.fault;
  }
  log_ignored(report.ignored);
  if (set != nullptr && rules_.refuses) fault = rules_.refuses(*set);
  if (set == nullptr || !fault.empty()) return fail(Refusal::KeysDown, fault, fetch);
  succeed(std::move(set), response.max_age_s, fetch);
}

/// Once, not with each fetch: strangers' key ids cause those.
void KeySource::log_ignored(const std::vector<std::string>& ignored) {
  {
    const std::lock_guard lock(mutex_);
    if (ignored == ignored_) return;
    ignored_ = ignored;
  }
  for (std::size_t i = 0; i < std::min(ignored.size(), kMostLines); ++i)
    log(true, "keys of " + rules_.issuer + ": " + ignored[i]);
  if (ignored.size() > kMostLines)
    log(true, "keys of " + rules_.issuer + ": and " + std::to_string(ignored.size() - kMostLines) + " more");
}

void KeySource::succeed(std::shared_ptr<const KeySet> set, std::int64_t max_age_s, std::uint64_t fetch) {
  After after;
  bool others = false;
  {
    const std::lock_guard lock(mutex_);
    if (!is_current(fetch)) return;
    const std::int64_t now = doors_.now_ms();
    others = set_ == nullptr || now >= usable_until_ || !set_->same_as(*set);
    if (others) {
      set_ = std::move(set);
      generation_.fetch_add(1, std::memory_order_acq_rel);
    }
    unknown_.clear();
    failure_ = Refusal::None;
    retry_ms_ = 0;
    std::int64_t life = rules_.max_age_ms;
    if (max_age_s >= 0 && max_age_s < rules_.max_age_ms / 1000) life = max_age_s * 1000;
    life = std::min(std::max(life, rules_.min_age_ms), rules_.max_age_ms);
    usable_until_ = now + life + rules_.max_stale_ms;
    // At 80 %, a tenth sooner or later: gateways that were started together do not ask together (JW-52).
    refresh_at_ = now + static_cast<std::int64_t>(static_cast<double>(life) * (0.72 + 0.16 * doors_.random()));
    schedule(refresh_at_, now, after);
    end(now, after);
  }
  if (others) log(false, "keys of " + rules_.issuer + ": fetched");
  perform(after);
}

void KeySource::fail(Refusal refusal, const std::string& why, std::uint64_t fetch) {
  After after;
  {
    const std::lock_guard lock(mutex_);
    if (!is_current(fetch)) return;
    lose(refusal, why, doors_.now_ms(), after);
  }
  perform(after);
}

/// The fetch has failed: the keys of before stay, and it is tried again later.
void KeySource::lose(Refusal refusal, const std::string& why, std::int64_t now, After& after) {
  counts_.failures.fetch_add(1, std::memory_order_relaxed);
  failure_ = refusal;
  retry_ms_ = retry_ms_ == 0 ? rules_.first_retry_ms : std::min(retry_ms_ * 2, rules_.last_retry_ms);
  refresh_at_ = now + retry_ms_;
  schedule(refresh_at_, now, after);
  look({}, now);
  after.warning = "keys of " + rules_.issuer + ": " + why + "; next try in " + std::to_string(retry_ms_) + " ms; ";
  after.warning += set_ == nullptr
                       ? "there are none: tokens are refused"
                       : "those of before serve for " + std::to_string((usable_until_ - now) / 1000) + " s more";
  end(now, after);
}

void KeySource::log(bool warning, const std::string& text) const {
  if (!doors_.log) return;
  try {
    doors_.log(warning, text);
  } catch (...) {  // who waits for keys need not wait for a log
  }
}

}  // namespace gatehouse::kit::jose
