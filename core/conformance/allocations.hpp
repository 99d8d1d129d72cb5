#pragma once
#include <cstdint>

namespace gatehouse::conformance {

/// [setup] From now on what the loaded libraries (a plugin, its C++ library) ask malloc for is counted. The entries of
/// their import tables are replaced, since the program exports nothing that they could bind to. Says whether it could.
bool count_allocations();
/// [any] Of the calling thread.
std::uint64_t allocations_of_this_thread() noexcept;

}  // namespace gatehouse::conformance
