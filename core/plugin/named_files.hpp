#pragma once
#include <string>
#include <vector>

#include "config/config.hpp"
#include "plugin/settings.hpp"

namespace gatehouse::plugin {

/// Judges the files that settings name by their schema, and names what is in them. They are regular, of a bounded size,
/// and nobody else's to write: what stands in them decides who is let in. [setup]
Result<std::string> judge_files(const config::Authorizer& authorizer, const std::vector<SettingsFile>& files);

/// Names what is in the files that settings name by `*_file`, so that a reload makes the authorizer anew when one has
/// changed. A file that cannot be read is the plugin's to complain of. [setup]
std::string files_fingerprint(const base::Secret& settings);

}  // namespace gatehouse::plugin
