#include "policy/fault.hpp"

namespace gatehouse::policy {

std::string text(const std::vector<Fault>& faults) {
  std::string out;
  for (const Fault& fault : faults) {
    if (!out.empty()) out += '\n';
    if (!fault.pointer.empty()) out += fault.pointer + ": ";
    out += fault.text;
  }
  return out;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 80;
  return "`" + std::string(text.substr(0, kMost)) + (text.size() > kMost ? "..." : "") + "`";
}

std::string pointer_token(std::string_view member) {
  std::string out;
  for (const char c : member) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

}  // namespace gatehouse::policy
