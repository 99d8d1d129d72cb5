#include "gatehouse/kit/jose/key_source.hpp"

#include <algorithm>

#include "gatehouse/kit/jose/discovery.hpp"

namespace gatehouse::kit::jose {
namespace {

constexpr std::size_t kMostLines = 8;  // of keys that are of no use

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
    end(doors_.now_ms(), after);
    after.cancel = std::exchange(timer_, 0);
    ++timer_number_;
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
        if (!fetching_) begin(now, after);
        waiters_.push_back({std::string(kid), std::move(then)});
        known = false;
      }
    } else {
      found.refusal = failure_ == Refusal::None ? Refusal::UnknownKey : failure_;
    }
  }
  if (known && found.refusal == Refusal::UnknownKey) counts_.unknown_keys.fetch_add(1, std::memory_order_relaxed);
  perform(after);
  if (known) then(found);
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
  if (unknown_.size() >= rules_.unknown_entries)
    for (auto at = unknown_.begin(); at != unknown_.end();) at = now < at->second ? std::next(at) : unknown_.erase(at);
  if (unknown_.size() < rules_.unknown_entries) unknown_[kid] = now + rules_.unknown_ms;
}

void KeySource::begin(std::int64_t now, After& after) {
  fetching_ = true;
  asked_ = true;
  asked_at_ = now;
  // An issuer that has moved its keys is found again: the document is read anew when it is old, and after a failure.
  after.discover = !rules_.discovery.empty() &&
                   (jwks_uri_.empty() || failure_ != Refusal::None || now - discovered_at_ >= rules_.max_age_ms);
  after.url = after.discover ? rules_.discovery : jwks_uri_;
  after.cancel = std::exchange(timer_, 0);
  ++timer_number_;
}

void KeySource::schedule(std::int64_t at, std::int64_t now, After& after) {
  after.cancel = std::exchange(timer_, 0);
  after.timer_ms = std::max<std::int64_t>(at - now, 1);
  after.timer_number = ++timer_number_;
}

/// A fetch has ended, as failure_ says: everybody who waits is told.
void KeySource::end(std::int64_t now, After& after) {
  fetching_ = false;
  for (Waiter& waiter : waiters_) {
    Found found = look(waiter.kid, now);
    if (found.key == nullptr) {
      found.refusal = failure_ == Refusal::None ? Refusal::UnknownKey : failure_;
      if (found.refusal == Refusal::UnknownKey) {
        counts_.unknown_keys.fetch_add(1, std::memory_order_relaxed);
        remember_unknown(waiter.kid, now);
      }
    }
    after.tell.emplace_back(std::move(found), std::move(waiter.then));
  }
  waiters_.clear();
}

void KeySource::perform(After& after) {
  if (!after.warning.empty()) log(true, after.warning);
  if (after.cancel != 0) doors_.cancel(after.cancel);
  if (after.timer_ms != 0) {
    const std::uint64_t number = after.timer_number;
    const std::uint64_t timer = doors_.after(after.timer_ms, [weak = weak_from_this(), number] {
      if (const auto self = weak.lock()) self->on_timer(number);
    });
    const std::lock_guard lock(mutex_);
    if (timer_number_ == number) timer_ = timer;
  }
  for (auto& [found, then] : after.tell) {
    try {
      then(found);
    } catch (...) {  // his own fault, and his own call that fails: the others wait as well
    }
  }
  if (!after.url.empty()) get(after.url, after.discover);
}

void KeySource::get(const std::string& url, bool discover) {
  counts_.fetches.fetch_add(1, std::memory_order_relaxed);
  const bool begun = doors_.fetch(url, rules_.timeout_ms, rules_.max_bytes,
                                  [weak = weak_from_this(), discover](const Response& response) {
                                    const auto self = weak.lock();
                                    if (self == nullptr) return;
                                    try {
                                      discover ? self->on_discovery(response) : self->on_keys(response);
                                    } catch (const std::exception& x) {
                                      self->fail(Refusal::KeysDown, x.what());
                                    }
                                  });
  if (!begun) fail(discover ? Refusal::DiscoveryDown : Refusal::KeysDown, "the gateway refuses to fetch " + url);
}

void KeySource::on_timer(std::uint64_t number) {
  After after;
  {
    const std::lock_guard lock(mutex_);
    if (number != timer_number_ || stopped_ || fetching_) return;
    timer_ = 0;
    const std::int64_t now = doors_.now_ms();
    if (now < refresh_at_)
      schedule(refresh_at_, now, after);
    else
      begin(now, after);
  }
  perform(after);
}

void KeySource::on_discovery(const Response& response) {
  std::string fault = fault_of(response, "OpenID configuration");
  std::optional<Discovery> document;
  if (fault.empty()) document = parse_discovery(response.body, fault, rules_.max_bytes);
  if (!document) return fail(Refusal::DiscoveryDown, fault);
  // Its own words are not repeated: nobody knows what they are.
  if (document->issuer != rules_.issuer)
    return fail(Refusal::Issuer,
                "`issuer` of the OpenID configuration is not `" + rules_.issuer + "`, letter by letter");
  {
    const std::lock_guard lock(mutex_);
    if (!fetching_) return;
    jwks_uri_ = document->jwks_uri;
    discovered_at_ = doors_.now_ms();
  }
  get(document->jwks_uri, false);
}

void KeySource::on_keys(const Response& response) {
  std::string fault = fault_of(response, "keys");
  KeySetReport report;
  std::shared_ptr<const KeySet> set;
  if (fault.empty()) {
    set = KeySet::parse(response.body, report, rules_.max_bytes);
    fault = report.fault;
  }
  for (std::size_t i = 0; i < std::min(report.ignored.size(), kMostLines); ++i)
    log(true, "keys of " + rules_.issuer + ": " + report.ignored[i]);
  if (report.ignored.size() > kMostLines)
    log(true, "keys of " + rules_.issuer + ": and " + std::to_string(report.ignored.size() - kMostLines) + " more");
  if (set != nullptr && rules_.refuses) fault = rules_.refuses(*set);
  if (set == nullptr || !fault.empty()) return fail(Refusal::KeysDown, fault);
  succeed(std::move(set), response.max_age_s);
}

void KeySource::succeed(std::shared_ptr<const KeySet> set, std::int64_t max_age_s) {
  After after;
  bool others = false;
  {
    const std::lock_guard lock(mutex_);
    if (!fetching_ || stopped_) return;
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
    life = std::max(life, rules_.min_age_ms);
    usable_until_ = now + life + rules_.max_stale_ms;
    // At 80 %, a tenth sooner or later: gateways that were started together do not ask together (JW-52).
    refresh_at_ = now + static_cast<std::int64_t>(static_cast<double>(life) * (0.72 + 0.16 * doors_.random()));
    schedule(refresh_at_, now, after);
    end(now, after);
  }
  if (others) log(false, "keys of " + rules_.issuer + ": fetched");
  perform(after);
}

void KeySource::fail(Refusal refusal, const std::string& why) {
  counts_.failures.fetch_add(1, std::memory_order_relaxed);
  After after;
  {
    const std::lock_guard lock(mutex_);
    if (!fetching_ || stopped_) return;
    const std::int64_t now = doors_.now_ms();
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
  perform(after);
}

void KeySource::log(bool warning, const std::string& text) const {
  if (doors_.log) doors_.log(warning, text);
}

}  // namespace gatehouse::kit::jose
