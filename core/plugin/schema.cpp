#include "plugin/rapidjson.hpp"

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "config/interpolate.hpp"
#include "plugin/json_events.hpp"
#include "plugin/settings.hpp"

namespace gatehouse::plugin {

struct Schema::Impl {
  Json tree;
  std::optional<rapidjson::SchemaDocument> document;
};

namespace {

enum class Holds : std::uint8_t { Nothing, Schema, SchemaOrBool, SchemaOrList, List, Members, Reference };
struct Keyword {
  std::string_view name;
  Holds holds;
};
// What RapidJSON 1.1 holds, and what only describes. Not `pattern` and `patternProperties`: its regular expressions end
// the process on a pattern such as `(a|?b)*`.
constexpr std::array<Keyword, 35> kKeywords = {{
    {"type", Holds::Nothing},
    {"enum", Holds::Nothing},
    {"required", Holds::Nothing},
    {"properties", Holds::Members},
    {"additionalProperties", Holds::SchemaOrBool},
    {"minProperties", Holds::Nothing},
    {"maxProperties", Holds::Nothing},
    {"items", Holds::SchemaOrList},
    {"additionalItems", Holds::SchemaOrBool},
    {"minItems", Holds::Nothing},
    {"maxItems", Holds::Nothing},
    {"uniqueItems", Holds::Nothing},
    {"minLength", Holds::Nothing},
    {"maxLength", Holds::Nothing},
    {"minimum", Holds::Nothing},
    {"maximum", Holds::Nothing},
    {"multipleOf", Holds::Nothing},
    {"allOf", Holds::List},
    {"anyOf", Holds::List},
    {"oneOf", Holds::List},
    {"not", Holds::Schema},
    {"$ref", Holds::Reference},
    {"$defs", Holds::Members},
    {"definitions", Holds::Members},
    {"default", Holds::Nothing},
    {"title", Holds::Nothing},
    {"description", Holds::Nothing},
    {"examples", Holds::Nothing},
    {"$schema", Holds::Nothing},
    {"$id", Holds::Nothing},
    {"$comment", Holds::Nothing},
    {"deprecated", Holds::Nothing},
    {"writeOnly", Holds::Nothing},
    {"readOnly", Holds::Nothing},
    {"format", Holds::Nothing},
}};

tl::unexpected<Error> bad_schema(const std::string& what) {
  return fail(Code::Refused, "the plugin's settings schema " + what + ": this is for its author to fix");
}

/// `reached`: through `properties` and `items` only, as defaults and files are looked for.
Result<void> check_schema(Json& schema, bool reached);

Result<void> check_each(std::vector<Json>& schemas, bool reached = false) {
  for (Json& s : schemas)
    if (auto sound = check_schema(s, reached); !sound) return sound;
  return {};
}

/// The validator takes a reference that it cannot read for none: `#/$defs/x` has to be written with `%24`.
Result<void> check_reference(Json& value) {
  if (value.kind != Json::Kind::String || !value.text.starts_with("#/"))
    return bad_schema("has a `$ref` that does not begin with `#/`");
  std::string encoded;
  for (const char c : value.text) {
    if (c == '$')
      encoded += "%24";
    else
      encoded += c;
  }
  if (!rapidjson::Pointer(encoded.c_str(), encoded.size()).IsValid())
    return bad_schema("has a `$ref` that this gateway cannot read: `" + value.text + "`");
  value.text = encoded;
  return {};
}

Result<void> check_targets(const Json& root, const Json& schema) {
  for (std::size_t i = 0; i < schema.children.size(); ++i) {
    const Json& child = schema.children[i];
    if (!schema.names.empty() && schema.names[i] == "$ref" && child.kind == Json::Kind::String) {
      std::string plain = child.text.substr(1);
      for (std::size_t at = plain.find("%24"); at != std::string::npos; at = plain.find("%24"))
        plain.replace(at, 3, "$");
      const Json* target = root.find(plain);
      if (target == nullptr || target->kind != Json::Kind::Object)
        return bad_schema("has a `$ref` to what is not there: `" + plain + "`");
      // The validator follows such a chain, in a circle for ever.
      if (target->member("$ref") != nullptr) return bad_schema("has a `$ref` to another `$ref`: `" + plain + "`");
    }
    if (auto sound = check_targets(root, child); !sound) return sound;
  }
  return {};
}

bool is_file(const Json& schema) {
  const Json* const format = schema.member("format");
  return format != nullptr && format->kind == Json::Kind::String && format->text == "file";
}

Result<void> check_keyword(const Keyword& keyword, Json& value, bool reached) {
  const bool object = value.kind == Json::Kind::Object;
  switch (keyword.holds) {
    case Holds::Nothing:
      return {};
    case Holds::Reference:
      return check_reference(value);
    case Holds::Schema:
      return check_schema(value, false);
    case Holds::SchemaOrBool:
      return value.kind == Json::Kind::Bool ? Result<void>() : check_schema(value, false);
    case Holds::SchemaOrList:
      return value.kind == Json::Kind::Array ? check_each(value.children)
                                             : check_schema(value, reached && keyword.name == "items");
    case Holds::List:
      if (value.kind != Json::Kind::Array)
        return bad_schema("has a `" + std::string(keyword.name) + "` that is no list");
      return check_each(value.children);
    case Holds::Members:
      if (!object) return bad_schema("has a `" + std::string(keyword.name) + "` that is no object");
      return check_each(value.children, reached && keyword.name == "properties");
  }
  return {};
}

Result<void> check_schema(Json& schema, bool reached) {
  if (schema.kind != Json::Kind::Object) return bad_schema("holds something that is not an object");
  if (!reached && is_file(schema))
    return bad_schema("has a `\"format\": \"file\"` elsewhere than below `properties` and `items`");
  for (std::size_t i = 0; i < schema.names.size(); ++i) {
    const auto keyword =
        std::find_if(kKeywords.begin(), kKeywords.end(), [&](const Keyword& k) { return k.name == schema.names[i]; });
    if (keyword == kKeywords.end())
      return bad_schema("uses the keyword `" + schema.names[i] + "`, which this gateway does not hold");
    if (auto sound = check_keyword(*keyword, schema.children[i], reached); !sound) return sound;
  }
  return {};
}

std::string text_of(const rapidjson::SchemaDocument::PointerType& pointer) {
  rapidjson::StringBuffer out;
  pointer.Stringify(out);
  return out.GetString();
}

/// Sentence about one broken rule. `schema`: where the rule stands; `value`: what breaks it.
std::string explain(const std::string& where, const std::string& keyword, const Json* schema, const Json* value) {
  const std::string who = where.empty() ? "settings" : "settings: `" + where + "`";
  const Json* rule = schema == nullptr ? nullptr : schema->member(keyword);
  if (keyword == "required" && rule != nullptr && value != nullptr)
    for (const Json& name : rule->children)
      if (value->member(name.text) == nullptr) return who + ": `" + name.text + "` is missing";
  if (keyword == "additionalProperties" && schema != nullptr) {
    // The pointer names the member that is too many.
    const std::size_t slash = where.rfind('/');
    const std::string name = slash == std::string::npos ? where : where.substr(slash + 1);
    const std::string place = slash == 0 || slash == std::string::npos ? "" : " in `" + where.substr(0, slash) + "`";
    std::vector<std::string_view> names;
    if (const Json* known = schema->member("properties")) names.assign(known->names.begin(), known->names.end());
    const std::string_view near = base::nearest(name, names);
    return "settings: unknown setting `" + name + "`" + place +
           (near.empty() ? "" : ", did you mean `" + std::string(near) + "`?");
  }
  std::string out = who + " does not satisfy `" + keyword + "`";
  if (rule != nullptr) {
    std::string text;
    append_json(text, *rule);
    if (text.size() <= 200) out += ": " + text;
  }
  return out;
}

void apply(const Json& schema, Json& value) {
  const Json* properties = schema.member("properties");
  if (properties != nullptr && value.kind == Json::Kind::Object)
    for (std::size_t i = 0; i < properties->names.size(); ++i) {
      const Json& inner = properties->children[i];
      const std::string& name = properties->names[i];
      const Json* otherwise = inner.member("default");
      if (otherwise != nullptr && value.member(name) == nullptr) {
        value.names.push_back(name);
        value.children.push_back(*otherwise);
      }
      for (std::size_t at = 0; at < value.names.size(); ++at)
        if (value.names[at] == name) apply(inner, value.children[at]);
    }
  const Json* items = schema.member("items");
  if (items != nullptr && items->kind == Json::Kind::Object && value.kind == Json::Kind::Array)
    for (Json& item : value.children) apply(*items, item);
}

void resolve(const Json& schema, Json& value, const std::string& directory, const std::string& at,
             std::vector<SettingsFile>& out) {
  if (is_file(schema) && value.kind == Json::Kind::String && !value.text.empty()) {
    std::error_code ignored;
    const std::filesystem::path path = config::path_from(directory, value.text);
    const std::filesystem::path absolute = std::filesystem::absolute(path, ignored);
    value.text = (ignored ? path : absolute).string();
    out.push_back({at, value.text});
  }
  if (const Json* properties = schema.member("properties"); properties != nullptr && value.kind == Json::Kind::Object)
    for (std::size_t i = 0; i < properties->names.size(); ++i)
      for (std::size_t k = 0; k < value.names.size(); ++k)
        if (value.names[k] == properties->names[i])
          resolve(properties->children[i], value.children[k], directory, at + "/" + value.names[k], out);
  const Json* items = schema.member("items");
  if (items != nullptr && items->kind == Json::Kind::Object && value.kind == Json::Kind::Array)
    for (std::size_t i = 0; i < value.children.size(); ++i)
      resolve(*items, value.children[i], directory, at + "/" + std::to_string(i), out);
}

}  // namespace

Schema::Schema(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Result<Schema> Schema::compile(const char* text) try {
  const std::string_view source = text != nullptr ? text : R"({"type":"object","additionalProperties":false})";
  auto tree = parse_json(source, {64u << 10, 10'000, 64});
  if (!tree) return bad_schema("is " + tree.error().text);
  if (auto sound = check_schema(*tree, true); !sound) return tl::unexpected(sound.error());
  if (tree->member("$ref") != nullptr) return bad_schema("is nothing but a `$ref`");
  if (auto sound = check_targets(*tree, *tree); !sound) return tl::unexpected(sound.error());
  auto impl = std::make_unique<Impl>();
  impl->tree = std::move(*tree);
  rapidjson::Document document;
  bool told = false;
  const auto tree_events = [&](rapidjson::Document& to) { return told = tell(impl->tree, to); };
  document.Populate(tree_events);
  if (!told) return bad_schema("has a number that is out of range");
  impl->document.emplace(document);
  return Schema(std::move(impl));
} catch (const RapidjsonRefuses&) {
  return bad_schema("is more than this gateway can read");
}

std::vector<SettingsFile> Schema::resolve_files(Json& settings, const std::string& directory) const {
  std::vector<SettingsFile> out;
  resolve(impl_->tree, settings, directory, "", out);
  return out;
}

void Schema::apply_defaults(Json& settings) const {
  apply(impl_->tree, settings);
}

Result<void> Schema::check(const Json& settings) const try {
  if (settings.kind != Json::Kind::Object) return fail(Code::Invalid, "settings: not an object");
  rapidjson::SchemaValidator validator(*impl_->document);
  // Straight through the validator: no second copy of the secrets.
  if (!tell(settings, validator) && validator.IsValid())
    return fail(Code::Invalid, "settings: a number is out of range");
  if (validator.IsValid()) return {};
  const char* keyword = validator.GetInvalidSchemaKeyword();
  const std::string where = text_of(validator.GetInvalidDocumentPointer());
  return fail(Code::Invalid,
              explain(where, keyword != nullptr ? keyword : "type",
                      impl_->tree.find(text_of(validator.GetInvalidSchemaPointer())), settings.find(where)));
} catch (const RapidjsonRefuses&) {
  return bad_schema("cannot be held against these settings");
}

}  // namespace gatehouse::plugin
