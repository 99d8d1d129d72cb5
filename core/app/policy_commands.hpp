#pragma once
#include <cstdio>
#include <string>
#include <string_view>

#include "app/command.hpp"
#include "base/error.hpp"

namespace gatehouse::app {

// The subcommands of `gatehouse policy`.
std::unique_ptr<Command> policy_eval_command(CLI::App& parser);
std::unique_ptr<Command> policy_validate_command(CLI::App& parser);

/// A file's content, or of `-` what standard input has. Errors: it cannot be read, or has more than `limit` bytes.
Result<std::string> read_whole(const std::string& file, std::size_t limit);

/// With a question mark for each control character: what strangers wrote must not break a line or move the cursor.
std::string printable(std::string_view text);

/// Lines of a stream, none held beyond a bound.
class Lines {
 public:
  Lines(std::FILE* in, std::size_t limit) : in_(in), limit_(limit) {}
  /// False at the end. A line of more than the bound is dropped to its end, and too_long() then.
  bool next(std::string& line);
  bool too_long() const noexcept { return too_long_; }

 private:
  std::FILE* in_;
  std::size_t limit_;
  bool too_long_ = false;
};

}  // namespace gatehouse::app
