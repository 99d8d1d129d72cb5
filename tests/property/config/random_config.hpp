#pragma once
#include <random>

#include "config/config.hpp"

namespace gatehouse::config {

/// A configuration that loads, every member at random within what it may be.
Config random_config(std::mt19937& random);

}  // namespace gatehouse::config
