#include "policy/pointer.hpp"

#include <charconv>
#include <gatehouse/kit/json.hpp>

namespace gatehouse::policy {

using kit::Json;

std::string settled(const Json& root, std::string_view pointer) {
  std::string out;
  const Json* at = &root;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    std::size_t index = 0;
    const auto read = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool number = !token.empty() && read.ec == std::errc() && read.ptr == token.data() + token.size();
    std::string step = "/" + std::string(token);
    if (at != nullptr && number && at->kind == Json::Kind::Array) {
      for (std::size_t i = 0; i < at->children.size() && i <= index; ++i)
        if (at->children[i].kind == Json::Kind::Null) ++index;
      step = "/" + std::to_string(index);
    } else if (number && (at == nullptr || at->kind != Json::Kind::Object || at->member(token) == nullptr)) {
      continue;
    }
    out += step;
    if (at != nullptr) at = at->find(step);
  }
  return out;
}

std::string settled(std::string_view json, std::string_view pointer) {
  kit::JsonFault broken;
  const auto root = kit::parse_json(json, broken);
  return root ? settled(*root, pointer) : std::string(pointer);
}

}  // namespace gatehouse::policy
