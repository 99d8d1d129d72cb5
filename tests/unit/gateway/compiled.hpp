#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/load.hpp"
#include "gateway/compile.hpp"
#include "unit/access/fakes.hpp"

namespace gatehouse::gateway::test {

/// Hands out the authorizers that a test has made, by their names in the configuration.
class FakeFactory final : public AuthorizerFactory {
 public:
  access::FakeAuthorizer& add(const std::string& name, access::Category category) {
    auto made = std::make_shared<access::FakeAuthorizer>(name, category);
    made_[name] = made;
    return *made;
  }
  access::FakeAuthorizer& add(const std::string& name, access::Category category, access::AnswerKind at_once) {
    access::FakeAuthorizer& made = add(name, category);
    made.answers_at_once({access::say(at_once)});
    return made;
  }
  void put(std::shared_ptr<access::Authorizer> made) { made_[std::string(made->name())] = std::move(made); }
  Result<std::shared_ptr<access::Authorizer>> make(const config::Authorizer& settings) override {
    const auto found = made_.find(settings.name);
    if (found == made_.end()) return fail(Code::NotFound, "plugin `" + settings.plugin + "` is not installed");
    return found->second;
  }

 private:
  std::map<std::string, std::shared_ptr<access::Authorizer>> made_;
};

/// What became of a configuration. `text()`: a fault a line, then the warnings, as `error place: text`.
struct Compiled {
  std::shared_ptr<const Gateway> gateway;
  config::Diagnostics diagnostics;
  bool loaded = false;

  std::string text() const {
    std::string out;
    for (const Error& error : diagnostics.errors()) out += "error " + error.what() + "\n";
    for (const Error& warning : diagnostics.warnings()) out += "warning " + warning.what() + "\n";
    return out;
  }
};

inline Compiled compile_text(const std::string& yaml, AuthorizerFactory& factory) {
  Compiled out;
  const auto config = config::load_text(yaml, "test.yaml", ".", out.diagnostics);
  out.loaded = config.has_value();
  if (config) out.gateway = compile(*config, factory, out.diagnostics);
  return out;
}

inline const std::string kListen = "listeners: {p: {address: '127.0.0.1:0'}}\n";
inline const std::string kIdentity =
    "authorizers: {gate: {type: request, plugin: gatehouse.test, result_ttl_seconds: 0}}\n";
inline const std::string kMock = "integration: {type: mock}";

/// One API `a` of `type` with those routes, and what else stands in its map.
inline std::string api(const std::string& type, const std::string& routes, const std::string& more = "") {
  const std::string stage = type == "rest" ? "live" : "$default";
  return "apis: {a: {type: " + type + ", stages: {" + stage + ": {}}, routes: {" + routes + "}" + more + "}}\n";
}

inline FakeFactory gate() {
  FakeFactory out;
  out.add("gate", access::Category::Identity, access::AnswerKind::Allow);
  return out;
}

}  // namespace gatehouse::gateway::test
