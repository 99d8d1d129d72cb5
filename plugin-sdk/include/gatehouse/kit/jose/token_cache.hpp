#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace gatehouse::kit::jose {

/// SHA-256 of a whole token.
using TokenHash = std::array<unsigned char, 32>;

/// What is remembered of tokens that were verified, and shortly of some that were refused (JW-6H): by the hash of the
/// whole token, for as long as its entry says and never beyond the generation of the keys it was verified with. For
/// one worker: no locks. `Value` is the plugin's.
///
/// Bounded: the set is associative, a new entry takes the place of an expired one or of the one that was used least
/// recently of its set. A flood of refused tokens cannot push out those that were let through: they have a table of
/// their own.
template <class Value>
class TokenCache;

}  // namespace gatehouse::kit::jose
