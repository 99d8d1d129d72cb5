#include "gateway/needed_by.hpp"

#include <algorithm>
#include <vector>

namespace gatehouse::gateway {

std::string needed_by(const config::Config& config, std::string_view authorizer) {
  constexpr std::size_t kMostTold = 8;
  std::vector<std::string> needs;
  for (const config::Api& api : config.apis) {
    const std::string of = " of API `" + api.name + "`";
    if (api.resource_policy == authorizer ||
        std::find(api.network.begin(), api.network.end(), authorizer) != api.network.end()) {
      needs.push_back("every route" + of);
      continue;
    }
    for (const config::Route& route : api.routes)
      if (route.authorizer == authorizer) needs.push_back("`" + route.key + "`" + of);
  }
  if (needs.empty()) return {};
  std::string out = "needed by ";
  for (std::size_t i = 0; i < std::min(needs.size(), kMostTold); ++i) out += (i > 0 ? ", " : "") + needs[i];
  if (needs.size() > kMostTold) out += " and " + std::to_string(needs.size() - kMostTold) + " more";
  return out;
}

}  // namespace gatehouse::gateway
