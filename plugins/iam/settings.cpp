#include "settings.hpp"

namespace gatehouse::iam {

Settings read_settings(const Config& config) {
  Settings out;
  out.rules.services = config.strings("/services");
  out.rules.regions = config.strings("/regions");
  out.rules.skew_s = static_cast<int>(config.integer("/skew_seconds"));
  out.rules.presign_cap_s = static_cast<int>(config.integer("/presign_cap_seconds"));
  out.rules.signed_api_id = config.boolean("/require_signed_api_id");
  out.anonymous = config.str("/unsigned") == "anonymous";
  out.full_errors = config.str("/error_detail") == "full";
  // A slash would make six parts of a credential, and nothing would ever match.
  for (const auto* list : {&out.rules.services, &out.rules.regions})
    for (const std::string& one : *list)
      if (one.find('/') != std::string::npos)
        throw ConfigError("settings: `" + one + "` cannot stand in a credential: it has a slash");
  return out;
}

}  // namespace gatehouse::iam
