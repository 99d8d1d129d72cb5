#pragma once
#include <gatehouse/abi.h>

#include "access/event.hpp"
#include "base/arena.hpp"

namespace gatehouse::plugin {

/// One request as the ABI has it. Holds views only, into what Facts point at; the lists that a plugin asks for are
/// built in the request's arena. `c.impl` points back, so it must not move once filled.
struct RequestView {
  gh_request c;
  const http::Headers* headers;

  /// [loop] `needs`: GH_NEED_ bits. `token`: the first identity source is the token (`type: token`).
  void fill(const access::Facts& facts, std::uint32_t needs, bool token, base::Arena& arena);
  /// [loop] After fill(), for GH_NEED_EVENT. False when there is none: it would be too long.
  bool fill_event(const access::Facts& facts, access::EventKind kind, base::Arena& arena);
};

}  // namespace gatehouse::plugin
