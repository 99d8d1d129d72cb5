#include "base/text.hpp"
#include "routing/table.hpp"

namespace gatehouse::routing {

Result<RouteKey> RouteKey::parse(std::string_view text, PathPattern::Syntax syntax) {
  const std::string shown = std::string("`").append(text.substr(0, 200)).append("`");
  RouteKey out;
  out.text = text;
  if (text == "$default") {
    if (syntax == PathPattern::Syntax::Rest)
      return fail(Code::Invalid,
                  "route key `$default` is for HTTP APIs; in a REST API write `ANY /{proxy+}` and `ANY /`");
    out.is_default = true;
    return out;
  }
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos || blank + 1 == text.size() || text[blank + 1] != '/')
    return fail(Code::Invalid, "route key " + shown + " is not `METHOD /path`" +
                                   (syntax == PathPattern::Syntax::Http ? " or `$default`" : "") +
                                   " with one blank between");
  const std::string_view method = text.substr(0, blank);
  out.any_method = method == "ANY";
  if (!out.any_method && !http::parse_method(method, out.method))
    return fail(Code::Invalid, "route key " + shown + " has the method `" + std::string(method.substr(0, 40)) +
                                   "`; write DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT or ANY, in capitals (AT-12)");
  auto path = PathPattern::parse(text.substr(blank + 1), syntax);
  if (!path) return tl::unexpected<Error>(std::move(path.error()));
  out.path = std::move(*path);
  return out;
}

}  // namespace gatehouse::routing
