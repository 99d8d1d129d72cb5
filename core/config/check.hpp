#pragma once
#include "config/config.hpp"
#include "config/diagnostics.hpp"
#include "config/document.hpp"

namespace gatehouse::config {

/// What two places of a configuration say about one another: names that must exist, settings that belong to another
/// API type, combinations that are refused. All faults to `diagnostics`. `document`: values it resolved are not shown.
/// [setup]
void check(const Config& config, const Document& document, Diagnostics& diagnostics);

}  // namespace gatehouse::config
