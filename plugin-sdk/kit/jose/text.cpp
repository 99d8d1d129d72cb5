#include "text.hpp"

namespace gatehouse::kit::jose {

const std::string* text_member(const Json& object, std::string_view name) noexcept {
  const Json* const member = object.member(name);
  return member != nullptr && member->kind == Json::Kind::String ? &member->text : nullptr;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  std::string out = "`";
  for (const char c : text.substr(0, kLongest)) out += c > ' ' && c < '\x7f' && c != '`' ? c : '?';
  if (text.size() > kLongest) out += "...";
  return out + "`";
}

}  // namespace gatehouse::kit::jose
