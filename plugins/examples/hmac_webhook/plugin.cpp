// Lets a webhook in whose body is signed with a shared key, recently, and once.
#include <gatehouse/authorizer.hpp>

#include <mutex>
#include <set>
#include <unordered_set>

#include "signature.hpp"
namespace gh = gatehouse;

namespace {

constexpr const char* kSettings = R"({
  "type": "object", "additionalProperties": false, "properties": {
    "header": {"type": "string", "minLength": 1, "default": "webhook-signature",
               "description": "name of the header with the signature, in lower case"},
    "tolerance_seconds": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 300,
                          "description": "how far the timestamp may be from the gateway's clock"},
    "max_body_bytes": {"type": "integer", "minimum": 0, "maximum": 10485760, "default": 1048576},
    "max_remembered": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 100000,
                       "description": "signatures remembered against replay; when it is full, all are refused"},
    "principal": {"type": "string", "minLength": 1, "default": "webhook"}}})";

/// Signatures that were accepted, for as long as their timestamps would be.
class Replays {
 public:
  enum class Said { First, Again, Full };
  explicit Replays(std::size_t most) : most_(most) {}
  Said note(const std::string& signature, std::int64_t until_s, std::int64_t now_s) {
    const std::lock_guard<std::mutex> hold(mutex_);
    while (!by_time_.empty() && by_time_.begin()->first < now_s) {
      known_.erase(by_time_.begin()->second);
      by_time_.erase(by_time_.begin());
    }
    if (known_.count(signature) != 0) return Said::Again;
    if (known_.size() >= most_) return Said::Full;
    by_time_.emplace(until_s, signature);
    known_.insert(signature);
    return Said::First;
  }

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::set<std::pair<std::int64_t, std::string>> by_time_;
  std::unordered_set<std::string> known_;
};

/// Not nonblocking(): a digest over megabytes would hold an event loop up.
class HmacWebhook : public gh::AsyncAuthorizer {
 public:
  static constexpr auto info = gh::Info("webhooks signed with HMAC-SHA256, once each")
                                   .services({GH_SVC_BODY, GH_SVC_SECRETS, GH_SVC_CLOCK})
                                   .settings(kSettings);

  HmacWebhook(const gh::Config& config, gh::Host& host)
      : host_(host),
        header_(config.str("/header")),
        principal_(config.str("/principal")),
        tolerance_s_(config.integer("/tolerance_seconds")),
        max_body_(static_cast<std::uint64_t>(config.integer("/max_body_bytes"))),
        replays_(static_cast<std::size_t>(config.integer("/max_remembered"))) {
    for (const char c : header_)
      if (c >= 'A' && c <= 'Z') throw gh::ConfigError("`header` must be in lower case");
    if (host_.secret("key").reveal().size() < 16) throw gh::ConfigError("the secret `key` has less than 16 bytes");
  }

  void authorize(const gh::Request& request, gh::Call call) override {
    if (!request.header(header_, 1).empty()) return call.complete(gh::deny("two signature headers"));
    const std::string_view header = request.header(header_);
    if (header.empty()) return call.complete(gh::unauthorized("HMAC-SHA256"));
    auto signature = hmac_webhook::read_signature(header);
    if (!signature) return call.complete(gh::deny("the signature header is malformed"));
    // Before the body is asked for: who has no fresh timestamp makes the gateway read nothing.
    if (!is_fresh(*signature)) return call.complete(gh::deny("the timestamp is too far from now"));
    host_.read_body(max_body_, std::move(call),
                    [this, s = std::move(*signature)](gh::Call c, const gh::BodyResult& body) {
                      if (body.status == GH_E_TOO_LARGE) return c.complete(gh::deny("the body is too large"));
                      if (!body.ok()) return c.complete(gh::failed(std::string("body: ") + body.error()));
                      c.complete(judge(s, body.bytes));
                    });
  }

 private:
  bool is_fresh(const hmac_webhook::Signature& s) const {
    const std::int64_t apart = host_.unix_ms() / 1000 - s.time_s;
    return apart <= tolerance_s_ && apart >= -tolerance_s_;
  }
  gh::Answer judge(const hmac_webhook::Signature& s, std::string_view body) {
    // Read each time: a key that is replaced counts at once. `previous_key`: while senders change over.
    const gh::Secret key = host_.secret("key");
    const auto previous = host_.find_secret("previous_key");
    std::string expected = hmac_webhook::sign(key.reveal(), s.timestamp, body);
    bool good = matches(s, expected);
    if (!good && previous && !previous->reveal().empty()) {
      expected = hmac_webhook::sign(previous->reveal(), s.timestamp, body);
      good = matches(s, expected);
    }
    if (!good) return gh::deny("the signature does not match");
    if (!is_fresh(s)) return gh::deny("the timestamp is too far from now");  // a slow sender's body took its time
    switch (replays_.note(expected, s.time_s + tolerance_s_, host_.unix_ms() / 1000)) {
      case Replays::Said::First:
        return gh::allow(principal_).context("signed_at", s.time_s).ttl(0);
      case Replays::Said::Again:
        return gh::deny("a replay: this signature was accepted before");
      case Replays::Said::Full:
        break;
    }
    return gh::failed("too many signatures to remember: raise `max_remembered` or lower `tolerance_seconds`");
  }
  static bool matches(const hmac_webhook::Signature& s, std::string_view expected) {
    bool any = false;
    for (const std::string& digest : s.digests) any |= gh::same_secret(digest, expected);
    return any;
  }

  gh::Host& host_;
  const std::string header_, principal_;
  const std::int64_t tolerance_s_;
  const std::uint64_t max_body_;
  Replays replays_;
};

}  // namespace
GATEHOUSE_AUTHORIZER(HmacWebhook, "com.example.hmac-webhook", "1.0.0")
