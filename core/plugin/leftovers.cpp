#include "plugin/leftovers.hpp"

#include <dlfcn.h>

#include <algorithm>

#include "base/log.hpp"

namespace gatehouse::plugin {

std::mutex& loader_lock() noexcept {
  static std::mutex lock;
  return lock;
}

bool is_mapped(const std::string& path) noexcept {
  const std::lock_guard lock(loader_lock());
  // The loader compares names under its own lock; nothing is loaded, and what was taken is given back at once.
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (handle == nullptr) return false;
  ::dlclose(handle);
  return true;
}

void Leftovers::add(const std::string& plugin, const std::string& path, std::string_view why) noexcept {
  try {
    base::log(base::Level::Warn, why, {{"plugin", plugin}, {"library", path}});
    const std::lock_guard lock(mutex_);
    forget_the_gone();
    all_.push_back({plugin, path});
  } catch (...) {
    // Out of memory: it is not counted.
  }
}

std::size_t Leftovers::count() noexcept {
  const std::lock_guard lock(mutex_);
  forget_the_gone();
  return all_.size();
}

std::string Leftovers::names() {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const One& one : all_) out += (out.empty() ? "`" : ", `") + one.plugin + "` (`" + one.path + "`)";
  return out;
}

void Leftovers::forget_the_gone() {
  std::erase_if(all_, [](const One& one) { return !is_mapped(one.path); });
}

}  // namespace gatehouse::plugin
