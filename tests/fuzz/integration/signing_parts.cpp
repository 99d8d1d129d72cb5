// Queries of strangers on their way to an upstream: without a signature they have none, and nothing else is lost or
// made.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "integration/signing_parts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  base::Arena arena;
  const std::string_view left = integration::without_signature(query, arena);
  const bool once = integration::without_signature(left, arena) == left;
  if (once && left.size() <= query.size() && !integration::is_presigned(left)) return 0;
  std::fprintf(stderr, "does not hold: what is left of a query has no signature\n");
  std::abort();
}
