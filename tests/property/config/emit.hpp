#pragma once
#include <random>
#include <string>

#include "config/config.hpp"

namespace gatehouse::config {

/// The configuration as YAML. With `random`: any spelling that means the same (block or flow, quotes or none, defaults
/// left out or written); without: the one canonical spelling, every member written, for comparing.
std::string emit(const Config& config, std::mt19937* random);

}  // namespace gatehouse::config
