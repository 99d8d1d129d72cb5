#include "plugin/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace gatehouse::plugin {
namespace {

struct Descriptor {
  explicit Descriptor(int n) noexcept : fd(n) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd;
};

std::string reason(int error) {
  return std::generic_category().message(error);
}

tl::unexpected<Error> io(const std::string& path, int error) {
  return fail(error == ENOENT || error == ENOTDIR ? Code::NotFound : Code::Io, "`" + path + "`: " + reason(error));
}

Result<void> check_owner(const std::string& path, const struct stat& st) {
  if (st.st_uid != 0 && st.st_uid != ::geteuid())
    return fail(Code::Refused, "`" + path + "` belongs to user " + std::to_string(st.st_uid) +
                                   ", who could change it: give it to root or to the gateway's user");
  const bool sticky_folder = S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) != 0;
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky_folder)
    return fail(Code::Refused, "`" + path + "` can be written by others than its owner: `chmod go-w` it");
  return {};
}

}  // namespace

Result<std::string> trusted_directory(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), &std::free);
  if (real == nullptr) return io(path, errno);
  const std::string whole = real.get();
  for (std::size_t end = 0; end != std::string::npos;) {
    end = whole.find('/', end + 1);
    const std::string part = end == std::string::npos ? whole : whole.substr(0, end);
    struct stat st {};
    if (::lstat(part.c_str(), &st) != 0) return io(part, errno);
    if (!S_ISDIR(st.st_mode)) return fail(Code::Invalid, "`" + part + "` is not a directory");
    if (auto owner = check_owner(part, st); !owner) return tl::unexpected(owner.error());
  }
  struct stat root {};
  if (::lstat("/", &root) != 0) return io("/", errno);
  if (auto owner = check_owner("/", root); !owner) return tl::unexpected(owner.error());
  return whole;
}

Result<TrustedFile> read_trusted(const std::string& directory, const std::string& name, std::size_t max_bytes) {
  const std::string path = directory + "/" + name;
  const Descriptor folder(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (folder.fd < 0) return io(directory, errno);
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const Descriptor file(::openat(folder.fd, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (file.fd < 0)
    return errno == ELOOP
               ? Result<TrustedFile>(fail(Code::Refused, "`" + path + "` is a symbolic link: copy the file there"))
               : io(path, errno);
  struct stat st {};
  if (::fstat(file.fd, &st) != 0) return io(path, errno);
  if (!S_ISREG(st.st_mode)) return fail(Code::Refused, "`" + path + "` is not a regular file");
  if (auto owner = check_owner(path, st); !owner) return tl::unexpected(owner.error());
  if (static_cast<std::size_t>(st.st_size) > max_bytes)
    return fail(Code::Limit, "`" + path + "` is larger than " + std::to_string(max_bytes) + " bytes");

  TrustedFile out;
  out.owner = st.st_uid;
  out.bytes.resize(static_cast<std::size_t>(st.st_size));
  std::size_t have = 0;
  while (have < out.bytes.size()) {
    const ssize_t n = ::read(file.fd, out.bytes.data() + have, out.bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io(path, errno);
    if (n == 0) return fail(Code::Io, "`" + path + "` became shorter while it was read: replace files by renaming");
    have += static_cast<std::size_t>(n);
  }
  const base::Sha256 digest = base::sha256(out.bytes);
  out.sha256 = base::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
  return out;
}

}  // namespace gatehouse::plugin
