#include "conformance/example.hpp"

#include <algorithm>
#include <random>

#include "base/text.hpp"
#include "plugin/settings.hpp"

namespace gatehouse::conformance {
namespace {

using plugin::Json;

constexpr int kMaxDepth = 16;

Json json_text(std::string text) {
  return {Json::Kind::String, std::move(text), {}, {}};
}
Json json_number(long long n) {
  return {Json::Kind::Number, std::to_string(n), {}, {}};
}

const Json* resolve(const Json& root, const Json* schema) {
  const Json* ref = schema->member("$ref");
  if (ref == nullptr || ref->text.empty()) return schema;
  const Json* target = root.find(std::string_view(ref->text).substr(1));
  return target != nullptr ? target : schema;
}

std::optional<long long> bound(const Json& schema, const char* name) {
  const Json* at = schema.member(name);
  if (at == nullptr || at->kind != Json::Kind::Number) return std::nullopt;
  if (const auto whole = base::parse_integer<long long>(at->text)) return *whole;
  return std::nullopt;
}

/// Makes values of a schema. Without dice the least that is allowed; with them anything.
class Maker {
 public:
  Maker(const Json& root, std::mt19937_64* dice) : root_(root), dice_(dice) {}

  Json make(const Json* schema, int depth = 0) {
    schema = resolve(root_, schema);
    if (depth > kMaxDepth) return {};
    if (const Json* given = ready(*schema)) return *given;
    for (const char* const choice : {"oneOf", "anyOf", "allOf"})
      if (const Json* list = schema->member(choice); list != nullptr && !list->children.empty())
        if (schema->member("type") == nullptr && schema->member("properties") == nullptr)
          return make(&list->children[below(list->children.size())], depth + 1);
    const std::string type = type_of(*schema);
    if (type == "string") return text(*schema);
    if (type == "integer" || type == "number") return number(*schema);
    if (type == "boolean") return {Json::Kind::Bool, below(2) == 0 ? "false" : "true", {}, {}};
    if (type == "array") return array(*schema, depth);
    if (type == "null") return {Json::Kind::Null, "null", {}, {}};
    return object(*schema, depth);
  }

 private:
  std::size_t below(std::size_t n) { return dice_ != nullptr && n > 0 ? static_cast<std::size_t>((*dice_)() % n) : 0; }

  const Json* ready(const Json& schema) {
    const Json* list = schema.member("enum");
    if (list != nullptr && !list->children.empty()) return &list->children[below(list->children.size())];
    if (below(2) == 1) return nullptr;
    if (const Json* all = schema.member("examples"); all != nullptr && !all->children.empty())
      return &all->children[below(all->children.size())];
    return schema.member("default");
  }
  std::string type_of(const Json& schema) {
    const Json* type = schema.member("type");
    if (type == nullptr) return schema.member("items") != nullptr ? "array" : "object";
    if (type->kind == Json::Kind::Array && !type->children.empty())
      return type->children[below(type->children.size())].text;
    return type->text;
  }
  Json text(const Json& schema) {
    const long long least = std::max(bound(schema, "minLength").value_or(0), 0LL);
    const long long most = bound(schema, "maxLength").value_or(std::max(least, 4096LL));
    if (dice_ == nullptr)
      return json_text(std::string(static_cast<std::size_t>(std::max(least, std::min(4LL, most))), 'x'));
    static const char* const kPieces[] = {
        "a",  " ",           "\n",   "%s%n", "https://example.com/", "\xe2\x82\xac", "\"", "\\", "0", "-",
        "..", "${env:HOME}", "\x01", "{",    "10.0.0.0/8",           "::/0",         ",",  "*"};
    std::string out;
    for (std::size_t n = below(12); n > 0; --n) out += kPieces[below(std::size(kPieces))];
    if (below(16) == 0) out += std::string(4000, 'y');
    while (static_cast<long long>(out.size()) < least) out += 'x';
    if (static_cast<long long>(out.size()) > most) out = std::string(static_cast<std::size_t>(most), 'z');
    return json_text(out);
  }
  Json number(const Json& schema) {
    const long long least = bound(schema, "minimum").value_or(dice_ != nullptr ? -1'000'000 : 1);
    const long long most = bound(schema, "maximum").value_or(std::max(least, 1'000'000LL));
    if (dice_ == nullptr) return json_number(std::min(least, most));
    const auto span = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least) + 1;
    const std::uint64_t value = static_cast<std::uint64_t>(least) + (span == 0 ? 0 : (*dice_)() % span);
    return json_number(static_cast<long long>(value));
  }
  Json array(const Json& schema, int depth) {
    Json out;
    out.kind = Json::Kind::Array;
    const long long least = std::max(bound(schema, "minItems").value_or(0), 0LL);
    const long long most = bound(schema, "maxItems").value_or(least + 4);
    long long n = std::min(std::max(least, 1LL), most);
    if (dice_ != nullptr)
      n = least + static_cast<long long>(below(static_cast<std::size_t>(std::min(most - least, 8LL)) + 1));
    const Json* items = schema.member("items");
    static const Json kAnything = json_text("x");
    for (long long i = 0; i < std::min(n, 1000LL); ++i)
      out.children.push_back(items != nullptr && items->kind == Json::Kind::Object ? make(items, depth + 1)
                                                                                   : kAnything);
    return out;
  }
  Json object(const Json& schema, int depth) {
    Json out;
    out.kind = Json::Kind::Object;
    const Json* properties = schema.member("properties");
    const Json* required = schema.member("required");
    const auto needed = [&](const std::string& name) {
      return required != nullptr && std::any_of(required->children.begin(), required->children.end(),
                                                [&](const Json& r) { return r.text == name; });
    };
    for (std::size_t i = 0; properties != nullptr && i < properties->names.size(); ++i) {
      if (!needed(properties->names[i]) && below(2) == 0) continue;
      out.names.push_back(properties->names[i]);
      out.children.push_back(make(&properties->children[i], depth + 1));
    }
    for (std::size_t i = 0; required != nullptr && i < required->children.size(); ++i)
      if (out.member(required->children[i].text) == nullptr) {
        out.names.push_back(required->children[i].text);
        out.children.push_back(json_text("x"));
      }
    return out;
  }

  const Json& root_;
  std::mt19937_64* dice_;
};

/// The same schema, around one part of it: {"properties": {"value": PART}}, with what a `$ref` may point to.
std::string around(const Json& root, const Json& part) {
  std::string out = R"({"type":"object","properties":{"value":)";
  plugin::append_json(out, part);
  out += '}';
  for (const char* const name : {"$defs", "definitions"})
    if (const Json* definitions = root.member(name)) {
      out += std::string(",\"") + name + "\":";
      plugin::append_json(out, *definitions);
    }
  return out + "}";
}

Result<void> check_values(const Json& root, const Json& part, const std::string& where) {
  const auto check = [&](const Json& value, const std::string& at) -> Result<void> {
    auto schema = plugin::Schema::compile(around(root, part).c_str());
    if (!schema) return {};  // it points to what is not there with it: cannot be judged alone
    Json wrapped;
    wrapped.kind = Json::Kind::Object;
    wrapped.names.push_back("value");
    wrapped.children.push_back(value);
    schema->apply_defaults(wrapped);
    if (auto sound = schema->check(wrapped); !sound)
      return fail(Code::Invalid, "`" + at + "` of the schema is not allowed by the schema: " + sound.error().text);
    return {};
  };
  if (part.kind != Json::Kind::Object) return {};
  if (const Json* value = part.member("default"))
    if (auto sound = check(*value, where + "/default"); !sound) return sound;
  if (const Json* all = part.member("examples")) {
    if (all->kind != Json::Kind::Array) return fail(Code::Invalid, "`" + where + "/examples` of the schema is no list");
    for (std::size_t i = 0; i < all->children.size(); ++i)
      if (auto sound = check(all->children[i], where + "/examples/" + std::to_string(i)); !sound) return sound;
  }
  for (const char* const members : {"properties", "$defs", "definitions"})
    if (const Json* inner = part.member(members))
      for (std::size_t i = 0; i < inner->names.size(); ++i)
        if (auto sound = check_values(root, inner->children[i], where + "/" + members + "/" + inner->names[i]); !sound)
          return sound;
  if (const Json* items = part.member("items")) return check_values(root, *items, where + "/items");
  return {};
}

Result<std::string> allowed(const char* schema, Json settings) {
  auto rules = plugin::Schema::compile(schema);
  if (!rules) return tl::unexpected(rules.error());
  rules->apply_defaults(settings);
  if (auto sound = rules->check(settings); !sound) return tl::unexpected(sound.error());
  std::string out;
  plugin::append_json(out, settings);
  return out;
}

}  // namespace

Result<std::string> example_settings(const char* schema) {
  if (schema == nullptr) return std::string("{}");
  auto root = plugin::parse_json(schema);
  if (!root) return tl::unexpected(root.error());
  return allowed(schema, Maker(*root, nullptr).make(&*root));
}

std::optional<std::string> random_settings(const char* schema, std::uint64_t seed, std::uint64_t n) {
  if (schema == nullptr) return std::nullopt;
  auto root = plugin::parse_json(schema);
  if (!root) return std::nullopt;
  std::mt19937_64 dice(seed * 0x9e3779b97f4a7c15u + n);
  auto out = allowed(schema, Maker(*root, &dice).make(&*root));
  return out ? std::optional(*out) : std::nullopt;
}

Result<void> check_schema(const char* schema) {
  auto rules = plugin::Schema::compile(schema);
  if (!rules) return tl::unexpected(rules.error());
  if (schema == nullptr) return {};
  auto root = plugin::parse_json(schema);
  if (!root) return tl::unexpected(root.error());
  return check_values(*root, *root, "");
}

}  // namespace gatehouse::conformance
