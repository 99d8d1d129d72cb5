#pragma once
#include <cstddef>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "identity/session.hpp"

namespace gatehouse::identity {

/// What tags and session policies of a session may take in its packed form: 100 % of AWS's `PackedPolicySize`.
inline constexpr std::size_t kPackedBytes = 2048;
/// What they take: tags, transitive keys, session policy and ARNs of such. [any]
std::size_t packed_bytes(const Session& session) noexcept;

/// A session as bytes, without its access key id, which is what the sealed token is bound to. One session has one form:
/// numbers are as short as can be, nothing is there twice, nothing follows. [any]
base::Secret pack(const Session& session);
/// Errors: Invalid (cut short, too long, of an unknown version or kind, not what pack() writes).
Result<Session> unpack(std::string_view bytes);

}  // namespace gatehouse::identity
