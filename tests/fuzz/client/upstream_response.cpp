#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "unit/client/wire.hpp"

// What an upstream may send. The first byte says how it is asked and whether it closes, the second one how its bytes
// are cut; the rest is what it sends. However they are cut, the outcome is the same, and nothing stays behind.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  if (size < 2) return 0;
  static test::Wire wire;
  constexpr http::Method kMethods[] = {http::Method::Get, http::Method::Head, http::Method::Post, http::Method::Put};
  client::OutboundRequest request;
  request.method = kMethods[data[0] & 3];
  request.target = "/";
  const std::string_view response(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = wire.call(request, response, {1 << 20}, 1 << 20);
  if (!wire.clean() || !wire.over()) std::abort();
  const auto cut = wire.call(request, response, {1 + std::size_t{data[1]} % 64}, 1 + std::size_t{data[1]} / 16);
  if (!wire.clean() || !wire.over()) std::abort();
  // A head that is cut may be refused before its end is seen, or not; a connection may be kept for a moment or closed
  // at once. Everything else is the same.
  const auto broken = [](client::CallError e) {
    return e == client::CallError::Closed || e == client::CallError::Malformed;
  };
  if (whole.error != cut.error && !(broken(whole.error) && broken(cut.error))) std::abort();
  if (whole.status != cut.status || whole.body_error != cut.body_error || whole.ended != cut.ended ||
      whole.body != cut.body)
    std::abort();
  return 0;
}
