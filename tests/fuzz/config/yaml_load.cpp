// A whole configuration from strangers' bytes: it loads, or is refused with a reason, and nothing else happens.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.hpp"
#include "config/load.hpp"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::config;
  Diagnostics diagnostics;
  const auto config =
      load_text(std::string(reinterpret_cast<const char*>(data), size), "fuzz.yaml", "/no/such/directory", diagnostics);
  require(config.has_value() == diagnostics.ok());
  for (const auto& error : diagnostics.errors()) {
    require(!error.text.empty());
    require(gatehouse::base::is_utf8(error.text));
  }
  if (!config) return 0;
  for (const Api& api : config->apis) {
    require(!api.stages.empty());
    for (const Route& route : api.routes) require(!route.authorizer.empty());
  }
  for (const Authorizer& authorizer : config->authorizers) {
    require(!authorizer.plugin.empty());
    require(authorizer.settings.json.reveal().starts_with('{'));
  }
  return 0;
}
