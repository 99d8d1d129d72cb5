#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "access/context_variable.hpp"
#include "access/facts.hpp"
#include "base/arena.hpp"
#include "base/error.hpp"
#include "http/headers.hpp"

namespace gatehouse::access {

/// Where an authorizer finds one value of the caller's: spec lambda-authorizers section 3. Parsed at load, resolved
/// per request.
class IdentitySource {
 public:
  /// One source in the API type's syntax (LA section 3.1): `method.request.header.X` (REST), `$request.header.X`
  /// (HTTP), `route.request.header.X` (WebSocket), their `querystring`, `context` and `stageVariables` forms. Anything
  /// else, and a context variable that is not known before authorizers are asked, is Code::Invalid with what is
  /// possible. [setup]
  static Result<IdentitySource> parse(ApiType type, std::string_view text);

  std::string_view text() const noexcept { return text_; }
  bool is_header() const noexcept { return kind_ == Kind::Header; }
  bool is_query() const noexcept { return kind_ == Kind::Query; }
  /// Of the header, parameter or variable, as written.
  std::string_view name() const noexcept { return name_; }
  /// LA-20, LA-21: absent without a value that is not empty; of several the last, marked `repeated` (REST, WebSocket),
  /// or all joined with `,` (HTTP). A header that Connection names is absent: it is not forwarded either. Header names
  /// ignore case, query names do not; query names and values are form-decoded. What is not text (not UTF-8, or with a
  /// NUL) counts as absent, so that nobody reads half of it. Takes facts with `request` and `target`. The value is a
  /// view of the request or in `arena`; `source` is a view of this object. [any] One value that needs no decoding takes
  /// nothing of the arena.
  IdentityValue resolve(const Facts& facts, base::Arena& arena) const;

 private:
  enum class Kind : std::uint8_t { Header, Query, Context, StageVariable };
  /// Of a header whose name is as long.
  bool matches(const http::Header& header) const noexcept;

  Kind kind_ = Kind::Header;
  ApiType type_ = ApiType::Http;
  http::HeaderId header_ = http::HeaderId::Other;
  ContextVariable variable_ = ContextVariable::AccountId;
  std::string text_;
  std::string name_;
  std::string lower_name_;  // of a header
};

}  // namespace gatehouse::access
