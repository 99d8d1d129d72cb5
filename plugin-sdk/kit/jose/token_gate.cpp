#include "gatehouse/kit/jose/token_gate.hpp"

#include <gatehouse/kit/jose/claims.hpp>

#include <algorithm>
#include <thread>
#include <utility>

namespace gatehouse::kit::jose {
namespace {

/// Whether the same token is refused a moment later as well, by the same keys, at the price of a signature.
bool is_worth_remembering(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::Signature:
    case Refusal::Issuer:
    case Refusal::Audience:
    case Refusal::Expired:
    case Refusal::Claim:
      return true;
    default:
      return false;
  }
}

}  // namespace

/// A token that is being verified: the request's own bytes may be gone when the keys come.
struct TokenGate::Pending {
  std::string text;
  std::optional<Token> token;  // views into `text`
  std::size_t issuer = 0;
  Asked asked;
  std::int64_t now_ms = 0;
  std::thread::id thread;
  Then then;
};

TokenGate::TokenGate(Rules rules, std::vector<Issuer> issuers, Check check, std::uint32_t workers)
    : rules_(std::move(rules)), issuers_(std::move(issuers)), check_(std::move(check)) {
  if (rules_.entries > 0)
    for (std::uint32_t i = 0; i < workers; ++i) shards_.push_back(std::make_unique<Shard>(rules_));
}

/// Null when the keys are others than then, and when the clock was set back: what it says of then is not known.
const Verdict* TokenGate::current(const Entry* entry, std::int64_t now_ms) const noexcept {
  if (entry == nullptr || now_ms < entry->judged_ms) return nullptr;
  return issuers_[entry->issuer].keys->generation() == entry->generation ? &entry->verdict : nullptr;
}

const Verdict* TokenGate::known(std::string_view token, std::uint32_t worker, std::int64_t now_ms,
                                Asked& asked) noexcept {
  asked.worker = worker;
  asked.hashed = false;
  if (worker >= shards_.size() || token.size() > rules_.token.max_bytes) return nullptr;
  Shard& shard = *shards_[worker];
  asked.hashed = shard.hasher.hash(token, asked.hash);
  if (!asked.hashed) return nullptr;
  // The generation is the issuer's, and which issuer it is only the entry knows.
  if (const Verdict* found = current(shard.verified.find(asked.hash, 0, now_ms), now_ms)) return found;
  return current(shard.refused.find(asked.hash, 0, now_ms), now_ms);
}

std::size_t TokenGate::issuer_of(const Token& token, Outcome& why) const {
  if (issuers_.size() == 1) return 0;
  const std::optional<Json> claims = token.claims(why);
  if (!claims) return 0;
  const Json* iss = claims->member("iss");
  if (iss != nullptr && iss->kind == Json::Kind::String)
    for (std::size_t i = 0; i < issuers_.size(); ++i)
      if (issuers_[i].name == iss->text) return i;
  why = {Refusal::Issuer, "`iss` is none of the issuers"};
  return 0;
}

void TokenGate::verify(std::string token, const Asked& asked, std::int64_t now_ms, Then then) {
  auto pending = std::make_shared<Pending>();
  pending->text = std::move(token);
  pending->asked = asked;
  pending->now_ms = now_ms;
  pending->thread = std::this_thread::get_id();
  Verdict refused;
  pending->token = Token::read(pending->text, rules_.token, refused.outcome);
  if (pending->token) pending->issuer = issuer_of(*pending->token, refused.outcome);
  if (!refused.outcome) return then(refused);
  pending->then = std::move(then);
  issuers_[pending->issuer].keys->find(pending->token->kid(),
                                       [this, pending](const KeySource::Found& found) { judge(*pending, found); });
}

void TokenGate::judge(const Pending& pending, const KeySource::Found& found) {
  Entry entry;
  entry.issuer = pending.issuer;
  entry.generation = found.generation;
  entry.judged_ms = pending.now_ms;
  Outcome& why = entry.verdict.outcome;
  std::int64_t until_ms = 0;  // how long it is remembered
  try {
    if (found.key == nullptr && found.refusal != Refusal::UnknownKey)
      why = {found.refusal, "the keys of the issuer are not to be had"};
    else
      why = pending.token->verify(found.key);
    std::optional<Json> claims;
    if (why) claims = pending.token->claims(why);
    if (claims) why = check_issuer(*claims, issuers_[pending.issuer].name);
    // A token that had to wait for keys may have expired meanwhile.
    const std::int64_t now_ms = rules_.now_ms ? std::max(rules_.now_ms(), pending.now_ms) : pending.now_ms;
    if (claims && why) entry.verdict.verified = check_(*claims, pending.issuer, now_ms, until_ms, why);
    // Who refuses without a reason refuses all the same.
    if (why && entry.verdict.verified == nullptr) why = {Refusal::Claim, "the claims were not taken"};
    if (!why) until_ms = is_worth_remembering(why.refusal) ? pending.now_ms + rules_.refused_ms : 0;
  } catch (...) {  // a fault of ours and not of the token; what was thrown may quote it
    why = {Refusal::Claim, "the claims could not be judged"};
    until_ms = 0;
  }
  if (!why) entry.verdict.verified = nullptr;
  if (why) until_ms = std::min(until_ms, pending.now_ms + found.usable_ms);
  if (why && rules_.longest_ms > 0) until_ms = std::min(until_ms, pending.now_ms + rules_.longest_ms);
  remember(pending, entry, until_ms);
  pending.then(entry.verdict);
}

void TokenGate::remember(const Pending& pending, const Entry& entry, std::int64_t until_ms) {
  // Only on its own thread may a worker's memory be touched: not when the keys came by another.
  if (!pending.asked.hashed || pending.thread != std::this_thread::get_id()) return;
  Shard& shard = *shards_[pending.asked.worker];
  TokenCache<Entry>& cache = entry.verdict.outcome ? shard.verified : shard.refused;
  try {
    cache.keep(pending.asked.hash, entry, 0, pending.now_ms, until_ms);
  } catch (...) {  // no memory, so nothing is remembered
  }
}

}  // namespace gatehouse::kit::jose
