// Says what AWS event it was given: in the answer's context, or a line in the file that the settings name.
#include <fcntl.h>
#include <unistd.h>
#include <gatehouse/authorizer.hpp>
namespace gh = gatehouse;

namespace {

struct Event : gh::Authorizer {
  static constexpr auto info =
      gh::Info("says what event it was given")
          .category(GH_CAT_IDENTITY | GH_CAT_RESOURCE | GH_CAT_NETWORK)
          .nonblocking()
          .needs(GH_NEED_EVENT)
          .settings(R"({"type": "object", "properties": {"file": {"type": "string"}}, "additionalProperties": false})");
  std::string file;
  Event(const gh::Config& config, gh::Host&) : file(config.str("/file", "")) {}
  gh::Answer authorize(const gh::Request& request) override {
    if (file.empty()) return gh::allow("event").context("event", request.event());
    const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (out < 0) return gh::failed("the file cannot be opened");
    const std::string line = std::string(request.event()) + "\n";
    const ssize_t written = ::write(out, line.data(), line.size());
    ::close(out);
    if (written != static_cast<ssize_t>(line.size())) return gh::failed("the file cannot be written");
    return gh::allow("event");
  }
};

}  // namespace
GATEHOUSE_AUTHORIZER(Event, "test.event", "1.0.0")
