// The inside of a session token: whatever is taken packs to the same bytes again.
#include "identity/session_form.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::identity;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto session = unpack(bytes);
  if (!session) return 0;
  if (pack(*session).reveal() == bytes && packed_bytes(*session) <= size) return 0;
  std::fprintf(stderr, "does not hold: a session has one form\n");
  std::abort();
}
