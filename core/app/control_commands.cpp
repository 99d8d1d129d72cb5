#include <rapidjson/document.h>

#include <CLI/App.hpp>
#include <cstdio>

#include "app/admin_client.hpp"
#include "app/command.hpp"
#include "app/paths.hpp"

namespace gatehouse::app {
namespace {

/// A command that asks the running gateway one thing.
class ControlCommand : public Command {
 public:
  explicit ControlCommand(CLI::App& parser) {
    parser.add_option("--admin", admin_, "admin socket of the running gateway");
    parser.add_flag("--json", json_, "print one JSON object");
  }

 protected:
  int ask(const std::string& method, const std::string& target, void (*print)(const rapidjson::Document&)) const {
    const auto reply = admin_call(admin_.empty() ? admin_socket({}) : admin_, method, target);
    if (!reply) {
      std::fprintf(stderr, "error: %s\n", reply.error().what().c_str());
      return kFault;
    }
    rapidjson::Document document;
    if (json_ || document.Parse(reply->body.data(), reply->body.size()).HasParseError() || !document.IsObject())
      std::printf("%s\n", reply->body.c_str());
    else
      print(document);
    return reply->status == 200 ? kOk : kFault;
  }

 private:
  std::string admin_;
  bool json_ = false;
};

void print_lines(const rapidjson::Document& document, const char* member, const char* prefix) {
  const auto found = document.FindMember(member);
  if (found == document.MemberEnd() || !found->value.IsArray()) return;
  for (const auto& line : found->value.GetArray())
    if (line.IsString()) std::fprintf(stderr, "%s%s\n", prefix, line.GetString());
}

class ReloadCommand final : public ControlCommand {
 public:
  using ControlCommand::ControlCommand;
  int run() override {
    return ask("POST", "/reload", [](const rapidjson::Document& reply) {
      print_lines(reply, "warnings", "warning: ");
      print_lines(reply, "errors", "error: ");
      const bool done = reply.HasMember("reloaded") && reply["reloaded"].IsTrue();
      std::printf("%s\n", done ? "reloaded" : "refused: the configuration that was running still is");
    });
  }
};

class StatusCommand final : public ControlCommand {
 public:
  using ControlCommand::ControlCommand;
  int run() override {
    return ask("GET", "/status", [](const rapidjson::Document& reply) {
      for (const auto& member : reply.GetObject()) {
        std::printf("%-26s", member.name.GetString());
        print_value(member.value);
        std::printf("\n");
      }
    });
  }

 private:
  // Objects one below the other, plain values in one line.
  static void print_items(const rapidjson::Value& list) {
    const char* separator = "";
    for (const auto& item : list.GetArray()) {
      std::printf("%s", separator);
      print_value(item);
      separator = item.IsObject() ? "\n                          " : ", ";
    }
  }

  static void print_value(const rapidjson::Value& value) {
    if (value.IsString()) {
      std::printf("%s", value.GetString());
    } else if (value.IsBool()) {
      std::printf("%s", value.GetBool() ? "yes" : "no");
    } else if (value.IsInt64()) {
      std::printf("%lld", static_cast<long long>(value.GetInt64()));
    } else if (value.IsArray()) {
      print_items(value);
    } else if (value.IsObject()) {
      const char* separator = "";
      for (const auto& member : value.GetObject()) {
        std::printf("%s%s=", separator, member.name.GetString());
        print_value(member.value);
        separator = ", ";
      }
    }
  }
};

class PurgeCommand final : public ControlCommand {
 public:
  explicit PurgeCommand(CLI::App& parser) : ControlCommand(parser) {
    parser.add_option("--authorizer", authorizer_, "of this authorizer only");
    parser.add_option("--stage", stage_, "of this stage only: API/STAGE");
  }
  int run() override {
    std::string target = "/purge";
    for (const auto& [name, value] : {std::pair("authorizer=", &authorizer_), std::pair("stage=", &stage_)}) {
      if (value->empty()) continue;
      if (value->find_first_of(" \t\r\n&?#%") != std::string::npos) {
        std::fprintf(stderr, "error: `%s` is no name in a configuration\n", value->c_str());
        return kUsage;
      }
      target += (target.find('?') == std::string::npos ? "?" : "&") + std::string(name) + *value;
    }
    return ask("POST", target, [](const rapidjson::Document& reply) {
      if (const auto purged = reply.FindMember("purged"); purged != reply.MemberEnd() && purged->value.IsUint64())
        std::printf("purged %llu kept answers\n", static_cast<unsigned long long>(purged->value.GetUint64()));
      else if (const auto why = reply.FindMember("message"); why != reply.MemberEnd() && why->value.IsString())
        std::fprintf(stderr, "error: %s\n", why->value.GetString());
    });
  }

 private:
  std::string authorizer_, stage_;
};

}  // namespace

std::unique_ptr<Command> purge_command(CLI::App& parser) {
  return std::make_unique<PurgeCommand>(parser);
}
std::unique_ptr<Command> reload_command(CLI::App& parser) {
  return std::make_unique<ReloadCommand>(parser);
}
std::unique_ptr<Command> status_command(CLI::App& parser) {
  return std::make_unique<StatusCommand>(parser);
}

}  // namespace gatehouse::app
