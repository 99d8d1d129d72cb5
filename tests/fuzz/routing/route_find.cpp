// A set of routes, a line each, and behind an empty line the paths that are looked up in it, a line each.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "routing/domain.hpp"
#include "routing/table.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::routing;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void check(const Match& match, std::string_view path, std::size_t routes) {
  require(match.route < routes && match.capture_count <= kMaxCaptures);
  const char* at = path.data();
  for (std::uint32_t i = 0; i < match.capture_count; ++i) {
    const Capture& c = match.captures[i];
    require(!c.name.empty() && !c.value.empty() && c.value.back() != '/');
    require(c.value.data() >= at && c.value.data() + c.value.size() <= path.data() + path.size());
    at = c.value.data() + c.value.size();
    if (i + 1 < match.capture_count) require(c.value.find('/') == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto syntax : {PathPattern::Syntax::Rest, PathPattern::Syntax::Http}) {
    std::string_view rest = text;
    std::vector<RouteKey> keys;
    for (std::string_view line = next_line(rest); !line.empty() && keys.size() < 64; line = next_line(rest)) {
      auto key = RouteKey::parse(line, syntax);
      if (!key) continue;
      keys.push_back(std::move(*key));
      const bool good = syntax == PathPattern::Syntax::Rest ? RestTable::compile(keys).has_value()
                                                            : HttpTable::compile(keys).has_value();
      if (!good) keys.pop_back();
    }
    auto rest_table = syntax == PathPattern::Syntax::Rest ? RestTable::compile(keys) : RestTable::compile({});
    auto http_table = syntax == PathPattern::Syntax::Http ? HttpTable::compile(keys) : HttpTable::compile({});
    require(rest_table && http_table);
    HostTable::Builder builder;
    require(builder.add_endpoint("a", true, {}, {{"live", 1}}).has_value());
    require(builder.add_endpoint("b", false, {}, {{"dev", 2}, {"$default", 3}}).has_value());
    require(builder.add_domain("d", {{"a", 4, true}, {"a/b", 5}, {"", 6}}, true).has_value());
    const HostTable hosts = builder.build();
    for (int lines = 0; lines < 64 && !rest.empty(); ++lines) {
      const std::string_view path = next_line(rest);
      for (std::size_t m = 0; m < http::kMethods; ++m) {
        const auto method = static_cast<http::Method>(m);
        Match match;
        if (rest_table->find(method, path, true, match)) {
          check(match, path, keys.size());
          Match strict;
          if (rest_table->find(method, path, false, strict)) require(strict.route == match.route);
        } else {
          require(!rest_table->find(method, path, false, match));
        }
        if (http_table->find(method, path, match)) check(match, path, keys.size());
      }
      for (const std::string_view host : {"d", "x"}) {
        const Selection s = hosts.select(host, path);
        if (s.kind != Selection::Kind::Found) continue;
        require(!s.api_path.empty() && (s.splits_segment || s.api_path.front() == '/'));
      }
    }
    static_cast<void>(rest_table->fallthroughs());
  }
  return 0;
}
