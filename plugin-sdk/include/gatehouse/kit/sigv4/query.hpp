#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::kit::sigv4 {

/// Writes canonical queries (spec section 3.3): decoded and encoded anew, sorted by encoded name and then value. Keeps
/// its memory from query to query. Takes queries whose escapes are well-formed.
class CanonicalQuery {
 public:
  /// `without_signature`: leaves out the first X-Amz-Signature, which is the one that counts in query form. A second
  /// one stays in, so that nobody signed that.
  void append(std::string& out, std::string_view raw_query, bool without_signature);

 private:
  struct Parameter {
    std::uint32_t at, name, value;  // in encoded_: the name, right behind it the value
  };
  std::string encoded_;
  std::vector<Parameter> parameters_;
};

/// The next part of a raw query; skips empty ones. False at the end.
bool next_parameter(std::string_view& rest, std::string_view& name, std::string_view& value) noexcept;
/// Whether a name as it came, escapes and all, is this one.
bool is_named(std::string_view raw, std::string_view name) noexcept;

}  // namespace gatehouse::kit::sigv4
