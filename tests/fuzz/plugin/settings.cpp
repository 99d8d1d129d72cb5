// Settings as an operator may write them and a schema as a plugin may bring it, with a line of four dashes between
// them.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "plugin/settings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  using namespace gatehouse::plugin;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t line = all.find("\n----\n");
  const std::string json(all.substr(0, line));
  const std::string schema(line == std::string_view::npos ? std::string_view() : all.substr(line + 6));

  if (const auto value = parse_json(json)) {
    std::string text;
    append_json(text, *value);
    const auto again = parse_json(text, {std::size_t{8} << 20, 100'000, 64});
    if (!again) std::abort();
    std::string second;
    append_json(second, *again);
    if (second != text) std::abort();
    value->find(json.substr(0, 64));
  }
  const auto settings = Settings::make(base::Secret(json), schema.empty() ? nullptr : schema.c_str(), "fuzz");
  if (!settings) return 0;
  const gh_config* c = (*settings)->c();
  const gh_str root{"", 0};
  gh_val out{};
  std::size_t count = 0;
  gh_str name{};
  if (c->get(c, &root, &out) != GH_OK || out.type != GH_T_JSON) std::abort();
  if (c->count(c, &root, &count) != GH_OK) std::abort();
  for (std::size_t i = 0; i < count; ++i)
    if (c->member(c, &root, i, &name) != GH_OK) std::abort();
  return 0;
}
