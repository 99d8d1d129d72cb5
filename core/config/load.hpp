#pragma once
#include <optional>
#include <string>

#include "config/config.hpp"
#include "config/diagnostics.hpp"

namespace gatehouse::config {

/// Reads a file and its includes. Faults of the text and of single members go to `diagnostics`, all of them, with
/// file:line:column; nothing is returned when there is an error. Cross-references (does that upstream exist, is that
/// plugin installed) are gateway::compile's and are added to the same diagnostics.
/// `${env:NAME}` and `${file:PATH}` are resolved here; a missing one is a fault that names the variable or path and
/// never the value. [setup] Reads files; bounded: 4 MiB a file, 64 includes, 64 levels of nesting, no YAML aliases
/// that expand past 1,000,000 nodes.
std::optional<Config> load(const std::string& path, Diagnostics& diagnostics);

/// The same for a text (tests, `-` on the command line); includes are relative to `directory`.
std::optional<Config> load_text(const std::string& text, const std::string& file_name, const std::string& directory,
                                Diagnostics& diagnostics);

/// The JSON schema (2020-12) of the configuration, from the same table that load() reads by; for editors.
std::string json_schema();

}  // namespace gatehouse::config
