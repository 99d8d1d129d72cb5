// Whole configurations and what becomes of a request, against a twin that reads the configuration again for each.
#include <gtest/gtest.h>

#include <random>

#include "gateway/serve.hpp"
#include "unit/gateway/compiled.hpp"
#include "unit/gateway/paper_context.hpp"

namespace gatehouse::gateway {
namespace {

using access::AnswerKind;
using access::Category;

constexpr int kConfigurations = 1500;
constexpr AnswerKind kKinds[] = {AnswerKind::Failed, AnswerKind::Allow, AnswerKind::Deny, AnswerKind::Unauthorized,
                                 AnswerKind::Abstain};

/// An authorizer as it was configured and as its plugin turned out to be.
struct Gate {
  std::string name;
  config::AuthorizerType type;
  Category category;  // of what the factory makes
  bool made;
  AnswerKind says;
  int answers;  // 0: never
};

struct World {
  config::Config config;
  std::vector<Gate> gates;

  const Gate* find(const std::string& name) const {
    for (const Gate& gate : gates)
      if (gate.name == name) return &gate;
    return nullptr;
  }
};

Category wanted(config::AuthorizerType type) {
  return type == config::AuthorizerType::Network    ? Category::Network
         : type == config::AuthorizerType::Resource ? Category::Resource
                                                    : Category::Identity;
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  World world() {
    World out;
    for (const auto& [stem, type] :
         {std::pair<const char*, config::AuthorizerType>{"net", config::AuthorizerType::Network},
          {"res", config::AuthorizerType::Resource},
          {"who", config::AuthorizerType::Request}})
      for (int i = 0; i < 2; ++i) out.gates.push_back(gate(stem + std::to_string(i), type));
    for (const Gate& gate : out.gates) {
      config::Authorizer one;
      one.name = gate.name;
      one.type = gate.type;
      one.plugin = "gatehouse.test";
      one.result_ttl_seconds = 0;
      one.timeout_ms = 100;
      one.where = {"test.yaml", 1, 1};
      out.config.authorizers.push_back(one);
    }
    config::Api api;
    api.name = api.id = "a";
    api.type = chance(2) ? config::ApiType::Rest : config::ApiType::Http;
    config::Stage stage;
    stage.name = "live";
    api.stages.push_back(stage);
    for (const char* name : {"net0", "net1"})
      if (chance(2)) api.network.push_back(name);
    if (chance(3)) api.resource_policy = chance(2) ? "res0" : "res1";
    // Now and then a name of the wrong kind, or of nobody.
    if (chance(30)) api.network.push_back("who0");
    if (chance(30)) api.resource_policy = "net0";
    const char* const names[] = {"none", "who0", "who1"};
    for (int i = 0; i < 4; ++i) {
      config::Route route;
      route.key = "GET /r" + std::to_string(i);
      route.authorizer = chance(40) ? (chance(2) ? "ghost" : "net1") : names[random_() % 3];
      route.authorizer_where = route.where = {"test.yaml", 2, 1};
      route.integration = config::MockIntegration{};
      api.routes.push_back(route);
    }
    out.config.apis.push_back(api);
    return out;
  }
  bool chance(unsigned one_in) { return random_() % one_in == 0; }

 private:
  Gate gate(std::string name, config::AuthorizerType type) {
    Gate out{std::move(name), type, wanted(type), !chance(60), kKinds[random_() % std::size(kKinds)], 1};
    // Most agree, so that requests come through to the end often enough.
    if (chance(2)) out.says = type == config::AuthorizerType::Request ? AnswerKind::Allow : AnswerKind::Abstain;
    if (chance(4)) out.says = AnswerKind::Allow;
    if (chance(60)) out.category = type == config::AuthorizerType::Request ? Category::Network : Category::Identity;
    if (chance(15)) out.answers = chance(2) ? 0 : 2;
    return out;
  }
  std::mt19937 random_;
};

class Factory final : public AuthorizerFactory {
 public:
  explicit Factory(const World& world) : world_(world) {}
  Result<std::shared_ptr<access::Authorizer>> make(const config::Authorizer& settings) override {
    const Gate& gate = *world_.find(settings.name);
    if (!gate.made) return fail(Code::NotFound, "not installed");
    auto made = std::make_shared<access::FakeAuthorizer>(gate.name, gate.category);
    made->answers_at_once(std::vector<access::Answer>(static_cast<std::size_t>(gate.answers), access::say(gate.says)));
    return made;
  }

 private:
  const World& world_;
};

/// The authorizers that a route names, in the order of the spec.
std::vector<std::string> named(const config::Api& api, const config::Route& route) {
  std::vector<std::string> out = api.network;
  if (!api.resource_policy.empty()) out.push_back(api.resource_policy);
  if (route.authorizer != "none") out.push_back(route.authorizer);
  return out;
}

bool can_be_compiled(const World& world) {
  const auto is = [&](const std::string& name, Category category) {
    const Gate* const gate = world.find(name);
    return gate != nullptr && gate->category == category;
  };
  for (const Gate& gate : world.gates)
    if (!gate.made || gate.category != wanted(gate.type)) return false;
  const config::Api& api = world.config.apis[0];
  for (const std::string& name : api.network)
    if (!is(name, Category::Network)) return false;
  if (!api.resource_policy.empty() && !is(api.resource_policy, Category::Resource)) return false;
  for (const config::Route& route : api.routes)
    if (route.authorizer != "none" && !is(route.authorizer, Category::Identity)) return false;
  return true;
}

/// The status class that the answers come to, by the words of access/evaluate.hpp.
int expected(const World& world, const config::Api& api, const config::Route& route) {
  bool policy_allowed = api.resource_policy.empty();
  for (const std::string& name : named(api, route)) {
    const Gate& gate = *world.find(name);
    const AnswerKind says = gate.answers == 1 ? gate.says : AnswerKind::Failed;
    const Category category = wanted(gate.type);
    if (says == AnswerKind::Failed) return 500;
    if (says == AnswerKind::Deny) return 403;
    if (says == AnswerKind::Unauthorized) return category == Category::Identity ? 401 : 403;
    if (category == Category::Resource && says == AnswerKind::Allow) policy_allowed = true;
    if (category == Category::Identity) return says == AnswerKind::Allow ? 200 : 403;
  }
  return policy_allowed ? 200 : 403;
}

TEST(AccessProperty, ARouteIsServedOnlyWhenAllThatItNamesAgree) {
  base::FixedClock clock(1'700'000'000'000);
  base::SystemRandom random;
  int compiled = 0, refused = 0, served = 0, turned_away = 0;
  for (unsigned seed = 1; seed <= kConfigurations; ++seed) {
    const World world = Maker(seed).world();
    const config::Api& api = world.config.apis[0];
    Factory factory(world);
    config::Diagnostics diagnostics;
    const auto gateway = compile(world.config, factory, diagnostics);
    ASSERT_EQ(gateway != nullptr, can_be_compiled(world)) << "seed " << seed;
    ASSERT_EQ(gateway != nullptr, diagnostics.ok()) << "seed " << seed;
    if (gateway == nullptr) {
      ++refused;
      continue;
    }
    ++compiled;
    net::Loop loop(clock);
    base::Registry registry;
    Serve::Environment environment;
    environment.loop = &loop;
    environment.random = &random;
    environment.registry = &registry;
    Serve serve(std::move(environment));
    serve.publish(gateway);
    for (std::size_t i = 0; i < api.routes.size(); ++i) {
      const Route& route = *gateway->apis[0]->routes[i];
      std::vector<std::string> steps;
      for (const access::Step& step : route.plan.steps) steps.emplace_back(step.authorizer->name());
      ASSERT_EQ(steps, named(api, api.routes[i])) << "seed " << seed;
      ASSERT_EQ(route.has_identity, api.routes[i].authorizer != "none") << "seed " << seed;
      ASSERT_EQ(route.plan.has_identity, route.has_identity) << "seed " << seed;

      test::PaperExchange exchange("GET /live/r" + std::to_string(i) + " HTTP/1.1\r\nHost: a.test\r\n\r\n");
      ASSERT_TRUE(exchange.parsed);
      serve.start(exchange);
      for (std::size_t turns = 0; !exchange.responded() && turns < steps.size(); ++turns) {
        clock.advance_ms(200);
        loop.turn(0);
      }
      const int status = expected(world, api, api.routes[i]);
      ASSERT_EQ(exchange.status, status) << "seed " << seed << ", route " << i;
      ++(status == 200 ? served : turned_away);
      serve.finished(exchange, http::Ending::Complete);
    }
  }
  // The cases must go on being of both sorts.
  EXPECT_GT(compiled, 300);
  EXPECT_GT(refused, 300);
  EXPECT_GT(served, 300);
  EXPECT_GT(turned_away, 300);
}

}  // namespace
}  // namespace gatehouse::gateway
