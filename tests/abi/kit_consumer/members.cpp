// A plugin that links the kit: lets in whoever the JSON list in its settings names.
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/json.hpp>
namespace gh = gatehouse;

struct Members : gh::Authorizer {
  static constexpr auto info = gh::Info("lets members in")
                                   .nonblocking()
                                   .settings(R"({"type": "object", "properties": {"list": {"type": "string"}}})");
  gh::kit::Json list;
  Members(const gh::Config& config, gh::Host&) {
    gh::kit::JsonFault fault;
    auto parsed = gh::kit::parse_json(config.str("/list"), fault);
    if (!parsed) throw gh::ConfigError("settings: `list`: " + fault.text);
    list = std::move(*parsed);
  }
  gh::Answer authorize(const gh::Request& request) override {
    for (const gh::kit::Json& name : list.children)
      if (name.text == request.header("x-user")) return gh::allow(name.text);
    return gh::deny("not a member");
  }
};
GATEHOUSE_AUTHORIZER(Members, "com.example.members", "1.0.0")
