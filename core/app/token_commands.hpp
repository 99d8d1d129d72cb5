#pragma once
#include <gatehouse/kit/json.hpp>
#include <string>
#include <string_view>

#include "app/command.hpp"
#include "base/error.hpp"

namespace gatehouse::app {

// The subcommands of `gatehouse token`.
std::unique_ptr<Command> token_inspect_command(CLI::App& parser);
std::unique_ptr<Command> token_verify_command(CLI::App& parser);
std::unique_ptr<Command> token_issue_command(CLI::App& parser);

/// What was given as a token.
struct GivenToken {
  static constexpr std::size_t kMaxBytes = 65'536;
  std::string value;  // without blanks and line ends around it
  bool cut = false;   // there was more than kMaxBytes, and the rest was not read

  /// As a JWT authorizer takes it out of the header (JW-10): behind `Bearer`, in any case, and blanks; or all of it.
  std::string_view token() const noexcept;
  /// As a Cognito authorizer does (CG-21): behind `Bearer `, spelt so and with one blank; or all of it.
  std::string_view token_of_rest() const noexcept;
};
/// The argument, or for `-` what standard input has. Errors: it cannot be read.
Result<GivenToken> given_token(const std::string& argument);

/// JSON of a stranger's for a terminal: what could move the cursor or turn the direction of a text round is written as
/// \uXXXX.
std::string shown(const kit::Json& value);
/// The same of any text, in quotes.
std::string shown(std::string_view text);
/// The same without quotes, not longer than `most` bytes and dots.
std::string shown_raw(std::string_view text, std::size_t most);
/// A text as JSON, for --json.
std::string in_json(std::string_view text);

}  // namespace gatehouse::app
