#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace gatehouse::config {

inline constexpr std::size_t kMaxSecretFile = 64 * 1024;
inline constexpr std::size_t kMaxResolved = 16 * 1024 * 1024;  // of all `${...}` of a configuration together

/// Replaces `${env:NAME}` and `${file:PATH}` (relative to `directory`; one line end at its end is cut); `$${` becomes
/// `${`; every other `${...}` stays as it is. What was put in is not looked at again. Nothing when the text has none
/// of these. `budget`: bytes that may still be put in. `exposed`: see read_file(). Errors name the variable or the
/// path, never a value. [setup]
Result<std::optional<std::string>> interpolate(std::string_view text, const std::string& directory, std::size_t& budget,
                                               std::string& exposed);

/// True when the text holds `${env:` or `${file:` that interpolate() would replace.
bool has_reference(std::string_view text) noexcept;

/// `path` as seen from `directory`; absolute paths as they are.
std::string path_from(const std::string& directory, std::string_view path);

/// The bytes of a regular file of at most `limit` bytes. NotFound, Limit, Refused (not a regular file), Io; the error
/// names the file as `shown`. A file that everybody could change is Refused, too; `exposed` is set to what is to be
/// said of one that others could (exposure.hpp), and left alone otherwise. [setup]
Result<std::string> read_file(const std::string& path, const std::string& shown, std::size_t limit,
                              std::string& exposed);

}  // namespace gatehouse::config
