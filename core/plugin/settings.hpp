#pragma once
#include <gatehouse/abi.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "plugin/json.hpp"

namespace gatehouse::plugin {

/// A file that a setting names.
struct SettingsFile {
  std::string pointer;  // of the setting
  std::string path;     // absolute
};

/// A plugin's JSON Schema. Knows the keywords of draft 4 that later drafts kept; a schema with any other is refused,
/// since a rule that is not understood would not be held. `"format": "file"` is one of ours: the text names a file,
/// from the folder of the configuration file it stands in. It is held below `properties` and `items` only, and refused
/// elsewhere.
class Schema {
 public:
  /// Null: takes no settings. [setup]
  static Result<Schema> compile(const char* text);
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

  /// Adds the members that the schema has a `default` for and that are absent.
  void apply_defaults(Json& settings) const;
  /// Makes the texts that name files absolute, from `directory` on. Returns the files.
  std::vector<SettingsFile> resolve_files(Json& settings, const std::string& directory) const;
  /// The error names the setting by its pointer and what is expected of it, never its value.
  Result<void> check(const Json& settings) const;

 private:
  struct Impl;
  explicit Schema(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// An authorizer's settings as create() gets them: checked, with defaults, readable by pointer. Wiped on destruction.
class Settings {
 public:
  /// `json`: as the configuration has it; `directory`: what relative paths of files in it start from. [setup]
  static Result<std::unique_ptr<Settings>> make(const base::Secret& json, const char* schema, std::string instance,
                                                const std::string& directory = "");
  ~Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  const gh_config* c() const noexcept { return &config_; }
  /// Names them in a map of running instances without holding them.
  std::string fingerprint() const;
  const std::vector<SettingsFile>& files() const noexcept { return files_; }

 private:
  Settings() = default;
  static std::int32_t GH_CALL get(const gh_config* config, const gh_str* pointer, gh_val* out) noexcept;
  static std::int32_t GH_CALL count(const gh_config* config, const gh_str* pointer, std::size_t* out) noexcept;
  static std::int32_t GH_CALL member(const gh_config* config, const gh_str* pointer, std::size_t index,
                                     gh_str* name) noexcept;

  gh_config config_{};
  std::string instance_;
  std::string text_;
  Json root_;
  std::vector<SettingsFile> files_;
  mutable std::deque<std::string> parts_;  // JSON texts that get() handed out
};

}  // namespace gatehouse::plugin
