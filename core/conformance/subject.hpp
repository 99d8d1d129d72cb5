#pragma once
#include <gatehouse/abi.h>

#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "conformance/memory.hpp"
#include "conformance/stage.hpp"
#include "plugin/settings.hpp"

namespace gatehouse::conformance {

/// A library as the dynamic linker loads it, from where it lies: in a process of its own, before anything was judged.
class Subject {
 public:
  /// [setup] Runs its constructors and its entry.
  static Result<Subject> load(const std::string& file);
  const gh_module& module() const noexcept { return *module_; }
  const gh_plugin_desc& description() const noexcept { return *description_; }
  const gh_authorizer& api() const noexcept { return *api_; }
  gh_module_fn entry() const noexcept { return entry_; }
  /// Whether it is still mapped afterwards.
  bool unload();

 private:
  std::string path_;
  void* handle_ = nullptr;
  gh_module_fn entry_ = nullptr;
  const gh_module* module_ = nullptr;
  const gh_plugin_desc* description_ = nullptr;
  const gh_authorizer* api_ = nullptr;
};

/// Settings as create() gets them: texts without an end or with one, as the memory is.
class Config {
 public:
  /// `json`: whole and valid by the schema, or meant not to be. Not checked here.
  static Result<std::unique_ptr<Config>> make(const std::string& json, Memory::Kind kind);
  const gh_config* c() const noexcept { return c_; }

 private:
  explicit Config(Memory::Kind kind) : memory_(kind) {}
  static std::int32_t GH_CALL get(const gh_config* c, const gh_str* pointer, gh_val* out) noexcept;
  static std::int32_t GH_CALL count(const gh_config* c, const gh_str* pointer, std::size_t* out) noexcept;
  static std::int32_t GH_CALL member(const gh_config* c, const gh_str* pointer, std::size_t index,
                                     gh_str* name) noexcept;
  Memory memory_;
  gh_config* c_ = nullptr;
  std::unique_ptr<plugin::Settings> real_;
};

/// What create() or start() said.
struct Creation {
  std::int32_t code = GH_OK;
  std::string call = "create";
  std::string text;   // gh_err.msg
  std::string fault;  // what was wrong about the way it said so; empty: nothing
};

/// One instance, from create() to destroy().
class Running {
 public:
  Running(const Subject& subject, Stage& stage) : subject_(subject), stage_(stage) {}
  ~Running() { end(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  /// create() and, if that went well, start().
  Creation begin(const gh_config* config);
  /// stop() and destroy(), if there is something.
  void end();
  void stop();
  gh_plugin* c() const noexcept { return plugin_; }
  Outcome ask(const Sample& sample, Memory::Kind kind = Memory::Kind::Plain, std::uint32_t worker = 0);

 private:
  const Subject& subject_;
  Stage& stage_;
  gh_plugin* plugin_ = nullptr;
  bool started_ = false;
};

}  // namespace gatehouse::conformance
