#pragma once
#include <cstddef>
#include <cstdint>
#include <gatehouse/kit/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::app {

/// What can be seen of a token without judging it, as much of a broken one as there is. Decides nothing: that is what
/// gatehouse/kit/jose/token.hpp is for.
struct TokenAnatomy {
  struct Segment {
    std::string name;  // header, payload, signature; `segment 4`
    std::size_t at = 0, size = 0;
    std::optional<std::string> bytes;  // nothing: it is not base64url
    std::string fault;                 // which byte and why; never quotes a byte that is part of the token
  };
  std::vector<Segment> segments;  // the first six
  std::size_t segment_count = 0;
  std::optional<kit::Json> header, payload;  // objects
  std::vector<std::string> faults;           // why it cannot be read whole: a line each

  static TokenAnatomy of(std::string_view token);
};

/// What of it should make one look twice, a line each.
std::vector<std::string> oddities(const TokenAnatomy& anatomy, std::string_view token, std::int64_t now_ms);

}  // namespace gatehouse::app
