// gatehouse/testing/settings.hpp -- settings as create() gets them. Part of testing.hpp.
#pragma once
#include <gatehouse/abi.h>
#include <gatehouse/testing/json.hpp>

#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>

namespace gatehouse::testing {

/// Settings with the schema's defaults, held to a part of it: type, enum, required, properties, additionalProperties,
/// items, minLength, maxLength, minimum, maximum, minItems, maxItems. The gateway holds more keywords, and refuses a
/// schema with one that it does not know; `gatehouse plugin check` tells.
class Settings {
 public:
  Settings(std::string_view json, const char* schema, std::string instance) : instance_(std::move(instance)) {
    root_ = parse_json(json.empty() ? "{}" : json);
    const Json rules = parse_json(schema != nullptr ? schema : R"({"type": "object", "additionalProperties": false})");
    if (!root_.is(Json::Kind::Object)) throw Error("settings: not an object");
    apply_defaults(rules, root_);
    check(rules, root_, "");
    append_json(text_, root_);
    config_.struct_size = sizeof config_;
    config_.impl = this;
    config_.instance = gh_str{instance_.data(), instance_.size()};
    config_.json = gh_str{text_.data(), text_.size()};
    config_.get = &get;
    config_.count = &count;
    config_.member = &member;
  }
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;
  const gh_config* c() const noexcept { return &config_; }

 private:
  using Kind = Json::Kind;
  static void apply_defaults(const Json& schema, Json& value) {
    const Json* properties = schema.member("properties");
    if (properties != nullptr && value.is(Kind::Object))
      for (std::size_t i = 0; i < properties->names.size(); ++i) {
        const Json& inner = properties->children[i];
        const std::string& name = properties->names[i];
        if (const Json* otherwise = inner.member("default"); otherwise != nullptr && value.member(name) == nullptr) {
          value.names.push_back(name);
          value.children.push_back(*otherwise);
        }
        for (std::size_t at = 0; at < value.names.size(); ++at)
          if (value.names[at] == name) apply_defaults(inner, value.children[at]);
      }
    const Json* items = schema.member("items");
    if (items != nullptr && items->is(Kind::Object) && value.is(Kind::Array))
      for (Json& item : value.children) apply_defaults(*items, item);
  }

  static bool is_type(std::string_view type, const Json& value) {
    switch (value.kind) {
      case Kind::Null:
        return type == "null";
      case Kind::Bool:
        return type == "boolean";
      case Kind::Number:
        return type == "number" || (type == "integer" && value.text.find_first_of(".eE") == std::string::npos);
      case Kind::String:
        return type == "string";
      case Kind::Array:
        return type == "array";
      case Kind::Object:
        return type == "object";
    }
    return false;
  }
  static bool is_type(const Json& types, const Json& value) {
    if (types.is(Kind::String)) return is_type(types.text, value);
    for (const Json& type : types.children)
      if (is_type(type.text, value)) return true;
    return false;
  }
  static double number(const Json& value) { return std::strtod(value.text.c_str(), nullptr); }
  static double size(const Json& value) {
    if (!value.is(Kind::String)) return static_cast<double>(value.children.size());
    std::size_t characters = 0;
    for (const char c : value.text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return static_cast<double>(characters);
  }
  [[noreturn]] static void refuse(const std::string& where, const char* keyword) {
    throw Error("settings: `" + where + "` does not satisfy `" + keyword + "`");
  }
  static void check(const Json& schema, const Json& value, const std::string& where) {
    if (const Json* type = schema.member("type"); type != nullptr && !is_type(*type, value)) refuse(where, "type");
    if (const Json* values = schema.member("enum")) {
      bool listed = false;
      for (const Json& one : values->children) listed = listed || (one.kind == value.kind && one.text == value.text);
      if (!listed) refuse(where, "enum");
    }
    const auto bound = [&](const char* keyword, double is, bool least) {
      if (const Json* rule = schema.member(keyword);
          rule != nullptr && (least ? is < number(*rule) : is > number(*rule)))
        refuse(where, keyword);
    };
    if (value.is(Kind::Number)) bound("minimum", number(value), true), bound("maximum", number(value), false);
    if (value.is(Kind::String)) bound("minLength", size(value), true), bound("maxLength", size(value), false);
    if (value.is(Kind::Array)) bound("minItems", size(value), true), bound("maxItems", size(value), false);
    if (const Json* required = schema.member("required"); required != nullptr && value.is(Kind::Object))
      for (const Json& name : required->children)
        if (value.member(name.text) == nullptr) throw Error("settings: `" + where + "/" + name.text + "` is missing");
    const Json* properties = schema.member("properties");
    const Json* others = schema.member("additionalProperties");
    const Json* items = schema.member("items");
    for (std::size_t i = 0; i < value.children.size(); ++i) {
      const std::string inner = where + "/" + (value.is(Kind::Object) ? value.names[i] : std::to_string(i));
      if (value.is(Kind::Array)) {
        if (items != nullptr && items->is(Kind::Object)) check(*items, value.children[i], inner);
        continue;
      }
      const Json* known = properties != nullptr ? properties->member(value.names[i]) : nullptr;
      if (known != nullptr) {
        check(*known, value.children[i], inner);
      } else if (others != nullptr) {
        if (others->text == "false") throw Error("settings: unknown setting `" + inner + "`");
        if (others->is(Kind::Object)) check(*others, value.children[i], inner);
      }
    }
  }

  static const Json* at(const gh_config* config, const gh_str* pointer) {
    return static_cast<const Settings*>(config->impl)
        ->root_.find(pointer->ptr != nullptr ? std::string_view(pointer->ptr, pointer->len) : std::string_view());
  }
  static std::int32_t GH_CALL get(const gh_config* config, const gh_str* pointer, gh_val* out) noexcept try {
    const Json* value = at(config, pointer);
    if (value == nullptr) return GH_E_NOTFOUND;
    static constexpr std::uint32_t kTypes[] = {GH_T_NULL, GH_T_BOOL, GH_T_NUMBER, GH_T_STRING, GH_T_JSON, GH_T_JSON};
    std::string_view text = value->text;
    if (value->is(Kind::Array) || value->is(Kind::Object)) {
      std::string& part = static_cast<const Settings*>(config->impl)->parts_.emplace_back();
      append_json(part, *value);
      text = part;
    }
    *out = gh_val{*pointer, gh_str{text.data(), text.size()}, kTypes[static_cast<std::size_t>(value->kind)], 0};
    return GH_OK;
  } catch (...) {
    return GH_E_FAILED;
  }
  static std::int32_t GH_CALL count(const gh_config* config, const gh_str* pointer, std::size_t* out) noexcept try {
    const Json* value = at(config, pointer);
    if (value == nullptr || (!value->is(Kind::Array) && !value->is(Kind::Object))) return GH_E_NOTFOUND;
    *out = value->children.size();
    return GH_OK;
  } catch (...) {
    return GH_E_FAILED;
  }
  static std::int32_t GH_CALL member(const gh_config* config, const gh_str* pointer, std::size_t index,
                                     gh_str* name) noexcept try {
    const Json* value = at(config, pointer);
    if (value == nullptr || !value->is(Kind::Object) || index >= value->names.size()) return GH_E_NOTFOUND;
    *name = gh_str{value->names[index].data(), value->names[index].size()};
    return GH_OK;
  } catch (...) {
    return GH_E_FAILED;
  }

  gh_config config_{};
  std::string instance_, text_;
  Json root_;
  mutable std::deque<std::string> parts_;  // JSON texts that get() handed out
};

}  // namespace gatehouse::testing
