#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gatehouse/authorizer.hpp>
#include <string>

namespace gh = gatehouse;

namespace {

constexpr std::size_t kMaxFileBytes = 65536;  // an API has 8,192 characters at most

std::string read_file(const std::string& path) {
  if (path.empty() || path.front() != '/')
    throw gh::ConfigError("settings: `/policy_file` takes an absolute path, not `" + path + "`");
  // Opening a FIFO would wait for somebody to write.
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error))
    throw gh::ConfigError("settings: `/policy_file`: `" + path + "` is not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw gh::ConfigError("settings: `/policy_file`: `" + path + "`: " + std::strerror(errno));
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw gh::ConfigError("settings: `/policy_file`: `" + path + "` cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes) throw gh::ConfigError("settings: `/policy_file`: `" + path + "` is too large");
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
      "policy_file": {"type": "string", "description": "absolute path of a file with the policy document, instead"}}})");
  std::uint64_t handle;
  ResourcePolicy(const gh::Config& config, gh::Host& host)
      : handle(host.compile_policy(GH_ROLE_RESOURCE, document(config))) {}
  gh::Answer authorize(const gh::Request&) override { return gh::abstain().policy(handle, GH_ROLE_RESOURCE); }
};
GATEHOUSE_AUTHORIZER(ResourcePolicy, "gatehouse.resource_policy", "1.0.0")
