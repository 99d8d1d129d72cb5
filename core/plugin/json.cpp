#include "plugin/json.hpp"

#include "plugin/rapidjson.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cstring>

#include "base/text.hpp"

namespace gatehouse::plugin {
namespace {

/// Builds the tree from the reader's events; false from an event ends the parsing.
class Builder {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}
  Json take() { return std::move(root_); }
  const char* refusal() const noexcept { return refusal_; }

  bool Null() { return put(Json::Kind::Null, "null"); }
  bool Bool(bool b) { return put(Json::Kind::Bool, b ? "true" : "false"); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return put(Json::Kind::Number, {text, size}); }
  bool String(const char* text, rapidjson::SizeType size, bool) { return put(Json::Kind::String, {text, size}); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    open_.back()->names.emplace_back(text, size);
    return true;
  }
  bool StartObject() { return enter(Json::Kind::Object); }
  bool StartArray() { return enter(Json::Kind::Array); }
  bool EndObject(rapidjson::SizeType) {
    std::vector<std::string_view> names(open_.back()->names.begin(), open_.back()->names.end());
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end()) return refuse("a member is there twice");
    open_.pop_back();
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    open_.pop_back();
    return true;
  }
  // With numbers as texts the reader never calls these.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  bool refuse(const char* why) {
    refusal_ = why;
    return false;
  }
  Json* add() {
    if (++values_ > limits_.values) {
      refuse("too many values");
      return nullptr;
    }
    if (open_.empty()) return &root_;
    // The children of a value that is open may move, the values that are open are last children and do not.
    return &open_.back()->children.emplace_back();
  }
  bool put(Json::Kind kind, std::string_view text) {
    Json* value = add();
    if (value == nullptr) return false;
    value->kind = kind;
    value->text = text;
    return true;
  }
  bool enter(Json::Kind kind) {
    if (open_.size() >= limits_.depth) return refuse("nested too deep");
    Json* value = add();
    if (value == nullptr) return false;
    value->kind = kind;
    open_.push_back(value);
    return true;
  }

  const JsonLimits& limits_;
  Json root_;
  std::vector<Json*> open_;
  std::size_t values_ = 0;
  const char* refusal_ = nullptr;
};

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) return fail(Code::Limit, "JSON text too large");
  // The reader takes a NUL for the end of the text.
  if (text.find('\0') != std::string_view::npos) return fail(Code::Invalid, "malformed JSON: a NUL byte");
  rapidjson::MemoryStream stream(text.data(), text.size());
  Builder builder(limits);
  rapidjson::Reader reader;
  constexpr unsigned kFlags =
      rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
  const rapidjson::ParseResult done = reader.Parse<kFlags>(stream, builder);
  if (done.IsError()) {
    const char* why = builder.refusal() != nullptr ? builder.refusal() : rapidjson::GetParseError_En(done.Code());
    return fail(Code::Invalid, "malformed JSON at byte " + std::to_string(done.Offset()) + ": " + why);
  }
  return builder.take();
}

const Json* Json::member(std::string_view name) const {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return &children[i];
  return nullptr;
}

const Json* Json::find(std::string_view pointer) const {
  const Json* at = this;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    if (at->kind == Kind::Array) {
      const auto index = base::parse_integer<std::size_t>(token);
      if (!index || (token.size() > 1 && token.front() == '0') || *index >= at->children.size()) return nullptr;
      at = &at->children[*index];
      continue;
    }
    if (at->kind != Kind::Object) return nullptr;
    std::string name;
    for (std::size_t i = 0; i < token.size(); ++i) {
      if (token[i] != '~') {
        name += token[i];
        continue;
      }
      if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return nullptr;
      name += token[i] == '0' ? '~' : '/';
    }
    at = at->member(name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

void Json::wipe() noexcept {
  if (!text.empty()) ::explicit_bzero(text.data(), text.size());
  for (Json& child : children) child.wipe();
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
