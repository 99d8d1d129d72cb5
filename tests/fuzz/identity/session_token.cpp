// Session tokens as clients send them: "ACCESS-KEY-ID TOKEN". Nothing but what the ring has sealed opens.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "identity/session.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::identity;
  // Drawn anew at each start: no input can hold a token of it.
  static const KeyRing ring = [] {
    gatehouse::base::SystemRandom random;
    return KeyRing::parse(KeyRing::generate(random, 0).reveal()).value();
  }();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos || !open_session(text.substr(blank + 1), text.substr(0, blank), ring)) return 0;
  std::fprintf(stderr, "does not hold: a token that nobody sealed opens\n");
  std::abort();
}
