#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "access/facts.hpp"
#include "base/arena.hpp"
#include "base/error.hpp"

namespace gatehouse::access {

/// Where an authorizer finds one value of the caller's: spec lambda-authorizers section 3. Parsed at load, resolved
/// per request.
class IdentitySource {
 public:
  /// One source in the API type's syntax (LA section 3.1): `method.request.header.X` (REST), `$request.header.X` (HTTP),
  /// their querystring, context and stageVariables forms. Anything else is an error that lists what is possible.
  /// Today: header and querystring; `context` and `stageVariables` forms are Code::Unsupported until issue 3.
  static Result<IdentitySource> parse(ApiType type, std::string_view text);

  std::string_view text() const noexcept { return text_; }
  /// LA-20, LA-21. Header names ignore case, query names do not; query values are form-decoded.
  IdentityValue resolve(const Facts& facts, base::Arena& arena) const;

 private:
  enum class Kind : std::uint8_t { Header, Query };
  Kind kind_ = Kind::Header;
  ApiType type_ = ApiType::Http;
  std::string text_;
  std::string name_;
};

}  // namespace gatehouse::access
