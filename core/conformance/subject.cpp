#include "conformance/subject.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

#include "base/text.hpp"

namespace gatehouse::conformance {

Result<Subject> Subject::load(const std::string& file) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(file.c_str(), nullptr), &std::free);
  if (real == nullptr) return fail(Code::NotFound, "`" + file + "`: no such file");
  Subject out;
  out.path_ = real.get();
  out.handle_ = ::dlopen(out.path_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (out.handle_ == nullptr) return fail(Code::Refused, std::string("it cannot be loaded: ") + ::dlerror());
  out.entry_ = reinterpret_cast<gh_module_fn>(::dlsym(out.handle_, GH_ENTRY_NAME));
  if (out.entry_ == nullptr) return fail(Code::Refused, "it exports no `" GH_ENTRY_NAME "`");
  out.module_ = out.entry_();
  if (!GH_HAS(out.module_, iface) || out.module_->plugin == nullptr || out.module_->iface == nullptr)
    return fail(Code::Refused, "`" GH_ENTRY_NAME "` returned no whole gh_module");
  out.description_ = out.module_->plugin(0);
  out.api_ = static_cast<const gh_authorizer*>(out.module_->iface(0, GH_IFACE_AUTHORIZER));
  if (!GH_HAS(out.description_, services)) return fail(Code::Refused, "it has no whole description");
  if (!GH_HAS(out.api_, extension)) return fail(Code::Refused, "it offers no whole `" GH_IFACE_AUTHORIZER "`");
  return out;
}

bool Subject::unload() {
  ::dlclose(handle_);
  handle_ = nullptr;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.ends_with(path_)) return true;
  return false;
}

Result<std::unique_ptr<Config>> Config::make(const std::string& json, Memory::Kind kind) {
  // The empty schema allows everything: what breaks the plugin's own is shown to it as well.
  auto real = plugin::Settings::make(base::Secret(json), "{}", "check");
  if (!real) return tl::unexpected(real.error());
  std::unique_ptr<Config> out(new Config(kind));
  out->real_ = std::move(*real);
  out->c_ = static_cast<gh_config*>(out->memory_.room(sizeof(gh_config)));
  const gh_config& from = *out->real_->c();
  *out->c_ = gh_config{sizeof(gh_config),
                       0,
                       out.get(),
                       out->memory_.text("check"),
                       out->memory_.text({from.json.ptr, from.json.len}),
                       &Config::get,
                       &Config::count,
                       &Config::member};
  return out;
}

std::int32_t GH_CALL Config::get(const gh_config* c, const gh_str* pointer, gh_val* out) noexcept {
  auto& self = *static_cast<Config*>(const_cast<void*>(c->impl));
  const gh_config& real = *self.real_->c();
  const std::int32_t code = real.get(&real, pointer, out);
  if (code == GH_OK) out->val = self.memory_.text({out->val.ptr != nullptr ? out->val.ptr : "", out->val.len});
  return code;
}

std::int32_t GH_CALL Config::count(const gh_config* c, const gh_str* pointer, std::size_t* out) noexcept {
  const gh_config& real = *static_cast<const Config*>(c->impl)->real_->c();
  return real.count(&real, pointer, out);
}

std::int32_t GH_CALL Config::member(const gh_config* c, const gh_str* pointer, std::size_t index,
                                    gh_str* name) noexcept {
  auto& self = *static_cast<Config*>(const_cast<void*>(c->impl));
  const gh_config& real = *self.real_->c();
  const std::int32_t code = real.member(&real, pointer, index, name);
  if (code == GH_OK) *name = self.memory_.text({name->ptr != nullptr ? name->ptr : "", name->len});
  return code;
}

Creation Running::begin(const gh_config* config) {
  Creation out;
  const auto judge = [&](const gh_err& error) {
    if (out.code == GH_OK) return;
    const std::string_view text(error.msg, ::strnlen(error.msg, sizeof error.msg));
    if (text.size() == sizeof error.msg)
      out.fault = "the text of its error has no end";
    else if (text.empty())
      out.fault = "it does not say why: gh_err.msg is empty";
    else if (!base::is_utf8(text))
      out.fault = "the text of its error is not UTF-8";
    out.text = out.fault.empty() ? text : "";
  };
  gh_err error{};
  error.struct_size = sizeof error;
  plugin_ = nullptr;
  try {
    out.code = subject_.api().create(stage_.c(), config, &plugin_, &error);
  } catch (...) {
    out.code = GH_E_EXCEPTION;
    out.fault = "it threw an exception across the ABI";
    return out;
  }
  judge(error);
  if (out.code == GH_OK && plugin_ == nullptr) {
    out.code = GH_E_FAILED;
    out.fault = "it made nothing and called it success";
  }
  if (out.code != GH_OK) {
    if (out.code > 0) out.fault = "it returned " + std::to_string(out.code) + ", which is neither success nor an error";
    if (plugin_ != nullptr && out.fault.empty()) out.fault = "it failed and made an instance nevertheless";
    plugin_ = nullptr;
    return out;
  }
  out.call = "start";
  error = gh_err{};
  error.struct_size = sizeof error;
  try {
    out.code = subject_.api().start(plugin_, &error);
  } catch (...) {
    out.code = GH_E_EXCEPTION;
    out.fault = "it threw an exception across the ABI";
  }
  if (out.fault.empty()) judge(error);
  started_ = out.code == GH_OK;
  if (!started_) end();
  return out;
}

void Running::stop() {
  if (!std::exchange(started_, false)) return;
  subject_.api().stop(plugin_);
}

void Running::end() {
  if (plugin_ == nullptr) return;
  stop();
  stage_.end_operations();
  subject_.api().destroy(plugin_);
  plugin_ = nullptr;
}

Outcome Running::ask(const Sample& sample, Memory::Kind kind, std::uint32_t worker) {
  return stage_.ask(subject_.api(), plugin_, std::make_shared<Request>(sample, subject_.description().needs, kind),
                    worker);
}

}  // namespace gatehouse::conformance
