// Route keys and path patterns: what is accepted keeps the promises of routing/pattern.hpp and parses to itself.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "routing/table.hpp"

namespace {
void require(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::routing;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto syntax : {PathPattern::Syntax::Rest, PathPattern::Syntax::Http}) {
    auto key = RouteKey::parse(text, syntax);
    if (!key) {
      require(!key.error().text.empty());
      continue;
    }
    require(key->text == text);
    if (key->is_default) continue;
    const PathPattern& path = key->path;
    require(path.segments.size() <= kMaxSegments && path.parameters().size() <= kMaxCaptures);
    std::string again = path.segments.empty() ? "/" : "";
    for (std::size_t i = 0; i < path.segments.size(); ++i) {
      const Segment& s = path.segments[i];
      require(!s.text.empty());
      if (s.kind == Segment::Kind::Literal)
        require(s.text.size() <= kMaxLiteralBytes && s.text.find('/') == std::string::npos && s.text != "." &&
                s.text != "..");
      if (s.kind == Segment::Kind::Greedy) require(i + 1 == path.segments.size());
      again += s.kind == Segment::Kind::Literal     ? "/" + s.text
               : s.kind == Segment::Kind::Parameter ? "/{" + s.text + "}"
                                                    : "/{" + s.text + "+}";
    }
    if (syntax == PathPattern::Syntax::Rest) require(again == path.text);
    // Both tables take it, and a request spelled as the pattern's literals finds it.
    const std::vector<RouteKey> keys{*key};
    std::string request;
    for (const Segment& s : path.segments) request += s.kind == Segment::Kind::Literal ? "/" + s.text : "/v";
    if (request.find('%') != std::string::npos) continue;
    Match match;
    auto table = HttpTable::compile(keys);
    require(table.has_value() && table->find(key->method, request.empty() ? "/" : request, match));
    require(match.route == 0 && match.capture_count == path.parameters().size());
  }
  return 0;
}
