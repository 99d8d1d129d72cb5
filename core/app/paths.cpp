#include "app/paths.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace gatehouse::app {

std::string runtime_directory() {
  if (const char* given = std::getenv("RUNTIME_DIRECTORY"); given != nullptr && *given == '/') {
    const std::string all = given;  // systemd separates several with colons
    return all.substr(0, all.find(':'));
  }
  if (::geteuid() == 0) return "/run/gatehouse";
  if (const char* given = std::getenv("XDG_RUNTIME_DIR"); given != nullptr && *given == '/')
    return std::string(given) + "/gatehouse";
  return "/tmp/gatehouse-" + std::to_string(::geteuid());
}

Result<void> make_private_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(Code::Io, "cannot make the directory `" + path + "`: " + std::strerror(errno));
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0)
    return fail(Code::Io, "cannot look at `" + path + "`: " + std::strerror(errno));
  if (!S_ISDIR(facts.st_mode)) return fail(Code::Refused, "`" + path + "` is not a directory");
  if (facts.st_uid != ::geteuid())
    return fail(Code::Refused, "`" + path + "` belongs to user " + std::to_string(facts.st_uid) +
                                   ", not to us: remove it or name another place");
  if ((facts.st_mode & 022) != 0)
    return fail(Code::Refused, "others may write to `" + path + "`: chmod go-w it, or name another place");
  return {};
}

std::string admin_socket(const config::Admin& admin) {
  return admin.socket.empty() ? runtime_directory() + "/admin.sock" : admin.socket;
}

}  // namespace gatehouse::app
