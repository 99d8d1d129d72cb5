#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "gateway/variable.hpp"

namespace gatehouse::gateway {

class RequestContext;

/// A text with `$context.x`, `$stageVariables.x` and `$method.request.header|querystring|path.x` in it. Substitution
/// only, no language (AT-62). Parsed at load.
class Template {
 public:
  enum class Escape : std::uint8_t {
    None,
    Json,    // each value becomes the inside of a JSON string (AT-64)
    Header,  // control bytes are dropped
    Markup,  // `&<>"'` become character references, as HTML and XML have them
  };
  /// An unknown `$context.` variable is an error that names it.
  static Result<Template> parse(std::string_view text);
  /// Appends the filled text. `absent` stands for an empty value (`-` in access logs, AT-A0).
  void append(std::string& out, const RequestContext& context, Escape escape, std::string_view absent = {}) const;
  /// The same as one JSON value: a string, or, where the text is one `$context.authorizer.KEY` of an HTTP API and
  /// nothing else, that value with its type.
  void append_json(std::string& out, const RequestContext& context, std::string_view absent) const;

 private:
  struct Part {
    enum class Kind : std::uint8_t {
      Text,
      Context,
      StageVariable,
      Header,
      Query,
      Path,
      ErrorMessageString
    } kind = Kind::Text;
    std::string text;
    Variable variable;
  };
  std::vector<Part> parts_;
};

}  // namespace gatehouse::gateway
