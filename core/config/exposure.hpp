#pragma once
#include <string>

#include "base/error.hpp"

namespace gatehouse::config {

/// Judges whether others than root and the gateway's user could put words into the gateway's mouth: by writing the open
/// file `fd`, or another in its place in its folder (that of `path`, and where its links lead). Code::Refused when
/// everybody could: a file that is world-writable, a folder that is and has no sticky bit. Else the sentence that warns
/// of a foreign owner or of a group that may write; empty when there is nothing to say. A group of the owner's own
/// number is the owner's private one (umask 002), and a read-only mount (a container's `:ro`, a ConfigMap) lets nobody
/// here write. `shown`: the file in messages. [setup]
Result<std::string> exposure(int fd, const std::string& path, const std::string& shown);

}  // namespace gatehouse::config
