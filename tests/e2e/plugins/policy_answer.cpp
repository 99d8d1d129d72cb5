// Answers with the policy that stands in x-policy, and writes a line for each call, so that a story can count them.
// `x-policy: plain` is an allow without a policy, `deny` a deny without one, `handle:INDEX:ROLE` names one of the
// settings `compiled` by its handle and that role (GH_ROLE_); without x-policy the caller is not known.
#include <fcntl.h>
#include <unistd.h>

#include <gatehouse/authorizer.hpp>
#include <string>
#include <vector>

namespace gh = gatehouse;

struct PolicyAnswer : gh::Authorizer {
  static constexpr auto info = gh::Info("answers with the caller's own policy")
                                   .nonblocking()
                                   .settings(R"({
    "type": "object", "required": ["file"], "additionalProperties": false,
    "properties": {
      "file": {"type": "string", "description": "where each call writes a line"},
      "compiled": {"type": "array", "items": {"type": "object", "required": ["role", "policy"], "properties": {
        "role": {"type": "integer"}, "policy": {"type": "object"}}}}}})")
                                   .services({GH_SVC_POLICY});
  std::string file;
  std::vector<std::uint64_t> handles;
  PolicyAnswer(const gh::Config& config, gh::Host& host) : file(config.str("/file")) {
    for (std::size_t i = 0; config.has("/compiled/" + std::to_string(i)); ++i) {
      const std::string at = "/compiled/" + std::to_string(i);
      handles.push_back(
          host.compile_policy(static_cast<std::uint32_t>(config.integer(at + "/role")), config.json(at + "/policy")));
    }
  }
  gh::Answer authorize(const gh::Request& request) override {
    const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, "called\n", 7) != 7) return gh::failed("cannot count");
    ::close(fd);
    const auto policy = request.header("x-policy");
    if (policy.empty()) return gh::unauthorized("Policy");
    if (policy == "deny") return gh::deny("told to");
    if (policy == "plain") return gh::allow("ann");
    if (policy.rfind("handle:", 0) == 0 && policy.size() == 10)
      return gh::allow("ann").policy(handles.at(static_cast<std::size_t>(policy[7] - '0')),
                                     static_cast<std::uint32_t>(policy[9] - '0'));
    return gh::allow(request.header("x-principal").empty() ? "ann" : "").policy(policy);
  }
};
GATEHOUSE_AUTHORIZER(PolicyAnswer, "test.policy-answer", "1.0.0")
