#pragma once
#include <string>

#include "base/error.hpp"
#include "config/config.hpp"

namespace gatehouse::app {

/// The directory for sockets and staged plugins: $RUNTIME_DIRECTORY (systemd), /run/gatehouse for root,
/// $XDG_RUNTIME_DIR/gatehouse, else /tmp/gatehouse-UID. Not created here.
std::string runtime_directory();
/// Makes a directory (mode 0700) unless it is there; refuses one that belongs to somebody else or that others may
/// write.
Result<void> make_private_directory(const std::string& path);
/// The configured admin socket, or admin.sock in the runtime directory.
std::string admin_socket(const config::Admin& admin);

}  // namespace gatehouse::app
