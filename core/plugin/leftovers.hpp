#pragma once
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::plugin {

/// Libraries of this process that nobody uses any more and that are mapped all the same: their code does not come back,
/// or something keeps the loader from unmapping them (a thread_local with a destructor on a thread that lives on, a
/// symbol that is unique in the process). Each is memory that no reload gives back, so there may be few of them. Those
/// that say themselves that they must stay (GH_F_NEVER_UNLOAD) are none. [any]
class Leftovers {
 public:
  static constexpr std::size_t kMost = 8;

  /// Notes the staged copy at `path` and says so in the log.
  void add(const std::string& plugin, const std::string& path, std::string_view why) noexcept;
  /// Those that are mapped now: some go when a thread ends.
  std::size_t count() noexcept;
  /// `com.example.a (/run/.../x.so), ...`
  std::string names();

 private:
  struct One {
    std::string plugin, path;
  };
  void forget_the_gone();
  std::mutex mutex_;
  std::vector<One> all_;
};

/// Held while a library is loaded, closed or looked for: one at a time. The loader has a lock of its own, which
/// sanitizers do not see. [any]
std::mutex& loader_lock() noexcept;

/// Whether the loader has a library of exactly this path. [any]
bool is_mapped(const std::string& path) noexcept;

}  // namespace gatehouse::plugin
