#pragma once
#include <cstddef>

/// How often this program has called operator new so far. A test program that asks links support/count_news.cpp, which
/// replaces the operator.
namespace gatehouse::test {
std::size_t news() noexcept;
}
