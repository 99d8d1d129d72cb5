// A plugin that links the kit of tokens: lets in whoever has a token by one of the keys in its settings.
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/jose/claims.hpp>
#include <gatehouse/kit/jose/token.hpp>

#include <chrono>
namespace gh = gatehouse;
namespace jose = gatehouse::kit::jose;

struct Signed : gh::Authorizer {
  static constexpr auto info = gh::Info("lets in whoever has a signed token")
                                   .nonblocking()
                                   .settings(R"({"type": "object", "properties": {"keys": {"type": "string"}}})");
  std::shared_ptr<const jose::KeySet> keys;
  Signed(const gh::Config& config, gh::Host&) {
    jose::KeySetReport report;
    keys = jose::KeySet::parse(config.str("/keys"), report);
    if (!keys) throw gh::ConfigError("settings: `keys`: " + report.fault);
  }
  gh::Answer authorize(const gh::Request& request) override {
    jose::Outcome why;
    const auto token = jose::Token::read(request.header("x-token"), {}, why);
    if (!token) return gh::deny(why.detail);
    if (why = token->verify(keys->find(token->kid())); !why) return gh::deny(why.detail);
    const auto claims = token->claims(why);
    if (!claims) return gh::deny(why.detail);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    why = jose::check_times(*claims, std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), 0);
    return why ? gh::allow(token->kid()) : gh::deny(why.detail);
  }
};
GATEHOUSE_AUTHORIZER(Signed, "com.example.signed", "1.0.0")
