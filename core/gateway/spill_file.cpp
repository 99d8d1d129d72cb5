#include "gateway/spill_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace gatehouse::gateway {
namespace {

tl::unexpected<Error> failed(const char* what, const std::string& where, int error) {
  return fail(Code::Io, std::string(what) + where + ": " + std::generic_category().message(error));
}

std::string place(const std::string& directory) {
  if (!directory.empty()) return directory;
  const char* given = std::getenv("TMPDIR");
  return given != nullptr && *given == '/' ? given : "/var/tmp";
}

// File systems without O_TMPFILE (overlayfs of older kernels): a name that is gone before anything is written.
int make_and_unlink(const std::string& where) noexcept try {
  std::string name = where + "/gatehouse-body-XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd >= 0) ::unlink(name.c_str());
  return fd;
} catch (...) {
  errno = ENOMEM;
  return -1;
}

}  // namespace

SpillFile::SpillFile(SpillFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

SpillFile& SpillFile::operator=(SpillFile&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Result<SpillFile> SpillFile::make(const std::string& directory) {
  const std::string where = place(directory);
  int fd = ::open(where.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, S_IRUSR | S_IWUSR);
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) fd = make_and_unlink(where);
  if (fd < 0) return failed("cannot make a file for request bodies in ", where, errno);
  return SpillFile(fd);
}

Result<void> SpillFile::check(const std::string& directory) {
  const std::string where = place(directory);
  const auto bad = [&](Code code, const std::string& what) { return fail(code, "`" + where + "` " + what); };
  struct stat status {};
  if (::stat(where.c_str(), &status) != 0) {
    if (errno == ENOENT)
      return bad(Code::NotFound, "does not exist: make it, for the gateway's user, or name another directory");
    return bad(Code::Io, "cannot be looked at: " + std::generic_category().message(errno));
  }
  if (!S_ISDIR(status.st_mode)) return bad(Code::Invalid, "is not a directory: name one");
  if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0)
    return bad(Code::Refused, "can be written by everybody and is not sticky: `chmod o-w` or `chmod +t` it");
  if (auto made = make(where); !made)
    return fail(Code::Io, made.error().text +
                              ": let the gateway's user write there (`chown`, `chmod u+w`, the service's "
                              "`ReadWritePaths=`), or name another directory");
  return {};
}

Result<void> SpillFile::write(std::uint64_t at, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed("cannot write a request body to disk", {}, n < 0 ? errno : ENOSPC);
    at += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> SpillFile::read(std::uint64_t at, std::span<char> into) {
  while (!into.empty()) {
    const ssize_t n = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed("cannot read a request body back from disk", {}, n < 0 ? errno : EIO);
    at += static_cast<std::uint64_t>(n);
    into = into.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

void SpillFile::close() noexcept {
  if (const int fd = std::exchange(fd_, -1); fd >= 0) ::close(fd);
}

}  // namespace gatehouse::gateway
