#pragma once
#include <memory>

#include "config/diagnostics.hpp"
#include "identity/store_database.hpp"
#include "identity/yaml_file.hpp"

namespace gatehouse::identity::yaml {

/// A database in memory with what the file says. Ids are made of account, kind, path and name: they stay what they are
/// as long as those do. What refers to nothing, or is there twice, is told. Null when anything was. [setup]
std::shared_ptr<DatabaseStore> build(const File& file, config::Diagnostics& diagnostics);

}  // namespace gatehouse::identity::yaml
