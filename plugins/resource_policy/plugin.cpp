#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <gatehouse/authorizer.hpp>
#include <string>

namespace gh = gatehouse;

namespace {

constexpr std::size_t kMaxFileBytes = 65536;  // an API has 8,192 characters at most

[[noreturn]] void refuse(const std::string& path, const char* why) {
  throw gh::ConfigError("settings: `/policy_file`: `" + path + "` " + why);
}

struct File {
  int fd;
  ~File() {
    if (fd >= 0) ::close(fd);
  }
};

// The gateway has looked at it, and somebody may have put another in its place since.
std::string read_file(const std::string& path) {
  if (path.empty() || path.front() != '/')
    throw gh::ConfigError("settings: `/policy_file` names no file: `" + path + "`");
  // O_NONBLOCK: opening a FIFO would wait for somebody to write.
  const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  if (file.fd < 0) refuse(path, std::strerror(errno));
  struct stat status {};
  if (::fstat(file.fd, &status) != 0) refuse(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) refuse(path, "is not a regular file");
  std::string text(kMaxFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file.fd, text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) refuse(path, std::strerror(errno));
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > kMaxFileBytes) refuse(path, "is larger than 64 KiB: a policy has 8,192 characters at most");
  text.resize(size);
  return text;
}

std::string document(const gh::Config& config) {
  const bool inline_policy = config.has("/policy");
  if (inline_policy == config.has("/policy_file"))
    throw gh::ConfigError("settings: write either `policy` or `policy_file`");
  return inline_policy ? config.json("/policy") : read_file(config.str("/policy_file"));
}

}  // namespace

/// Brings a policy that the gateway weighs; judges nothing itself.
struct ResourcePolicy : gh::Authorizer {
  static constexpr auto info = gh::Info("weighs each request by the API's resource policy")
                                   .nonblocking()
                                   .category(GH_CAT_RESOURCE)
                                   .services({GH_SVC_POLICY})
                                   .settings(R"({
    "type": "object", "additionalProperties": false,
    "properties": {
      "policy": {"type": "object", "description": "the policy document"},
      "policy_file": {"type": "string", "format": "file", "description": "a file with the policy document, instead"}}})");
  std::uint64_t handle;
  ResourcePolicy(const gh::Config& config, gh::Host& host)
      : handle(host.compile_policy(GH_ROLE_RESOURCE, document(config))) {}
  gh::Answer authorize(const gh::Request&) override { return gh::abstain().policy(handle, GH_ROLE_RESOURCE); }
};
GATEHOUSE_AUTHORIZER(ResourcePolicy, "gatehouse.resource_policy", "1.0.0")
