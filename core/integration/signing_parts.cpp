#include "integration/signing_parts.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace gatehouse::integration {
namespace {

constexpr std::array<std::string_view, 7> kParameters{"X-Amz-Algorithm",     "X-Amz-Credential", "X-Amz-Date",
                                                      "X-Amz-Expires",       "X-Amz-Signature",  "X-Amz-SignedHeaders",
                                                      "X-Amz-Security-Token"};

/// Whether a name of a query, its escapes decoded, is this one.
bool is(std::string_view escaped, std::string_view name) noexcept {
  std::size_t at = 0;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    char c = escaped[i];
    if (c == '%' && i + 2 < escaped.size() && base::hex_value(escaped[i + 1]) >= 0 &&
        base::hex_value(escaped[i + 2]) >= 0) {
      c = static_cast<char>(base::hex_value(escaped[i + 1]) * 16 + base::hex_value(escaped[i + 2]));
      i += 2;
    }
    if (at == name.size() || c != name[at++]) return false;
  }
  return at == name.size();
}

/// Calls `take` with each part between `&`.
template <class Take>
void each_part(std::string_view query, Take take) {
  for (std::size_t at = 0; at <= query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    take(query.substr(at, end - at));
    at = end + 1;
  }
}

std::string_view name_of(std::string_view part) noexcept {
  return part.substr(0, part.find('='));
}

}  // namespace

bool stays_here(const SigningParts& parts, const http::Header& header, bool rest) noexcept {
  if (!parts.authenticated) return false;
  if (header.id == http::HeaderId::Authorization) return rest || parts.strip_all;
  const auto named = [&](std::string_view name) { return base::equal_ignoring_case(header.name, name); };
  if (named("x-amz-security-token")) return parts.strip_all || !parts.forward_security_token;
  return parts.strip_all && (named("x-amz-date") || named("x-amz-content-sha256"));
}

bool is_presigned(std::string_view raw_query) noexcept {
  bool out = false;
  each_part(raw_query, [&](std::string_view part) { out = out || is(name_of(part), "X-Amz-Algorithm"); });
  return out;
}

std::string_view without_signature(std::string_view raw_query, base::Arena& arena) {
  const std::span<char> out = arena.array<char>(raw_query.size() + 1);
  std::size_t size = 0;
  bool first = true;
  each_part(raw_query, [&](std::string_view part) {
    const auto signs = [&](std::string_view name) { return is(name_of(part), name); };
    if (std::any_of(kParameters.begin(), kParameters.end(), signs)) return;
    if (!first) out[size++] = '&';
    size += part.copy(out.data() + size, part.size());
    first = false;
  });
  return {out.data(), size};
}

}  // namespace gatehouse::integration
