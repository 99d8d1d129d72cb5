#include "plugin/json.hpp"

#include "base/text.hpp"

namespace gatehouse::plugin {

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  kit::JsonFault fault;
  auto value = kit::parse_json(text, fault, limits);
  if (!value) return fail(fault.too_large ? Code::Limit : Code::Invalid, std::move(fault.text));
  return std::move(*value);
}

void append_json(std::string& out, const Json& value) {
  switch (value.kind) {
    case Json::Kind::Null:
      out += "null";
      return;
    case Json::Kind::Bool:
    case Json::Kind::Number:
      out += value.text;
      return;
    case Json::Kind::String:
      base::append_json_string(out, value.text);
      return;
    case Json::Kind::Array:
    case Json::Kind::Object:
      break;
  }
  const bool object = value.kind == Json::Kind::Object;
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < value.children.size(); ++i) {
    if (i > 0) out += ',';
    if (object) {
      base::append_json_string(out, value.names[i]);
      out += ':';
    }
    append_json(out, value.children[i]);
  }
  out += object ? '}' : ']';
}

}  // namespace gatehouse::plugin
