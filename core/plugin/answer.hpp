#pragma once
#include <gatehouse/abi.h>

#include "access/answer.hpp"
#include "access/facts.hpp"
#include "base/arena.hpp"

namespace gatehouse::plugin {

/// The bounds of an answer. Beyond kMaxReason a reason is cut; beyond any other the answer is Failed.
inline constexpr std::size_t kMaxPrincipal = 1024;
inline constexpr std::size_t kMaxUsageKey = 1024;
inline constexpr std::size_t kMaxChallenge = 4096;
inline constexpr std::size_t kMaxReason = 1024;
inline constexpr std::size_t kMaxMessage = 65536;
inline constexpr std::size_t kMaxErrorType = 128;
inline constexpr std::size_t kMaxScopeBytes = 65536;
inline constexpr std::size_t kMaxKey = 256;
inline constexpr std::size_t kMaxContextBytes = 8192;  // LA-6E; keys and values
inline constexpr std::size_t kMaxClaimsBytes = 65536;
inline constexpr std::size_t kMaxValues = 1024;
inline constexpr std::size_t kMaxPolicies = 16;
inline constexpr std::size_t kMaxPolicyBytes = 8192;  // LA-6E

/// Judges what a plugin answered and copies it into `out`, its texts into `arena`. An answer that breaks a rule becomes
/// Failed with the rule as its reason: unknown kind or value type, text that is not UTF-8 or too long, a challenge that
/// is no header value, words for the client with another kind than deny, unauthorized and failed, a response type that
/// is unknown or of another status, a context that the API type cannot have (LA-67, LA-6A, LA-6E, LA-6H; null is left
/// out, LA-68), a member that this gateway does not use yet. Says whether it was valid. [any] Reads `from` during the
/// call only.
bool read_answer(const gh_answer* from, access::ApiType api_type, base::Arena& arena, access::Answer& out);

}  // namespace gatehouse::plugin
