#pragma once
#include <string>
#include <vector>

namespace gatehouse::config {

/// The reference section of gatehouse.yaml(5) in man's language, from the tables that load() reads by.
std::string manual_reference();

/// Every key of every table, as `upstream.targets`: what the manual, the schema and the tests must know.
std::vector<std::string> all_keys();

}  // namespace gatehouse::config
