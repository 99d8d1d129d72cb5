#include <unistd.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "app/command_group.hpp"
#include "app/token_commands.hpp"
#include "base/text.hpp"
#include "plugin/json.hpp"

namespace gatehouse::app {
namespace {

constexpr Subcommand kCommands[] = {
    {"inspect", "print what a token says, and what is odd about it; verifies nothing", token_inspect_command},
    {"verify", "say check by check whether the gateway would take a token", token_verify_command},
    {"issue", "make a key, and sign tokens with it, for demos and tests", token_issue_command},
};

constexpr std::string_view kAround = " \t\r\n";

/// Characters that a terminal acts on instead of showing them: C1 controls, marks of direction, invisible ones.
bool acts(unsigned point) noexcept {
  return point == 0x7f || (point >= 0x80 && point < 0xa0) || point == 0xad || point == 0x61c ||
         (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
         (point >= 0x2060 && point <= 0x206f) || point == 0xfeff;
}

unsigned point_at(std::string_view text, std::size_t at, std::size_t size) noexcept {
  const auto byte = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(text[at + i]); };
  if (size == 2) return (byte(0) & 0x1f) << 6 | (byte(1) & 0x3f);
  if (size == 3) return (byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
  return size == 1 ? byte(0) : 0x10000;
}

/// `json` is JSON already: its own escapes stay.
std::string tamed(std::string_view json) {
  std::string out;
  for (std::size_t at = 0; at < json.size();) {
    const std::size_t size = std::max<std::size_t>(base::utf8_sequence(json, at), 1);
    const unsigned point = point_at(json, at, size);
    if (acts(point)) {
      constexpr char kDigits[] = "0123456789abcdef";
      out += "\\u";
      for (const int shift : {12, 8, 4, 0}) out += kDigits[point >> shift & 15];
    } else {
      out += json.substr(at, size);
    }
    at += size;
  }
  return out;
}

}  // namespace

std::unique_ptr<Command> token_command(CLI::App& parser) {
  return std::make_unique<CommandGroup>(parser, kCommands);
}

std::string_view GivenToken::token() const noexcept {
  constexpr std::string_view kScheme = "bearer";
  std::string_view rest = value;
  if (!base::equal_ignoring_case(rest.substr(0, kScheme.size()), kScheme)) return rest;
  rest.remove_prefix(kScheme.size());
  const std::size_t blanks = std::min(rest.find_first_not_of(' '), rest.size());
  return blanks == 0 ? std::string_view(value) : rest.substr(blanks);
}

std::string_view GivenToken::token_of_rest() const noexcept {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view all = value;
  return all.starts_with(kScheme) ? all.substr(kScheme.size()) : all;
}

Result<GivenToken> given_token(const std::string& argument) {
  GivenToken out;
  if (argument != "-") {
    out.value = argument;
  } else {
    char block[16384];
    while (out.value.size() <= GivenToken::kMaxBytes) {
      const ssize_t got = ::read(STDIN_FILENO, block, sizeof block);
      if (got == 0) break;
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(Code::Io, std::string("standard input: ") + std::strerror(errno));
      out.value.append(block, static_cast<std::size_t>(got));
    }
  }
  out.cut = out.value.size() > GivenToken::kMaxBytes;
  if (out.cut) out.value.resize(GivenToken::kMaxBytes + 1);
  out.value.erase(out.value.find_last_not_of(kAround) + 1);
  out.value.erase(0, out.value.find_first_not_of(kAround));
  return out;
}

std::string shown(const kit::Json& value) {
  std::string json;
  plugin::append_json(json, value);
  return tamed(json);
}

std::string shown(std::string_view text) {
  return tamed(in_json(text));
}

std::string shown_raw(std::string_view text, std::size_t most) {
  std::string json;
  base::append_json_escaped(json, text.substr(0, most));
  return tamed(json) + (text.size() > most ? "..." : "");
}

std::string in_json(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

}  // namespace gatehouse::app
