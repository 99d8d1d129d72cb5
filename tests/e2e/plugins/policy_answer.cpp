// Answers with the policy that stands in x-policy, and writes a line for each call, so that a story can count them.
// `x-policy: plain` is an allow without a policy, `deny` a deny without one; without x-policy the caller is not known.
#include <fcntl.h>
#include <unistd.h>

#include <gatehouse/authorizer.hpp>
#include <string>

namespace gh = gatehouse;

struct PolicyAnswer : gh::Authorizer {
  static constexpr auto info = gh::Info("answers with the caller's own policy").nonblocking().settings(R"({
    "type": "object", "required": ["file"], "additionalProperties": false,
    "properties": {"file": {"type": "string", "description": "where each call writes a line"}}})");
  std::string file;
  PolicyAnswer(const gh::Config& config, gh::Host&) : file(config.str("/file")) {}
  gh::Answer authorize(const gh::Request& request) override {
    const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, "called\n", 7) != 7) return gh::failed("cannot count");
    ::close(fd);
    const auto policy = request.header("x-policy");
    if (policy.empty()) return gh::unauthorized("Policy");
    if (policy == "deny") return gh::deny("told to");
    if (policy == "plain") return gh::allow("ann");
    return gh::allow(request.header("x-principal").empty() ? "ann" : "").policy(policy);
  }
};
GATEHOUSE_AUTHORIZER(PolicyAnswer, "test.policy-answer", "1.0.0")
