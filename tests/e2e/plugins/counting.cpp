// Writes a line for each call, so that a story can count them. The token says what to do: `deny-...`,
// `unauthorized-...`, `fail-...`, `once-...` (not to be kept), `brief-...` (for a second), `slow-...` (takes 300 ms);
// `map-...` (with more context, for HTTP APIs only), `split-...` (a context that cannot stand in a header); anything
// else is let in.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <gatehouse/authorizer.hpp>
#include <string>
#include <thread>

namespace gh = gatehouse;

struct Counting : gh::Authorizer {
  static constexpr auto info = gh::Info("counts its calls in a file").settings(R"({
    "type": "object", "required": ["file"], "additionalProperties": false,
    "properties": {"file": {"type": "string", "description": "where each call writes its token"}}})");
  std::string file;
  Counting(const gh::Config& config, gh::Host&) : file(config.str("/file")) {}
  gh::Answer authorize(const gh::Request& request) override {
    std::string token(request.token().empty() ? request.header("x-token") : request.token());
    const std::string line = token + "\n";
    const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      return gh::failed("cannot count");
    ::close(fd);
    const auto begins = [&](const char* with) { return token.rfind(with, 0) == 0; };
    if (begins("slow-")) std::this_thread::sleep_for(std::chrono::milliseconds(300));
    if (begins("unauthorized-")) return gh::unauthorized("Token");
    if (begins("fail-")) return gh::failed("told to");
    if (begins("deny-")) return gh::deny("told to").context("level", std::int64_t{1});
    gh::Answer answer = gh::allow(token);
    answer.context("tenant", "blue").context("level", std::int64_t{3}).context("beta", true);
    if (begins("map-"))
      answer.context_json("limits", "{\"rps\":\n5}").context_json("roles", "[\"a\",\"b\"]").context("ratio", 0.5);
    if (begins("split-")) answer.context("note", "a\r\nX-Admin: 1");
    if (begins("once-")) answer.ttl(0);
    if (begins("brief-")) answer.ttl(1);
    return answer;
  }
};
GATEHOUSE_AUTHORIZER(Counting, "test.counting", "1.0.0")
