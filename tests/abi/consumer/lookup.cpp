#include <gatehouse/authorizer.hpp>
namespace gh = gatehouse;

/// Asks a directory about a key; an answer is remembered for a minute.
struct Lookup : gh::AsyncAuthorizer {
  static constexpr auto info =
      gh::Info("asks a directory").nonblocking().services({GH_SVC_HTTP, GH_SVC_CACHE, GH_SVC_SECRETS});
  gh::Host& host;
  gh::Counter asked;
  Lookup(const gh::Config&, gh::Host& h) : host(h), asked(h.counter("lookups_total", "questions asked")) {}

  void authorize(const gh::Request& request, gh::Call call) override {
    std::string key(request.header("x-key"));
    if (key.size() != 32 || key.find_first_not_of("0123456789abcdef") != key.npos)
      return call.complete(gh::unauthorized("Key"));
    if (const auto who = host.cache_get(key)) return call.complete(gh::allow(*who));
    asked.add();
    gh::Fetch question("GET", "https://directory.example.com/keys/" + key);
    question.header("authorization", "Bearer " + std::string(host.secret("directory").reveal())).timeout_ms = 2000;
    host.fetch(question, std::move(call), [this, key](gh::Call c, const gh::FetchResult& result) {
      if (!result.came()) return c.complete(gh::failed(result.error()));
      if (result.status() == 404) return c.complete(gh::deny("an unknown key"));
      if (result.status() != 200 || result.body().empty()) return c.complete(gh::failed("the directory is not well"));
      host.cache_put(key, result.body(), 60);
      c.complete(gh::allow(result.body()));
    });
  }
};
GATEHOUSE_AUTHORIZER(Lookup, "com.example.lookup", "1.0.0")
