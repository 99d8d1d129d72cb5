#include <CLI/App.hpp>
#include <cstdio>

#include "app/admin_client.hpp"
#include "app/check.hpp"
#include "app/command.hpp"
#include "app/paths.hpp"
#include "base/text.hpp"
#include "gateway/explain.hpp"

namespace gatehouse::app {
namespace {

class ExplainCommand final : public Command {
 public:
  explicit ExplainCommand(CLI::App& parser) {
    auto* const file = parser.add_option("FILE", file_, "configuration file");
    parser.add_option("METHOD", request_.method, "method, as GET");
    parser.add_option("PATH", request_.target, "path, with its query");
    parser.add_option("--from", request_.from, "IP address of the caller")->capture_default_str();
    parser.add_option("--host", request_.host, "Host of the request");
    parser.add_option("--header", headers_, "a header, as `name: value`; may be repeated")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    parser.add_option("--request", request_id_, "the id of a request that the running gateway refused")->excludes(file);
    parser.add_option("--admin", admin_, "admin socket of the running gateway (with --request)");
    parser.add_flag("--json", json_, "print one JSON object");
    parser.footer("Exit code: 0 when the request is allowed, 1 when it is refused or cannot be explained.");
  }

  int run() override { return request_id_.empty() ? explain_paper() : explain_past(); }

 private:
  int explain_paper() {
    if (file_.empty() || request_.method.empty() || request_.target.empty()) {
      std::fprintf(stderr, "error: name FILE METHOD PATH, or --request ID\n");
      return kUsage;
    }
    for (const std::string& line : headers_) {
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos || colon == 0) {
        std::fprintf(stderr, "error: `%s` is not `name: value`\n", line.c_str());
        return kUsage;
      }
      request_.headers.emplace_back(line.substr(0, colon),
                                    std::string(base::trim(std::string_view(line).substr(colon + 1))));
    }
    config::Diagnostics diagnostics;
    Checked checked(file_, diagnostics);
    if (!checked.gateway()) {
      print(diagnostics);
      return kFault;
    }
    const auto explained = gateway::explain(checked.gateway(), checked.loop(), request_);
    if (!explained) {
      std::fprintf(stderr, "error: %s\n", explained.error().what().c_str());
      return kFault;
    }
    if (json_)
      std::printf("%s\n", explained->json.c_str());
    else
      std::printf("%s%s\n", explained->text.c_str(), summary(*explained).c_str());
    return explained->allowed ? kOk : kFault;
  }

  static std::string summary(const gateway::Explanation& explained) {
    if (explained.allowed) return "allowed: the integration would answer";
    return "refused, " + std::to_string(explained.status);
  }

  int explain_past() {
    const std::string socket = admin_.empty() ? admin_socket({}) : admin_;
    const auto reply = admin_call(socket, "GET", "/explain?request=" + request_id_);
    if (!reply) {
      std::fprintf(stderr, "error: %s\n", reply.error().what().c_str());
      return kFault;
    }
    std::printf("%s\n", reply->body.c_str());
    return reply->status == 200 ? kOk : kFault;
  }

  std::string file_, request_id_, admin_;
  gateway::ExplainRequest request_;
  std::vector<std::string> headers_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> explain_command(CLI::App& parser) {
  return std::make_unique<ExplainCommand>(parser);
}

}  // namespace gatehouse::app
