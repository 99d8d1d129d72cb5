#include "gatehouse/kit/json.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

// RapidJSON under a name of its own: the kit is linked into plugins and programs that may use another build of it. What
// it asserts is an exception here, which parse_json() contains.
#define RAPIDJSON_NAMESPACE gatehouse_kit_rapidjson
#define RAPIDJSON_ASSERT(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : throw std::logic_error("RapidJSON cannot go on"))
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace gatehouse::kit {
namespace {

namespace rapidjson = gatehouse_kit_rapidjson;

/// Builds the tree from the reader's events; false from an event ends the parsing.
class Builder {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}
  Json take() { return std::move(root_); }
  const char* refusal() const noexcept { return refusal_; }

  bool Null() { return put(Json::Kind::Null, "null"); }
  bool Bool(bool b) { return put(Json::Kind::Bool, b ? "true" : "false"); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) { return put(Json::Kind::Number, {text, size}); }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (has_surrogate({text, size})) return refuse("half of a surrogate pair");
    return put(Json::Kind::String, {text, size});
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (has_surrogate({text, size})) return refuse("half of a surrogate pair");
    if (open_.back()->names.size() >= limits_.members) return refuse("too many members in an object");
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
  // RapidJSON takes `\udc00` without its first half and writes it as three bytes, which are no UTF-8.
  static bool has_surrogate(std::string_view text) noexcept {
    for (std::size_t at = text.find('\xed'); at != std::string_view::npos; at = text.find('\xed', at + 1))
      if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xa0) return true;
    return false;
  }
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

std::optional<Json> parse_json(std::string_view text, JsonFault& fault, const JsonLimits& limits) {
  const auto wrong = [&](bool too_large, std::string why) {
    fault = {too_large, std::move(why)};
    return std::nullopt;
  };
  if (text.size() > limits.bytes) return wrong(true, "JSON text too large");
  // The reader takes a NUL for the end of the text.
  if (text.find('\0') != std::string_view::npos) return wrong(false, "malformed JSON: a NUL byte");
  Builder builder(limits);
  try {
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    constexpr unsigned kFlags =
        rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
    const rapidjson::ParseResult done = reader.Parse<kFlags>(stream, builder);
    if (done.IsError()) {
      const char* why = builder.refusal() != nullptr ? builder.refusal() : rapidjson::GetParseError_En(done.Code());
      return wrong(false, "malformed JSON at byte " + std::to_string(done.Offset()) + ": " + why);
    }
  } catch (const std::logic_error&) {
    return wrong(false, "malformed JSON: the reader cannot go on");
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
      std::size_t index = 0;
      const char* const end = token.data() + token.size();
      const auto [stop, error] = std::from_chars(token.data(), end, index);
      if (token.empty() || error != std::errc{} || stop != end || (token.size() > 1 && token.front() == '0') ||
          index >= at->children.size())
        return nullptr;
      at = &at->children[index];
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
  volatile char* const at = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) at[i] = 0;
  for (Json& child : children) child.wipe();
}

}  // namespace gatehouse::kit
