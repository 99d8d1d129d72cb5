#include "plugin/keep.hpp"

#include <mutex>
#include <vector>

namespace gatehouse::plugin {

void keep_for_ever(std::shared_ptr<void> thing) noexcept {
  static std::mutex mutex;
  // Never destroyed, so that nothing is unloaded while the process ends.
  static auto* const things = new std::vector<std::shared_ptr<void>>;
  const std::lock_guard lock(mutex);
  things->push_back(std::move(thing));
}

}  // namespace gatehouse::plugin
