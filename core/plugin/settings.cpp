#include "plugin/settings.hpp"

#include <cstring>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace gatehouse::plugin {
namespace {

std::string_view view(const gh_str* s) noexcept {
  return s != nullptr && s->ptr != nullptr ? std::string_view(s->ptr, s->len) : std::string_view();
}
gh_str raw(std::string_view s) noexcept {
  return {s.data(), s.size()};
}

}  // namespace

Result<std::unique_ptr<Settings>> Settings::make(const base::Secret& json, const char* schema, std::string instance,
                                                 const std::string& directory) {
  auto rules = Schema::compile(schema);
  if (!rules) return tl::unexpected(rules.error());
  auto root = parse_json(json.empty() ? "{}" : json.reveal());
  if (!root) return fail(root.error().code, "settings: " + root.error().text);
  std::unique_ptr<Settings> out(new Settings);
  out->root_ = std::move(*root);
  rules->apply_defaults(out->root_);
  if (auto sound = rules->check(out->root_); !sound) return tl::unexpected(sound.error());
  out->files_ = rules->resolve_files(out->root_, directory);
  append_json(out->text_, out->root_);
  out->instance_ = std::move(instance);
  gh_config& c = out->config_;
  c.struct_size = sizeof c;
  c.impl = out.get();
  c.instance = raw(out->instance_);
  c.json = raw(out->text_);
  c.get = &Settings::get;
  c.count = &Settings::count;
  c.member = &Settings::member;
  return out;
}

Settings::~Settings() {
  root_.wipe();
  if (!text_.empty()) ::explicit_bzero(text_.data(), text_.size());
  for (std::string& part : parts_)
    if (!part.empty()) ::explicit_bzero(part.data(), part.size());
}

std::string Settings::fingerprint() const {
  const base::Sha256 digest = base::sha256(text_);
  return base::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::int32_t GH_CALL Settings::get(const gh_config* config, const gh_str* pointer, gh_val* out) noexcept try {
  const auto* self = static_cast<const Settings*>(config->impl);
  const Json* value = self->root_.find(view(pointer));
  if (value == nullptr) return GH_E_NOTFOUND;
  *out = gh_val{*pointer, raw(value->text), GH_T_NULL, 0};
  switch (value->kind) {
    case Json::Kind::Null:
      break;
    case Json::Kind::Bool:
      out->type = GH_T_BOOL;
      break;
    case Json::Kind::Number:
      out->type = GH_T_NUMBER;
      break;
    case Json::Kind::String:
      out->type = GH_T_STRING;
      break;
    case Json::Kind::Array:
    case Json::Kind::Object:
      out->type = GH_T_JSON;
      append_json(self->parts_.emplace_back(), *value);
      out->val = raw(self->parts_.back());
  }
  return GH_OK;
} catch (...) {
  return GH_E_FAILED;
}

std::int32_t GH_CALL Settings::count(const gh_config* config, const gh_str* pointer, std::size_t* out) noexcept try {
  const Json* value = static_cast<const Settings*>(config->impl)->root_.find(view(pointer));
  if (value == nullptr || (value->kind != Json::Kind::Array && value->kind != Json::Kind::Object)) return GH_E_NOTFOUND;
  *out = value->children.size();
  return GH_OK;
} catch (...) {
  return GH_E_FAILED;
}

std::int32_t GH_CALL Settings::member(const gh_config* config, const gh_str* pointer, std::size_t index,
                                      gh_str* name) noexcept try {
  const Json* value = static_cast<const Settings*>(config->impl)->root_.find(view(pointer));
  if (value == nullptr || value->kind != Json::Kind::Object || index >= value->names.size()) return GH_E_NOTFOUND;
  *name = raw(value->names[index]);
  return GH_OK;
} catch (...) {
  return GH_E_FAILED;
}

}  // namespace gatehouse::plugin
