#pragma once
#include <optional>
#include <string>

#include "config/config.hpp"
#include "config/diagnostics.hpp"

namespace gatehouse::config {

/// Reads a file and its includes. Faults go to `diagnostics`, all of them, in the order of the text, with
/// file:line:column: of the text, of single members, and of what members say about one another (check.hpp). Nothing is
/// returned when there is one. What needs plugins, route tables or files of TLS is gateway::compile's.
/// `${env:NAME}` and `${file:PATH}` are resolved here; a missing one is a fault that names the variable or path and
/// never the value. [setup] Reads files; bounded: 4 MiB a file, 64 includes, 64 levels of nesting, 1,000,000 values in
/// all, 16 MiB of resolved references; YAML's anchors, aliases, merge keys and tags are refused.
std::optional<Config> load(const std::string& path, Diagnostics& diagnostics);

/// The same for a text (tests, `-` on the command line); includes are relative to `directory`.
std::optional<Config> load_text(const std::string& text, const std::string& file_name, const std::string& directory,
                                Diagnostics& diagnostics);

/// The JSON schema (2020-12) of the configuration, from the same table that load() reads by; for editors.
std::string json_schema();

}  // namespace gatehouse::config
