#include <rapidjson/document.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <gatehouse/kit/sigv4/signer.hpp>

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
    parser.add_option("--as", as_, "sign the request with this access key of the store of identities");
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
    if (!as_.empty())
      if (const auto signed_as = sign_as(checked); !signed_as) {
        std::fprintf(stderr, "error: %s\n", signed_as.error().what().c_str());
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
    if (!json_ && !explained->to_change.empty()) std::printf("to change it: %s\n", explained->to_change.c_str());
    return explained->allowed || explained->answered ? kOk : kFault;
  }

  /// As whoever has the key would sign it: what he may do is then weighed as always. The secret stays here.
  Result<void> sign_as(const Checked& checked) {
    if (checked.identities() == nullptr)
      return fail(Code::NotFound, "the configuration has no `identity:` to find `" + as_ + "` in");
    const auto found = checked.identities()->store()->read<identity::AccessKey>(
        [&](identity::Tables& tables) -> identity::Outcome<identity::AccessKey> {
          auto key = tables.key(as_);
          if (!key) return identity::refuse("NoSuchEntity", "there is no access key `" + as_ + "`");
          return std::move(*key);
        });
    if (!found) return fail(Code::NotFound, found.error().message);
    kit::sigv4::Unsigned request;
    request.method = request_.method;
    request.host = request_.host.empty() ? "localhost" : request_.host;
    const std::size_t mark = request_.target.find('?');
    request.path = request_.target.substr(0, mark);
    if (mark != std::string::npos) request.raw_query = request_.target.substr(mark + 1);
    for (const auto& [name, value] : request_.headers) {
      if (base::equal_ignoring_case(name, "authorization"))
        return fail(Code::Conflict, "`--as` signs the request: leave its `Authorization` header out");
      if (base::equal_ignoring_case(name, "host"))
        request.host = value;
      else
        request.headers.emplace_back(name, value);
    }
    kit::sigv4::SigningOptions options;
    options.region = checked.gateway()->settings.region;
    options.time_s = base::system_clock().unix_ms() / 1000;
    const kit::sigv4::Signed made =
        kit::sigv4::sign(request,
                         {found->id, std::string(found->secret.reveal()),
                          std::string(found->fixed_token.reveal().substr(0, found->fixed_token.reveal().find('\n')))},
                         options);
    request_.headers.insert(request_.headers.end(), made.headers.begin(), made.headers.end());
    return {};
  }

  static std::string summary(const gateway::Explanation& explained) {
    if (explained.allowed) return "allowed: the integration would answer";
    const std::string status = std::to_string(explained.status);
    return explained.answered ? "answered by the gateway itself, " + status : "refused, " + status;
  }

  int explain_past() {
    const std::string socket = admin_.empty() ? admin_socket({}) : admin_;
    const auto reply = admin_call(socket, "GET", "/explain?request=" + request_id_);
    if (!reply) {
      std::fprintf(stderr, "error: %s\n", reply.error().what().c_str());
      return kFault;
    }
    rapidjson::Document document;
    if (json_ || document.Parse(reply->body.data(), reply->body.size()).HasParseError() || !document.IsObject())
      std::printf("%s\n", reply->body.c_str());
    else
      print_past(document);
    return reply->status == 200 ? kOk : kFault;
  }

  static const char* text(const rapidjson::Value& object, const char* member) {
    const auto found = object.FindMember(member);
    return found != object.MemberEnd() && found->value.IsString() && found->value.GetStringLength() != 0
               ? found->value.GetString()
               : "-";
  }

  static void print_past(const rapidjson::Document& past) {
    const auto trace = past.FindMember("trace");
    if (trace == past.MemberEnd() || !trace->value.IsArray()) {
      std::printf("%s\n", text(past, "message"));
      return;
    }
    std::printf("%s %s from %s, API %s, route %s\n", text(past, "method"), text(past, "path"), text(past, "source_ip"),
                text(past, "api"), text(past, "route"));
    for (const auto& record : trace->value.GetArray()) {
      if (!record.IsObject()) continue;
      const std::string detail = text(record, "detail");
      std::printf("%-11s %-24s %-12s %s%s\n", text(record, "step"), text(record, "who"), text(record, "outcome"),
                  text(record, "code"), detail == "-" ? "" : (": " + detail).c_str());
    }
    const auto status = past.FindMember("status");
    if (status != past.MemberEnd() && status->value.IsInt()) std::printf("refused, %d\n", status->value.GetInt());
    const std::string change = to_change(trace->value);
    if (!change.empty()) std::printf("to change it: %s\n", change.c_str());
  }

  /// What would turn policies round is not looked for at each refusal. The path stays out of the hint: who sent it
  /// could have written a command for whoever pastes it into a shell.
  static std::string to_change(const rapidjson::Value& trace) {
    std::string out;
    for (const auto& record : trace.GetArray()) {
      if (!record.IsObject()) continue;
      const std::string_view code = text(record, "code");
      if (code == "identity_source_absent")
        return "send `" + std::string(text(record, "detail")) + "`, which the request lacked";
      if (code == "statement" || code == "not_allowed")
        out = "`gatehouse explain FILE METHOD PATH --from IP` weighs such a request anew and says what would";
    }
    return out;
  }

  std::string file_, request_id_, admin_, as_;
  gateway::ExplainRequest request_;
  std::vector<std::string> headers_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> explain_command(CLI::App& parser) {
  return std::make_unique<ExplainCommand>(parser);
}

}  // namespace gatehouse::app
