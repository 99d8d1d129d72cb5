// The first line is a query string, the second a path, the third the value of an identity source, the rest header lines
// `name: value`. Whatever the bytes are, each kind of event is JSON that a strict reader takes, in which each value
// reads as it was sent, its bytes that are not UTF-8 as U+FFFD.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "access/event.hpp"
#include "base/text.hpp"
#include "support/strict_json.hpp"

namespace {

using namespace gatehouse;
using namespace gatehouse::access;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

bool is_token(std::string_view name) {
  for (const char c : name)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F || c == '"') return false;
  return !name.empty();
}

/// An obvious twin of what next_json_piece() makes of bytes.
std::string as_read(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t n = 4;
    while (n > 0 && (at + n > bytes.size() || !base::is_utf8(bytes.substr(at, n)))) --n;
    // Four bytes that are UTF-8 may be several characters: all of them are kept.
    out += n == 0 ? std::string("\xEF\xBF\xBD") : std::string(bytes.substr(at, n));
    at += n == 0 ? 1 : n;
  }
  return out;
}

std::string_view text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  http::RequestHead head;
  http::Target target;
  target.raw_query = next_line(rest);
  target.path = target.wire_path = next_line(rest);
  const IdentityValue identity[] = {{"$request.header.x", next_line(rest), true}};
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    const std::size_t colon = std::min(line.find(':'), line.size());
    if (const std::string_view name = line.substr(0, colon); is_token(name))
      head.headers.add(name, base::trim(line.substr(std::min(colon + 1, line.size()))));
  }
  Facts facts;
  facts.request = &head;
  facts.target = &target;
  facts.api_path = facts.domain = target.path;
  facts.identity = identity;
  const NamedValue parameters[] = {{"proxy", target.path}};
  facts.path_parameters = parameters;
  for (const ApiType type : {ApiType::Rest, ApiType::Http, ApiType::Websocket}) {
    for (const bool token : {false, true}) {
      for (const bool v1 : {false, true}) {
        facts.api_type = type;
        const EventKind kind = event_kind(type, token, v1);
        base::Arena arena;
        facts.event = nullptr;
        const auto event = build_event(kind, facts, arena);
        if (!event) {
          require(size > kMaxEventBytes / 64, "small requests have an event");
          continue;
        }
        require(event->size() <= kMaxEventBytes, "an event is bounded");
        require(event->size() <= 4096 + 64 * size, "in proportion to the request");
        require(build_event(kind, facts, arena)->data() == event->data(), "built once");
        rapidjson::Document document;
        const std::string fault = gatehouse::test::parse_strictly(*event, document);
        require(fault.empty(), fault.c_str());
        if (kind == EventKind::Token) {
          require(document.MemberCount() == 3, "a token event has three members");
          require(text_of(document["authorizationToken"]) == as_read(identity[0].value), "the token as sent");
          continue;
        }
        require(!document.HasMember("body"), "no body");
        if (kind == EventKind::HttpV2) {
          require(text_of(document["rawPath"]) == as_read(target.path), "the path");
          require(text_of(document["rawQueryString"]) == as_read(target.raw_query), "the query");
          require(text_of(document["identitySource"][0]) == as_read(identity[0].value), "the identity source");
        } else {
          std::size_t values = 0;
          for (const auto& each : document["multiValueHeaders"].GetObject()) values += each.value.Size();
          require(values == head.headers.size(), "every header line is there");
        }
        for (const http::Header& header : head.headers) {
          if (kind != EventKind::Rest) break;
          bool found = false;
          for (const auto& each : document["multiValueHeaders"].GetObject())
            if (base::equal_ignoring_case(text_of(each.name), header.name))
              for (const auto& value : each.value.GetArray()) found |= text_of(value) == as_read(header.value);
          require(found, "each value as sent");
        }
      }
    }
  }
  return 0;
}
