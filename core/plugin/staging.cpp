#include "plugin/staging.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "plugin/file.hpp"

namespace gatehouse::plugin {
namespace {

std::atomic<unsigned> next_number{1};  // for the process: two stagings must not share names either

constexpr std::string_view kPrefix = "gatehouse-plugins-";

/// Removes a directory whose owner is dead. Without links on the way and flat, as stagings are.
void sweep_one(const std::filesystem::path& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  struct stat status {};
  if (::fstat(folder, &status) == 0 && status.st_uid == ::geteuid() && (status.st_mode & 0777) == 0700 &&
      ::flock(folder, LOCK_EX | LOCK_NB) == 0) {
    std::error_code error;
    for (std::filesystem::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
      if (at->path().extension() == ".so") ::unlinkat(folder, at->path().filename().c_str(), 0);
    ::rmdir(path.c_str());
  }
  ::close(folder);
}

void sweep(const std::string& parent) {
  std::error_code error;
  std::vector<std::filesystem::path> found;
  for (std::filesystem::directory_iterator at(parent, error), end; !error && at != end; at.increment(error))
    if (at->path().filename().string().starts_with(kPrefix)) found.push_back(at->path());
  for (const auto& path : found) sweep_one(path);
}

std::string default_parent() {
  for (const char* name : {"RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || value[0] != '/') continue;
    const std::string first(value, std::string_view(value).find(':') == std::string_view::npos
                                       ? std::string_view(value).size()
                                       : std::string_view(value).find(':'));
    if (::access(first.c_str(), W_OK | X_OK) == 0) return first;
  }
  std::error_code error;
  const auto temporary = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : temporary.string();
}

tl::unexpected<Error> io(const std::string& path) {
  return fail(Code::Io, "staging directory: `" + path + "`: " + std::generic_category().message(errno) +
                            ": set `plugins.staging_directory` to one that the gateway may write");
}

}  // namespace

Result<std::shared_ptr<Staging>> Staging::open(const std::string& parent) {
  auto real = trusted_directory(parent.empty() ? default_parent() : parent);
  if (!real) return tl::unexpected(real.error());
  sweep(*real);
  // Hidden until it is locked: who finds one that is not locked has found a dead owner's.
  std::string path = *real + "/." + std::string(kPrefix) + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return io(path);  // mode 0700
  const int lock = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  std::string name = path;
  name.erase(real->size() + 1, 1);
  if (lock >= 0 && ::flock(lock, LOCK_EX | LOCK_NB) == 0 && std::rename(path.c_str(), name.c_str()) == 0) path = name;
  return std::shared_ptr<Staging>(new Staging(std::move(path), lock));
}

Staging::~Staging() {
  clear();
  if (lock_ >= 0) ::close(lock_);
}

void Staging::clear() noexcept {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

bool Staging::is_in(const std::string& parent) const {
  std::error_code ignored;
  return std::filesystem::equivalent(std::filesystem::path(path_).parent_path(), parent, ignored);
}

Result<std::string> Staging::put(std::string_view bytes, const std::string& sha256) {
  const std::string path =
      path_ + "/" + sha256 + "-" + std::to_string(next_number.fetch_add(1, std::memory_order_relaxed)) + ".so";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0500);
  if (fd < 0) return io(path);
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = n == 0 ? ENOSPC : errno;
      ::close(fd);
      remove(path);
      errno = error;
      return io(path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::close(fd) != 0) return io(path);
  return path;
}

void Staging::remove(const std::string& path) noexcept {
  ::unlink(path.c_str());
}

}  // namespace gatehouse::plugin
