#include <gatehouse/kit/json.hpp>

namespace gatehouse::kit {
namespace {

void write_text(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

// As deep as parse_json() allows, and no deeper.
void write(const Json& value, std::string& out) {
  switch (value.kind) {
    case Json::Kind::String:
      return write_text(value.text, out);
    case Json::Kind::Array:
    case Json::Kind::Object: {
      const bool object = value.kind == Json::Kind::Object;
      out += object ? '{' : '[';
      for (std::size_t i = 0; i < value.children.size(); ++i) {
        if (i > 0) out += ',';
        if (object) {
          write_text(value.names[i], out);
          out += ':';
        }
        write(value.children[i], out);
      }
      out += object ? '}' : ']';
      return;
    }
    case Json::Kind::Null:
    case Json::Kind::Bool:
    case Json::Kind::Number:
      out += value.text;
  }
}

}  // namespace

std::string write_json(const Json& value) {
  std::string out;
  write(value, out);
  return out;
}

}  // namespace gatehouse::kit
