#pragma once
#include <string_view>

namespace gatehouse::gateway {

/// Why a configured response header cannot be sent as it is written; empty when it can. Refuses names that are no
/// token, values with control bytes (RFC 9110, 5.1, 5.5), and the names that are the server's own: framing and
/// connection.
std::string_view unsendable(std::string_view name, std::string_view value) noexcept;

}  // namespace gatehouse::gateway
