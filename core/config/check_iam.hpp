#pragma once
#include "config/config.hpp"
#include "config/diagnostics.hpp"

namespace gatehouse::config {

/// What `type: iam`, the services of the gateway's own and `identity:` must be together. [setup]
void check_iam(const Config& config, Diagnostics& out);

}  // namespace gatehouse::config
