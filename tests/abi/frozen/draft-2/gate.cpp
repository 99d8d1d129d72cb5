#include <gatehouse/authorizer.hpp>
namespace gh = gatehouse;

struct Gate : gh::Authorizer {
  static constexpr auto info = gh::Info("lets callers in who know one shared token").nonblocking().settings(R"({
    "type": "object", "required": ["token"], "additionalProperties": false,
    "properties": {"token": {"type": "string", "minLength": 8}}})");
  std::string token;
  Gate(const gh::Config& config, gh::Host&) : token(config.str("/token")) {}
  gh::Answer authorize(const gh::Request& request) override {
    const auto given = request.header("x-token");
    if (given.empty()) return gh::unauthorized("Token");
    if (!gh::same_secret(given, token)) return gh::deny("the token does not match");
    return gh::allow("token-user").context("tier", "gold");
  }
};
GATEHOUSE_AUTHORIZER(Gate, "frozen.gate-cpp", "1.0.0")
