#include "app/token_anatomy.hpp"

#include <gatehouse/kit/jose/base64url.hpp>

#include "base/text.hpp"

namespace gatehouse::app {
namespace {

// As the kit reads tokens (JW-6B, JW-6C).
constexpr kit::JsonLimits kLimits{.bytes = 16'384, .values = 16'384, .depth = 16, .members = 256};
constexpr std::size_t kMostSegments = 6;

bool is_base64url(char c) noexcept {
  const char letter = base::to_lower(c);
  return base::is_digit(c) || (letter >= 'a' && letter <= 'z') || c == '-' || c == '_';
}

std::string hex_byte(char c) {
  return "0x" + base::hex(std::string_view(&c, 1));
}

std::string what_is(char c) {
  switch (c) {
    case '=':
      return "`=`: padding, which base64url of tokens has not";
    case '+':
    case '/':
      return std::string("`") + c + "`: base64 of another alphabet, `-` and `_` stand for `+` and `/`";
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      return "white space or a line end (" + hex_byte(c) + ")";
    case '\0':
      return "a NUL byte";
    case ',':
      return "`,`: is it two headers in one?";
    default:
      return "a byte that is not of base64url (" + hex_byte(c) + ")";
  }
}

std::string base64url_fault(std::string_view text, std::size_t at) {
  const auto place = [&](std::size_t i) {
    return "byte " + std::to_string(i) + " (" + std::to_string(at + i) + " of the token): ";
  };
  if (text.empty()) return "it is empty";
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!is_base64url(text[i])) return place(i) + what_is(text[i]);
  if (text.size() % 4 == 1)
    return "it has " + std::to_string(text.size()) + " characters, which no number of bytes comes to: is it cut off?";
  return place(text.size() - 1) + "the last character has bits that belong to no byte: is it cut off or changed?";
}

/// The object that a segment holds, or a fault.
std::optional<kit::Json> object(const TokenAnatomy::Segment& segment, std::vector<std::string>& faults) {
  if (!segment.bytes) return std::nullopt;
  kit::JsonFault fault;
  auto out = kit::parse_json(*segment.bytes, fault, kLimits);
  if (out && out->kind == kit::Json::Kind::Object) return out;
  faults.push_back(segment.name + ": " + (out ? "JSON, but no object" : "decoded: " + fault.text));
  return std::nullopt;
}

}  // namespace

TokenAnatomy TokenAnatomy::of(std::string_view token) {
  TokenAnatomy out;
  constexpr const char* kNames[] = {"header", "payload", "signature"};
  for (std::size_t at = 0; !token.empty() && at <= token.size();) {
    const std::size_t end = std::min(token.find('.', at), token.size());
    if (out.segment_count++ < kMostSegments) {
      Segment one;
      const std::size_t index = out.segments.size();
      one.name = index < std::size(kNames) ? kNames[index] : "segment " + std::to_string(index + 1);
      one.at = at;
      one.size = end - at;
      const std::string_view text = token.substr(at, end - at);
      one.bytes = kit::jose::decode_base64url(text);
      if (one.bytes && one.bytes->empty()) one.bytes.reset();
      if (!one.bytes) one.fault = base64url_fault(text, at);
      out.segments.push_back(std::move(one));
    }
    at = end + 1;
  }
  if (token.empty()) out.faults.emplace_back("there is no token");
  if (out.segment_count != 3 && !token.empty())
    out.faults.push_back(std::to_string(out.segment_count) + (out.segment_count == 1 ? " segment" : " segments") +
                         " between dots; a signed token has three" +
                         (out.segment_count == 5 ? ", and one of five is encrypted (JWE)" : ""));
  for (std::size_t i = 0; i < out.segments.size() && i < 3; ++i) {
    const Segment& one = out.segments[i];
    if (!one.fault.empty()) out.faults.push_back(one.name + ": " + one.fault);
  }
  if (!out.segments.empty()) out.header = object(out.segments[0], out.faults);
  // Of another number of segments the second is no payload.
  if (out.segment_count == 3 || out.segment_count == 2) out.payload = object(out.segments[1], out.faults);
  return out;
}

}  // namespace gatehouse::app
