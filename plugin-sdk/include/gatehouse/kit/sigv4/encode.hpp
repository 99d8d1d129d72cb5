#pragma once
#include <string>
#include <string_view>

namespace gatehouse::kit::sigv4 {

/// Percent-encodes what is not unreserved (RFC 3986, section 2.3), with upper-case hex; a `/` as well unless it is to
/// be kept.
void append_encoded(std::string& out, std::string_view text, bool keep_slash = false);
/// Percent-decodes once; `+` is a blank (spec section 3.3). Every escape must be well-formed: see find_bad_escape.
void append_decoded(std::string& out, std::string_view text);
/// An escape in a query that is not `%` and two hex digits: npos when there is none.
std::size_t find_bad_escape(std::string_view text) noexcept;

}  // namespace gatehouse::kit::sigv4
