#include "identity/operation_json.hpp"

#include <gatehouse/kit/json.hpp>

#include "base/iso_time.hpp"
#include "base/text.hpp"

namespace gatehouse::identity {
namespace {

using kit::Json;

Json text_json(std::string text) {
  Json out;
  out.kind = Json::Kind::String;
  out.text = std::move(text);
  return out;
}

Json as_json(const Value& value) {
  Json out;
  switch (value.kind) {
    case Value::Kind::Struct:
    case Value::Kind::Map:
      out.kind = Json::Kind::Object;
      out.names = value.names;
      for (const Value& child : value.children) out.children.push_back(as_json(child));
      break;
    case Value::Kind::List:
      out.kind = Json::Kind::Array;
      for (const Value& child : value.children) out.children.push_back(as_json(child));
      break;
    case Value::Kind::Text:
      return text_json(value.text);
    case Value::Kind::Number:
      out.kind = Json::Kind::Number;
      out.text = std::to_string(value.number);
      break;
    case Value::Kind::Bool:
      out.kind = Json::Kind::Bool;
      out.text = value.number != 0 ? "true" : "false";
      break;
    case Value::Kind::Time:
      return text_json(base::iso_time(value.number));
    case Value::Kind::Document: {
      kit::JsonFault broken;
      auto parsed = kit::parse_json(value.text, broken);
      return parsed ? std::move(*parsed) : text_json(value.text);
    }
  }
  return out;
}

void append_string(std::string& out, std::string_view text) {
  std::string escaped;
  base::append_json_string(escaped, text);
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const auto byte = static_cast<unsigned char>(escaped[i]);
    const auto next = i + 1 < escaped.size() ? static_cast<unsigned char>(escaped[i + 1]) : 0u;
    if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
      out += "\\u00" + base::hex(escaped.substr(i + 1, 1));
      ++i;
    } else if (byte == 0x7f) {
      out += "\\u007f";
    } else {
      out += escaped[i];
    }
  }
}

void append(std::string& out, const Json& value, std::size_t level) {
  const bool object = value.kind == Json::Kind::Object;
  if (!object && value.kind != Json::Kind::Array) {
    if (value.kind == Json::Kind::String)
      append_string(out, value.text);
    else
      out += value.kind == Json::Kind::Null ? "null" : value.text;
    return;
  }
  if (value.children.empty()) {
    out += object ? "{}" : "[]";
    return;
  }
  out += object ? '{' : '[';
  for (std::size_t i = 0; i < value.children.size(); ++i) {
    out.append(i == 0 ? "\n" : ",\n").append((level + 1) * 4, ' ');
    if (object) {
      append_string(out, value.names[i]);
      out += ": ";
    }
    append(out, value.children[i], level + 1);
  }
  out.append("\n").append(level * 4, ' ').append(object ? "}" : "]");
}

}  // namespace

std::string to_json(const Value& value) {
  std::string out;
  append(out, as_json(value), 0);
  return out + "\n";
}

}  // namespace gatehouse::identity
