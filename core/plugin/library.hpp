#pragma once
#include <gatehouse/abi.h>

#include <memory>
#include <string>

#include "base/error.hpp"
#include "plugin/leftovers.hpp"
#include "plugin/manifest.hpp"
#include "plugin/staging.hpp"

namespace gatehouse::plugin {

/// A loaded library and what it offers: the door to Boost.DLL. Unloaded on destruction, unless it says that it must not
/// be or keep() was called; what is mapped afterwards all the same is noted among the leftovers. Whoever runs its code
/// holds it.
class Library {
 public:
  /// [setup] Loads a staged copy of bytes that check_library() passed, and looks whether the module says what the
  /// manifest said. Runs the library's constructors.
  static Result<std::shared_ptr<Library>> load(std::shared_ptr<Staging> staging, std::string_view bytes,
                                               const std::string& sha256, const Manifest& manifest,
                                               std::shared_ptr<Leftovers> leftovers = nullptr);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  const gh_plugin_desc& description() const noexcept { return *description_; }
  const gh_authorizer& authorizer() const noexcept { return *authorizer_; }
  const std::string& sha256() const noexcept { return sha256_; }
  const std::string& build_info() const noexcept { return build_info_; }
  /// [any] It stays mapped for ever: some of its code may still run.
  void keep() noexcept;

 private:
  struct Handle;
  Library(std::unique_ptr<Handle> handle, std::string sha256);
  Result<void> look(const Manifest& manifest);

  std::unique_ptr<Handle> handle_;
  std::string sha256_;
  std::string build_info_;
  const gh_plugin_desc* description_ = nullptr;
  const gh_authorizer* authorizer_ = nullptr;
};

}  // namespace gatehouse::plugin
