#pragma once
#include <memory>

namespace gatehouse::plugin {

/// [any] Holds something until the process ends: code that may still run must not be unmapped, and what it may still
/// read must not be freed.
void keep_for_ever(std::shared_ptr<void> thing) noexcept;

}  // namespace gatehouse::plugin
