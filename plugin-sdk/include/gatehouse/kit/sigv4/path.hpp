#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::kit::sigv4 {

/// The path as it came, escapes and all, percent-encoded once more ("double encoding", spec section 3.2); `/` for none.
void append_canonical_path(std::string& out, std::string_view wire_path);

/// What signers of SDKs make of a path before they sign it: no empty and no `.` segments, each `..` takes away the one
/// before it. False, and `out` is left alone, when that changes nothing.
bool normalise_as_signers_do(std::string_view wire_path, std::string& out);

/// How a normalised path that was signed stands to the path that the gateway routes (escapes of unreserved characters
/// decoded, others in upper case): GH_PATH_NORMALISED when it is the same, GH_PATH_SLASHES_COLLAPSED when it is but for
/// doubled slashes. Nothing when the gateway routes another one: such a signature is for another request.
std::optional<std::uint32_t> form_of(std::string_view signed_path, std::string_view routed_path) noexcept;

}  // namespace gatehouse::kit::sigv4
