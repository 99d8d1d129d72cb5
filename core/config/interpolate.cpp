#include "config/interpolate.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "config/exposure.hpp"
#include "config/scalar.hpp"

namespace gatehouse::config {
namespace {

constexpr std::string_view kEnv = "${env:";
constexpr std::string_view kFile = "${file:";
constexpr std::string_view kEscape = "$${";

bool is_variable_name(std::string_view name) noexcept {
  if (name.empty() || base::is_digit(name[0])) return false;
  for (const char c : name)
    if (c != '_' && !base::is_digit(c) && !(base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z')) return false;
  return true;
}

Result<std::string> variable(std::string_view name) {
  if (!is_variable_name(name))
    return fail(Code::Invalid, "`${env:" + std::string(name) + "}` does not name an environment variable");
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return fail(Code::NotFound, "environment variable `" + std::string(name) + "` is not set");
  if (!base::is_utf8(value))
    return fail(Code::Invalid, "environment variable `" + std::string(name) + "` does not hold UTF-8");
  return std::string(value);
}

Result<std::string> content(std::string_view path, const std::string& directory, std::string& exposed) {
  if (path.empty()) return fail(Code::Invalid, "`${file:}` does not name a file");
  const std::string full = path_from(directory, path);
  auto bytes = read_file(full, full, kMaxSecretFile, exposed);
  if (!bytes) return bytes;
  if (bytes->find('\0') != std::string::npos || !base::is_utf8(*bytes))
    return fail(Code::Invalid, "file `" + full + "` does not hold UTF-8 text");
  if (bytes->ends_with('\n')) bytes->pop_back();
  if (bytes->ends_with('\r')) bytes->pop_back();
  return bytes;
}

}  // namespace

bool has_reference(std::string_view text) noexcept {
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with(kEnv) || rest.starts_with(kFile)) return true;
    at += rest.starts_with(kEscape) ? kEscape.size() : 1;
  }
  return false;
}

Result<std::optional<std::string>> interpolate(std::string_view text, const std::string& directory, std::size_t& budget,
                                               std::string& exposed) {
  if (text.find("${") == std::string_view::npos) return std::optional<std::string>();
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with(kEscape)) {
      out += "${";
      at += kEscape.size();
      continue;
    }
    const bool env = rest.starts_with(kEnv);
    if (!env && !rest.starts_with(kFile)) {
      out += text[at++];
      continue;
    }
    const std::size_t prefix = env ? kEnv.size() : kFile.size();
    const std::size_t end = rest.find('}');
    if (end == std::string_view::npos)
      return fail(Code::Invalid,
                  "`" + std::string(rest.substr(0, prefix)) + "` without its `}` (write `$${` for a plain `${`)");
    const std::string_view word = rest.substr(prefix, end - prefix);
    auto value = env ? variable(word) : content(word, directory, exposed);
    if (!value) return tl::unexpected<Error>(std::move(value).error());
    if (value->size() > budget)
      return fail(Code::Limit,
                  "`${env:...}` and `${file:...}` put in more than " + size_text(kMaxResolved) + " in all");
    budget -= value->size();
    out += *value;
    at += end + 1;
  }
  return std::optional<std::string>(std::move(out));
}

std::string path_from(const std::string& directory, std::string_view path) {
  if (path.starts_with('/') || directory.empty() || directory == ".") return std::string(path);
  std::string out = directory;
  if (!out.ends_with('/')) out += '/';
  return out.append(path);
}

Result<std::string> read_file(const std::string& path, const std::string& shown, std::size_t limit,
                              std::string& exposed) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const int error = errno;
    return fail(error == ENOENT || error == ENOTDIR ? Code::NotFound : Code::Io,
                "cannot read file `" + shown + "`: " + std::strerror(error));
  }
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } closer{fd};
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail(Code::Io, "cannot read file `" + shown + "`: " + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return fail(Code::Refused, "`" + shown + "` is not a regular file");
  auto others = exposure(fd, path, shown);
  if (!others) return others;
  if (!others->empty()) exposed = std::move(*others);
  std::string out;
  char buffer[16384];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n == 0) return out;
    if (n < 0) {
      if (errno == EINTR) continue;
      return fail(Code::Io, "cannot read file `" + shown + "`: " + std::strerror(errno));
    }
    if (out.size() + static_cast<std::size_t>(n) > limit)
      return fail(Code::Limit, "file `" + shown + "` is larger than " + size_text(static_cast<std::int64_t>(limit)));
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace gatehouse::config
