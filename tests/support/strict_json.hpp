#pragma once
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>

#include <set>
#include <string>
#include <string_view>

/// JSON read by somebody else, strictly: RFC 8259, UTF-8, and no member twice in an object.
namespace gatehouse::test {

inline bool has_member_twice(const rapidjson::Value& value) {
  if (value.IsArray()) {
    for (const auto& each : value.GetArray())
      if (has_member_twice(each)) return true;
    return false;
  }
  if (!value.IsObject()) return false;
  std::set<std::string_view> names;
  for (const auto& each : value.GetObject())
    if (!names.insert({each.name.GetString(), each.name.GetStringLength()}).second || has_member_twice(each.value))
      return true;
  return false;
}

/// Empty, or what is wrong.
inline std::string parse_strictly(std::string_view text, rapidjson::Document& out) {
  out.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (out.HasParseError())
    return std::string(rapidjson::GetParseError_En(out.GetParseError())) + " at " +
           std::to_string(out.GetErrorOffset());
  return has_member_twice(out) ? "a member stands twice" : "";
}

/// For people: two blanks a level, members in their order.
inline std::string pretty(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  value.Accept(writer);
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace gatehouse::test
