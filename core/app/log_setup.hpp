#pragma once
#include "config/config.hpp"

namespace gatehouse::app {

/// Sends the server's own log to standard error as the configuration says: level, and text or JSON lines. [any]
void set_up_log(const config::Gateway& settings);

}  // namespace gatehouse::app
