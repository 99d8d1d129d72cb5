// The first line is an identity source, the second a query string, the rest header lines `name: value`.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "access/identity_source.hpp"
#include "access/query.hpp"
#include "base/text.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::access;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view text = next_line(rest);
  http::RequestHead head;
  http::Target target;
  target.raw_query = next_line(rest);
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    const std::size_t colon = std::min(line.find(':'), line.size());
    head.headers.add(line.substr(0, colon), base::trim(line.substr(std::min(colon + 1, line.size()))));
  }
  Facts facts;
  facts.request = &head;
  facts.target = &target;
  base::Arena arena;
  for (const ApiType type : {ApiType::Rest, ApiType::Http, ApiType::Websocket}) {
    auto source = IdentitySource::parse(type, text);
    if (!source) {
      require(source.error().code == Code::Invalid || source.error().code == Code::Unsupported);
      continue;
    }
    require(source->text() == text);
    const IdentityValue value = source->resolve(facts, arena);
    require(value.source == text && value.present == !value.value.empty());
    require(base::is_utf8(value.value) && value.value.find('\0') == std::string_view::npos);
  }
  // The two readings of an encoded text agree.
  const std::string_view decoded = form_decode(target.raw_query, arena);
  require(decoded.size() <= target.raw_query.size() && form_decodes_to(target.raw_query, decoded));
  return 0;
}
