// Every service of the C++ layer, for headers.sh to compile.
#include <gatehouse/authorizer.hpp>
namespace gh = gatehouse;
struct T : gh::AsyncAuthorizer {
  static constexpr auto info = gh::Info("x").services({GH_SVC_HTTP, GH_SVC_TIMER});
  gh::Host& host;
  gh::Counter n;
  T(const gh::Config&, gh::Host& h) : host(h), n(h.counter("n", "help", {{"a", "b"}})) {
    host.histogram("h", "h").observe_ns(3);
    host.secret("x").reveal();
  }
  void start() override {
    host.run([] {});
    host.cancel(host.after(5, [] {}));
  }
  void authorize(const gh::Request& r, gh::Call call) override {
    n.add();
    host.cache_get("x");
    host.cache_put("a", "b", 3);
    host.cache_remove("a");
    if (r.method() == "GET") {
      host.after(5, std::move(call), [](gh::Call c) { c.complete(gh::deny("")); });
      return;
    }
    host.body_hash(GH_HASH_SHA256, std::move(call), [this](gh::Call c, const gh::BodyResult& b) {
      if (!b.ok()) return c.fail(b.error());
      host.read_body(4, std::move(c), [this](gh::Call c2, const gh::BodyResult&) {
        gh::Fetch f("GET", "https://x");
        f.header("a", "b");
        host.fetch(f, [](const gh::FetchResult&) {});
        host.fetch(f, std::move(c2), [this](gh::Call c3, const gh::FetchResult& x) {
          if (x.came()) host.run(std::move(c3), [](gh::Call c4) { c4.complete(gh::allow("")); });
        });
      });
    });
  }
};
GATEHOUSE_AUTHORIZER(T, "com.example.test", "1.0.0")
