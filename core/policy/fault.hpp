#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

/// One thing that is wrong with a document, and where: a JSON pointer (RFC 6901; empty: the document itself).
struct Fault {
  std::string pointer;
  std::string text;
};

/// `/Statement/0/Effect: ...`, a line each.
std::string text(const std::vector<Fault>& faults);

/// In backticks, cut when it is long.
std::string quoted(std::string_view text);
/// As one member's name stands in a JSON pointer.
std::string pointer_token(std::string_view member);

}  // namespace gatehouse::policy
