#include "plugin/staging.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "plugin/file.hpp"

namespace gatehouse::plugin {
namespace {

std::atomic<unsigned> next_number{1};  // for the process: two stagings must not share names either

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
  std::string path = *real + "/gatehouse-plugins-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return io(path);  // mode 0700
  return std::shared_ptr<Staging>(new Staging(std::move(path)));
}

Staging::~Staging() {
  clear();
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
