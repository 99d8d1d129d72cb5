#include <gatehouse/kit/json.hpp>

#include "app/iam_commands.hpp"
#include "app/policy_commands.hpp"
#include "base/text.hpp"

namespace gatehouse::app {
namespace {

using identity::Parameter;
using identity::Value;
using Json = kit::Json;

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

/// The pairs of `a=b,c="d,e"`: a comma separates where it stands before `NAME=` and outside quotes.
Result<Value> pairs(std::string_view text) {
  Value out = Value::map();
  while (!text.empty()) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return fail(Code::Invalid, "`" + printable(text) + "` is not NAME=VALUE");
    const std::string name(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    std::string value;
    if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
      const std::size_t end = text.find(text[0], 1);
      if (end == std::string_view::npos)
        return fail(Code::Invalid, "the quote behind `" + printable(name) + "=` is not closed");
      value = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
      if (!text.empty() && text[0] != ',')
        return fail(Code::Invalid, "behind the quoted value of `" + printable(name) + "` a comma is expected");
    } else {
      const std::size_t end = text.find(',');
      value = text.substr(0, end);
      text.remove_prefix(value.size());
    }
    if (!text.empty()) {
      text.remove_prefix(1);
      if (text.empty()) return fail(Code::Invalid, "behind the last comma NAME=VALUE is expected");
    }
    if (out.find(name) != nullptr) return fail(Code::Invalid, "`" + printable(name) + "` is there twice");
    out.set(name, Value::of(value));
  }
  return out;
}

/// An object of JSON with texts only.
Result<Value> from_object(const Json& json, Value::Kind kind) {
  if (json.kind != Json::Kind::Object) return fail(Code::Invalid, "an object of texts is expected");
  Value out;
  out.kind = kind;
  for (std::size_t i = 0; i < json.names.size(); ++i) {
    if (json.children[i].kind != Json::Kind::String)
      return fail(Code::Invalid, "`" + printable(json.names[i]) + "` is not a text");
    out.set(json.names[i], Value::of(json.children[i].text));
  }
  return out;
}

Result<Json> parse(const std::string& text) {
  kit::JsonFault broken;
  auto json = kit::parse_json(text, broken);
  if (!json) return fail(Code::Invalid, "it is not JSON: " + broken.text);
  return std::move(*json);
}

Result<Value> structs(const std::vector<std::string>& given) {
  Value out = Value::list();
  if (given.size() == 1 && base::trim(given[0]).starts_with('[')) {
    const auto json = parse(given[0]);
    if (!json) return tl::unexpected(json.error());
    if (json->kind != Json::Kind::Array) return fail(Code::Invalid, "a list of objects is expected");
    for (const Json& item : json->children) {
      auto one = from_object(item, Value::Kind::Struct);
      if (!one) return one;
      out.push(std::move(*one));
    }
    return out;
  }
  for (const std::string& text : given) {
    auto one = pairs(text);
    if (!one) return one;
    one->kind = Value::Kind::Struct;
    out.push(std::move(*one));
  }
  return out;
}

Result<Value> texts(const std::vector<std::string>& given) {
  Value out = Value::list();
  if (given.size() == 1 && base::trim(given[0]).starts_with('[')) {
    const auto json = parse(given[0]);
    if (!json) return tl::unexpected(json.error());
    for (const Json& item : json->children) {
      if (item.kind != Json::Kind::String) return fail(Code::Invalid, "a list of texts is expected");
      out.push(Value::of(item.text));
    }
    return out;
  }
  for (const std::string& text : given) out.push(Value::of(text));
  return out;
}

Result<Value> map(const std::string& given) {
  if (!base::trim(given).starts_with('{')) return pairs(given);
  const auto json = parse(given);
  if (!json) return tl::unexpected(json.error());
  return from_object(*json, Value::Kind::Map);
}

}  // namespace

Result<std::string> iam_text(const std::string& given) {
  constexpr std::string_view kFile = "file://";
  if (!given.starts_with(kFile)) return given;
  return read_whole(given.substr(kFile.size()), kMaxBytes);
}

Result<Value> iam_value(const Parameter& parameter, const std::vector<std::string>& given) {
  std::vector<std::string> read;
  for (const std::string& one : given) {
    auto text = parameter.kind == Parameter::Kind::Secret ? read_whole(one, kMaxBytes) : iam_text(one);
    if (!text) return tl::unexpected(text.error());
    read.push_back(std::move(*text));
  }
  switch (parameter.kind) {
    case Parameter::Kind::Secret:
      while (!read[0].empty() && (read[0].back() == '\n' || read[0].back() == '\r')) read[0].pop_back();
      return Value::of(read[0]);
    case Parameter::Kind::Structs:
      return structs(read);
    case Parameter::Kind::Texts:
      return texts(read);
    case Parameter::Kind::Map:
      return map(read[0]);
    default:
      return Value::of(read[0]);
  }
}

}  // namespace gatehouse::app
