#include "config/exposure.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <system_error>

namespace gatehouse::config {
namespace {

namespace fs = std::filesystem;

std::string foreign(const struct stat& status) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return "belongs to user " + std::to_string(status.st_uid) +
           ", who could change what the gateway lets in: give it to root or to the gateway's user";
  const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & S_IWGRP) != 0 && !sticky && status.st_gid != status.st_uid)
    return "can be written by group " + std::to_string(status.st_gid) +
           ", which could change what the gateway lets in: `chmod g-w` it";
  return {};
}

// Of the folder as written, then of the one where links lead.
std::array<std::string, 2> folders(const std::string& path) {
  std::error_code ignored;
  const fs::path real = fs::canonical(path, ignored).parent_path();
  const fs::path written = fs::path(path).parent_path();
  std::string first = written.empty() ? "." : written.string();
  std::string second = real.string();
  if (fs::equivalent(first, second, ignored)) second.clear();
  return {std::move(first), std::move(second)};
}

}  // namespace

Result<std::string> exposure(int fd, const std::string& path, const std::string& shown) {
  struct stat file {};
  struct statvfs mount {};
  if (::fstat(fd, &file) != 0) return fail(Code::Io, "cannot look at file `" + shown + "`");
  if (::fstatvfs(fd, &mount) == 0 && (mount.f_flag & ST_RDONLY) != 0) return std::string();
  if ((file.st_mode & S_IWOTH) != 0)
    return fail(Code::Refused, "file `" + shown +
                                   "` can be written by everybody, who could then change what the gateway lets in: "
                                   "`chmod o-w` it, or mount it read-only");
  std::string warning;
  if (const std::string why = foreign(file); !why.empty()) warning = "file `" + shown + "` " + why;
  for (const std::string& folder : folders(path)) {
    struct stat status {};
    if (folder.empty() || ::stat(folder.c_str(), &status) != 0) continue;
    if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0)
      return fail(Code::Refused, "file `" + shown + "` stands in `" + folder +
                                     "`, where everybody may put another in its place: `chmod o-w` that folder");
    if (const std::string why = foreign(status); !why.empty() && warning.empty())
      warning = "folder `" + folder + "` of file `" + shown + "` " + why;
  }
  return warning;
}

}  // namespace gatehouse::config
