#include <CLI/App.hpp>
#include <cerrno>
#include <cstring>
#include <vector>

#include "app/command_group.hpp"
#include "app/policy_commands.hpp"

namespace gatehouse::app {
namespace {

constexpr Subcommand kCommands[] = {
    {"eval", "say whether policies allow a request, and why", policy_eval_command},
    {"validate", "print every fault in policies, and what in them may not do what it should", policy_validate_command},
};

}  // namespace

std::unique_ptr<Command> policy_command(CLI::App& parser) {
  return std::make_unique<CommandGroup>(parser, kCommands);
}

Result<std::string> read_whole(const std::string& file, std::size_t limit) {
  const bool standard = file == "-";
  std::FILE* const in = standard ? stdin : std::fopen(file.c_str(), "rbe");
  if (in == nullptr) return fail(Code::NotFound, "`" + file + "`: " + std::strerror(errno));
  std::string out;
  char block[16384];
  while (out.size() <= limit) {
    const std::size_t got = std::fread(block, 1, sizeof block, in);
    if (got == 0) break;
    out.append(block, got);
  }
  const int error = std::ferror(in) != 0 ? errno : 0;
  if (!standard) std::fclose(in);
  if (error != 0) return fail(Code::Io, "`" + file + "`: " + std::strerror(error));
  if (out.size() > limit) return fail(Code::Limit, "`" + file + "` has more than " + std::to_string(limit) + " bytes");
  return out;
}

std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out;
}

bool Lines::next(std::string& line) {
  line.clear();
  too_long_ = false;
  int c = std::getc(in_);
  if (c == EOF) return false;
  for (; c != EOF && c != '\n'; c = std::getc(in_)) {
    if (line.size() < limit_)
      line += static_cast<char>(c);
    else
      too_long_ = true;
  }
  return true;
}

}  // namespace gatehouse::app
