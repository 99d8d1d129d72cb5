#include <CLI/App.hpp>
#include <cstdio>

#include "app/token_anatomy.hpp"
#include "app/token_commands.hpp"
#include "app/token_time.hpp"
#include "base/clock.hpp"

namespace gatehouse::app {
namespace {

using kit::Json;

constexpr std::size_t kMostShown = 2'000;  // of what is no JSON

bool is_time(std::string_view name) noexcept {
  return name == "exp" || name == "nbf" || name == "iat" || name == "auth_time" || name == "updated_at";
}

/// `2026-11-26T09:30:00Z, expired 3 h ago`; empty when it is none.
std::string time_text(std::string_view name, const Json& value, std::int64_t now_ms) {
  const auto time = is_time(name) ? time_of(value) : std::nullopt;
  if (!time) return {};
  const bool over = name == "exp" && *time <= now_ms;
  return utc(*time) + ", " + (over ? "expired " : name == "exp" ? "expires " : "") + distance(*time, now_ms);
}

class TokenInspectCommand final : public Command {
 public:
  explicit TokenInspectCommand(CLI::App& parser) {
    parser.add_option("TOKEN", argument_, "the token, also after `Bearer `; - and nothing: standard input");
    parser.add_option("--now", now_, "the time to compare with: Unix seconds or RFC 3339");
    parser.add_flag("--json", json_, "print one JSON object");
    parser.footer(
        "A token on the command line can be seen by every user of the machine (ps): give it on standard input.\n"
        "Exit code: 0 when the token can be read whole, 1 when not. Nothing is verified: see `gatehouse token "
        "verify`.");
  }

  int run() override {
    const auto now = now_.empty() ? base::system_clock().unix_ms() : parse_now(now_);
    if (!now) {
      std::fprintf(stderr, "error: --now: `%s` is neither Unix seconds nor RFC 3339 as 2026-11-26T09:30:00Z\n",
                   shown_raw(now_, 64).c_str());
      return kUsage;
    }
    const auto given = given_token(argument_);
    if (!given) {
      std::fprintf(stderr, "error: %s\n", given.error().text.c_str());
      return kUsage;
    }
    const std::string_view token = given->token();
    TokenAnatomy anatomy = TokenAnatomy::of(token);
    if (given->cut)
      anatomy.faults.insert(anatomy.faults.begin(), "it has more than " + std::to_string(GivenToken::kMaxBytes) +
                                                        " bytes; the rest of it was not read");
    const auto odd = oddities(anatomy, token, *now);
    if (json_)
      std::printf("%s\n", object(anatomy, token, odd, *now).c_str());
    else
      print(anatomy, token, odd, *now);
    return anatomy.faults.empty() ? kOk : kFault;
  }

 private:
  static void members(const char* title, const std::optional<Json>& object, const TokenAnatomy& anatomy,
                      std::size_t index, std::int64_t now_ms) {
    if (anatomy.segments.size() <= index) return;
    std::printf("%s\n", title);
    if (!object) {
      const auto& bytes = anatomy.segments[index].bytes;
      std::printf("  %s\n",
                  bytes ? ("as it is written: " + shown_raw(*bytes, kMostShown)).c_str() : "cannot be decoded");
      return;
    }
    std::size_t width = 0;
    for (const std::string& name : object->names) width = std::max(width, std::min<std::size_t>(name.size(), 20));
    for (std::size_t i = 0; i < object->names.size(); ++i) {
      const std::string name = shown_raw(object->names[i], 256);
      const std::string time = time_text(object->names[i], object->children[i], now_ms);
      std::printf("  %-*s  %s%s%s\n", static_cast<int>(width), name.c_str(), shown(object->children[i]).c_str(),
                  time.empty() ? "" : "  ", time.c_str());
    }
  }

  static void print(const TokenAnatomy& anatomy, std::string_view token, const std::vector<std::string>& odd,
                    std::int64_t now_ms) {
    std::printf("nothing was verified: anybody can write a token that says this\n");
    std::printf("%zu bytes, %zu segment%s\n", token.size(), anatomy.segment_count,
                anatomy.segment_count == 1 ? "" : "s");
    members("header", anatomy.header, anatomy, 0, now_ms);
    members("payload", anatomy.payload, anatomy, 1, now_ms);
    if (anatomy.segments.size() > 2 && anatomy.segments[2].bytes)
      std::printf("signature\n  %zu bytes\n", anatomy.segments[2].bytes->size());
    for (const std::string& fault : anatomy.faults) std::printf("malformed: %s\n", fault.c_str());
    for (const std::string& line : odd) std::printf("odd: %s\n", line.c_str());
  }

  static std::string list(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) out += (out.size() > 1 ? "," : "") + in_json(text);
    return out + "]";
  }

  static std::string json_or_null(const std::optional<Json>& value) { return value ? shown(*value) : "null"; }

  static std::string object(const TokenAnatomy& anatomy, std::string_view token, const std::vector<std::string>& odd,
                            std::int64_t now_ms) {
    std::string segments, times;
    for (const auto& one : anatomy.segments)
      segments += (segments.empty() ? "{\"name\":" : ",{\"name\":") + in_json(one.name) +
                  ",\"at\":" + std::to_string(one.at) + ",\"characters\":" + std::to_string(one.size) +
                  ",\"bytes\":" + (one.bytes ? std::to_string(one.bytes->size()) : "null") + "}";
    for (std::size_t i = 0; anatomy.payload && i < anatomy.payload->names.size(); ++i) {
      const std::string& name = anatomy.payload->names[i];
      const auto time = is_time(name) ? time_of(anatomy.payload->children[i]) : std::nullopt;
      if (time) times += (times.empty() ? "" : ",") + in_json(name) + ":" + in_json(utc(*time));
    }
    return "{\"verified\":false,\"well_formed\":" + std::string(anatomy.faults.empty() ? "true" : "false") +
           ",\"bytes\":" + std::to_string(token.size()) + ",\"segments\":[" + segments +
           "],\"header\":" + json_or_null(anatomy.header) + ",\"payload\":" + json_or_null(anatomy.payload) +
           ",\"now\":" + in_json(utc(now_ms)) + ",\"times\":{" + times + "},\"malformed\":" + list(anatomy.faults) +
           ",\"odd\":" + list(odd) + "}";
  }

  std::string argument_ = "-", now_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> token_inspect_command(CLI::App& parser) {
  return std::make_unique<TokenInspectCommand>(parser);
}

}  // namespace gatehouse::app
