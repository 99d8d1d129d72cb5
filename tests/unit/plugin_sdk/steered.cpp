// Does what the header x-do says, through every service of the C++ layer.
#include <gatehouse/authorizer.hpp>

#include <atomic>
#include <thread>
namespace gh = gatehouse;

std::atomic<int> alive{0};  // captures that were not destroyed

namespace {

struct Token {
  Token() { ++alive; }
  Token(const Token&) { ++alive; }
  Token(Token&&) noexcept { ++alive; }
  ~Token() { --alive; }
};

struct Steered : gh::AsyncAuthorizer {
  static constexpr auto info = gh::Info("does as told")
#ifdef STEERED_NONBLOCKING
                                   .nonblocking()
#endif
                                   .needs(GH_NEED_HEADERS | GH_NEED_QUERY)
                                   .services({GH_SVC_CLOCK})
                                   .settings(R"({"type": "object", "additionalProperties": false, "properties": {
                "greeting": {"type": "string", "default": "hello", "minLength": 2}, "fail": {"type": "string"},
                "tries": {"type": "integer", "minimum": 1, "maximum": 3, "default": 2},
                "mode": {"enum": ["a", "b"]}, "list": {"type": "array", "items": {"type": "string"}, "maxItems": 2}}})");
  gh::Host& host;
  std::string greeting;
  gh::Counter asked;
  gh::Histogram took;
  gh::Timer own;
  std::vector<std::thread> threads;

  Steered(const gh::Config& config, gh::Host& h)
      : host(h),
        greeting(config.str("/greeting")),
        asked(h.counter("asked", "requests", {{"kind", "all"}})),
        took(h.histogram("took", "time")) {
    if (config.str("/fail", "") == "create") throw gh::ConfigError("told to");
    if (config.str("/fail", "") == "secret") h.secret("absent");
    if (config.str("/fail", "") == "metric") h.counter("Bad Name", "");
    greeting += " " + std::to_string(config.integer("/tries"));
  }
  void start() override {
    own = host.after(1000, [this, t = Token()] { host.log(gh::Level::Info, "own timer"); });
  }
  void stop() override {
    for (std::thread& t : threads) t.join();
  }
  void authorize(const gh::Request& r, gh::Call call) override {
    asked.add();
    const std::string todo(r.header("x-do"));
    Token t;
    if (todo == "drop") return;
    if (todo == "throw") throw std::runtime_error("on purpose");
    if (todo == "expired")
      return call.complete(gh::unauthorized("Bearer")
                               .message("The incoming token has expired")
                               .response_type("UNAUTHORIZED")
                               .error_type("UnauthorizedException"));
    if (todo == "scopes") return call.complete(gh::allow("ann").claim("sub", "ann").scope("orders.read").scope("b"));
    if (todo == "no-scopes") return call.complete(gh::allow("ann").scopes(std::vector<std::string>()));
    if (todo == "allow-words") return call.complete(gh::allow("ann").message("hello"));
    if (todo == "allow")
      return call.complete(gh::allow(r.query().get("who")).context("greeting", greeting).context("n", 1).ttl(7));
    if (todo == "bad-answer") return call.complete(gh::allow("x").context("claims", "y"));
    if (todo == "after") host.after(50, std::move(call), [t](gh::Call c) { c.complete(gh::allow("later")); });
    if (todo == "bad-timer") host.after(0, std::move(call), [t](gh::Call c) { c.complete(gh::allow("never")); });
    if (todo == "after-throws")
      host.after(1, std::move(call), [t](gh::Call) { throw std::runtime_error("thrown in a callback"); });
    if (todo == "after-drops") host.after(1, std::move(call), [t](gh::Call) {});
    if (todo == "cancel-own") call.complete(host.cancel(own) ? gh::allow("cancelled") : gh::deny("too late"));
    if (todo == "run")
      host.run(std::move(call), [this, t](gh::Call c) {
        took.observe_ns(5);
        c.complete(gh::allow("worked"));
      });
    if (todo == "cache") {
      const auto kept = host.cache_get("key");
      host.cache_put("key", "value", 10);
      call.complete(kept ? gh::allow(*kept) : gh::deny("not kept"));
    }
    if (todo == "secret") call.complete(gh::allow(host.secret("name").reveal()));
    if (todo == "fetch") {
      gh::Fetch f("POST", "https://idp.example.com/ask");
      f.header("accept", "application/json").body = "a=b";
      f.timeout_ms = 100;
      host.fetch(f, std::move(call), [t](gh::Call c, const gh::FetchResult& x) {
        if (!x.came()) return c.complete(gh::failed(x.error()));
        c.complete(gh::allow(x.body()).context("status", x.status()).context("type", x.header("content-type")));
      });
    }
    if (todo == "bad-fetch")
      host.fetch(gh::Fetch("GET", "ftp://x"), std::move(call),
                 [t](gh::Call c, const gh::FetchResult&) { c.fail("?"); });
    if (todo == "hash")
      host.body_hash(GH_HASH_SHA256, std::move(call), [this, t](gh::Call c, const gh::BodyResult& b) {
        if (!b.ok()) return c.fail(b.error());
        const std::size_t size = b.bytes.size();
        host.read_body(8, std::move(c), [t, size](gh::Call d, const gh::BodyResult& all) {
          if (!all.ok()) return d.fail(all.error());
          d.complete(gh::allow(all.bytes).context("digest", size));
        });
      });
    if (todo == "lookup" || todo == "lookup-wrong") {
      const gh::KeyQuery query{r.header("x-key"), r.header("x-token-of", 0), "20260115", "us-east-1", "execute-api"};
      const bool other = todo == "lookup-wrong";
      host.lookup_key(query, std::move(call), [t, other](gh::Call c, const gh::KeyResult& k) {
        if (!k.ok()) return c.fail(k.error());
        if (!k.known())
          return c.complete(gh::deny("status " + std::to_string(k.key_status()))
                                .message(k.signing_key().size() == 32 ? "dummy" : "none"));
        c.complete(gh::Answer(GH_ALLOW)
                       .caller(k.caller() + (other ? 1 : 0))
                       .path_form(GH_PATH_SLASHES_COLLAPSED)
                       .context("arn", k.principal_arn())
                       .context("digits", static_cast<unsigned char>(k.signing_key()[0])));
      });
    }
    if (todo == "caller-and-principal") call.complete(gh::allow("x").caller(1));
    if (todo == "deny-caller") call.complete(gh::deny("x").caller(1));
    if (todo == "bad-form") call.complete(gh::allow("x").path_form(3));
    if (todo == "thread") threads.emplace_back([c = std::move(call)]() mutable { c.complete(gh::allow("thread")); });
    if (todo == "twice") {
      const auto id = call.id();
      call.complete(gh::allow("once"));
      gh::allow("twice").send(host.c(), id);
    }
    if (todo == "hold") {
      held = std::make_unique<gh::Call>(std::move(call));
    }
  }
  void cancel(std::uint64_t) override {
    held.reset();
  }
  std::unique_ptr<gh::Call> held;
};

}  // namespace
GATEHOUSE_AUTHORIZER(Steered, "com.example.steered", "1.0.0")
