#include "identity/master_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace gatehouse::identity {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMost = 64 * 1024;

struct Descriptor {
  int fd;
  explicit Descriptor(int opened) : fd(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

tl::unexpected<Error> io(const std::string& what, const std::string& path) {
  const int error = errno;
  return fail(error == ENOENT || error == ENOTDIR ? Code::NotFound : Code::Io,
              "cannot " + what + " `" + path + "`: " + std::strerror(error));
}

fs::path folder_of(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

Result<void> judge_folder(const std::string& path) {
  const std::string folder = folder_of(path).string();
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return io("look at folder", folder);
  if ((status.st_mode & 022) != 0 && (status.st_mode & S_ISVTX) == 0)
    return fail(Code::Refused, "folder `" + folder +
                                   "` of the master keys can be written by others, who could put their own there: "
                                   "`chmod go-w` it");
  return {};
}

Result<base::Secret> read_keys(const std::string& path, bool credential) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd < 0) return io("read the file of master keys", path);
  struct stat status {};
  if (::fstat(file.fd, &status) != 0) return io("look at the file of master keys", path);
  if (!S_ISREG(status.st_mode)) return fail(Code::Refused, "`" + path + "`, for master keys, is not a regular file");
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return fail(Code::Refused, "the file of master keys `" + path + "` belongs to user " +
                                   std::to_string(status.st_uid) + ": give it to root or to the gateway's user");
  const mode_t forbidden = credential && status.st_uid == 0 ? 0037 : 0077;
  if ((status.st_mode & forbidden) != 0)
    return fail(Code::Refused,
                "the file of master keys `" + path + "` can be read or written by others: `chmod 600` it");
  if (auto good = judge_folder(path); !good) return tl::unexpected<Error>(std::move(good).error());
  std::string text(kMost + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file.fd, text.data() + size, text.size() - size);
    if (n == 0) break;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io("read the file of master keys", path);
    size += static_cast<std::size_t>(n);
  }
  text.resize(size);
  base::Secret out(std::move(text));
  if (size > kMost) return fail(Code::Limit, "the file of master keys `" + path + "` is larger than 64 KiB");
  return out;
}

Result<KeyRing> parsed(Result<base::Secret> text, const std::string& from) {
  if (!text) return tl::unexpected<Error>(std::move(text).error());
  auto ring = KeyRing::parse(text->reveal());
  if (!ring) return fail(ring.error().code, from + ": " + ring.error().text);
  return ring;
}

bool is_credential_name(const std::string& name) {
  return !name.empty() && name.size() < 256 && name[0] != '.' &&
         std::none_of(name.begin(), name.end(), [](char c) { return c == '/' || c == '\0'; });
}

bool is_in_credentials(const std::string& path) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  std::error_code ignored;
  return folder != nullptr && *folder != '\0' && fs::equivalent(folder_of(path), folder, ignored);
}

}  // namespace

Result<KeyRing> load_master_keys(const MasterKeySource& source) {
  const int given =
      (source.file.empty() ? 0 : 1) + (source.environment.empty() ? 0 : 1) + (source.credential.empty() ? 0 : 1);
  if (given != 1)
    return fail(Code::Invalid, "master keys come from one of a file, an environment variable and a systemd credential");
  if (!source.file.empty())
    return parsed(read_keys(source.file, is_in_credentials(source.file)), "file `" + source.file + "`");
  if (!source.environment.empty()) {
    const char* value = std::getenv(source.environment.c_str());
    if (value == nullptr)
      return fail(Code::NotFound, "environment variable `" + source.environment + "`, for master keys, is not set");
    return parsed(base::Secret(std::string(value)), "environment variable `" + source.environment + "`");
  }
  if (!is_credential_name(source.credential))
    return fail(Code::Invalid, "`" + source.credential + "` is not the name of a systemd credential");
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder == '\0')
    return fail(Code::NotFound, "there is no credential `" + source.credential +
                                    "`: the unit needs `LoadCredential=" + source.credential + ":/path/to/the/file`");
  return parsed(read_keys((fs::path(folder) / source.credential).string(), true),
                "credential `" + source.credential + "`");
}

Result<bool> make_if_missing(const std::string& path, base::Random& random, const base::Clock& clock) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) return false;
  if (errno != ENOENT) return io("look at the file of master keys", path);
  if (auto good = judge_folder(path); !good) return tl::unexpected<Error>(std::move(good).error());
  std::string name = (folder_of(path) / ".master-key-XXXXXX").string();
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));  // mode 0600
  if (file.fd < 0) return io("make a file beside", path);
  struct Remover {
    const std::string& name;
    ~Remover() { ::unlink(name.c_str()); }
  } remover{name};
  const base::Secret line = KeyRing::generate(random, clock.unix_ms() / 1000);
  std::string_view rest = line.reveal();
  while (!rest.empty()) {
    const ssize_t n = ::write(file.fd, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return io("write the file of master keys", path);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(file.fd) != 0) return io("write the file of master keys", path);
  // Unlike a rename, a link never takes the place of a key that somebody else has made meanwhile.
  if (::link(name.c_str(), path.c_str()) != 0) {
    if (errno == EEXIST) return false;
    return io("make the file of master keys", path);
  }
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd < 0 || ::fsync(folder.fd) != 0) return io("write to the disk the folder of", path);
  return true;
}

}  // namespace gatehouse::identity
