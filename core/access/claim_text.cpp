#include "access/claim_text.hpp"

#include <gatehouse/kit/json.hpp>

#include <charconv>
#include <cstdio>
#include <ctime>

#include "base/text.hpp"

namespace gatehouse::access {
namespace {

/// The end of the JSON value that begins at `at`, in JSON that was judged already: the next comma or bracket outside.
std::size_t end_of_value(std::string_view json, std::size_t at) noexcept {
  bool quoted = false;
  for (int depth = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      if (depth-- == 0) return at;
    } else if (c == ',' && depth == 0) {
      return at;
    }
  }
  return json.size();
}

std::string_view trim(std::string_view text) noexcept {
  constexpr const char* kBlanks = " \t\r\n";
  const std::size_t from = text.find_first_not_of(kBlanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlanks) + 1 - from);
}

/// Elements of a JSON array, strings without their quotes, joined.
std::string joined(std::string_view json, std::string_view between) {
  std::string out;
  bool first = true;
  for (std::size_t at = 1; at < json.size();) {
    const std::size_t end = end_of_value(json, at);
    const std::string_view element = trim(json.substr(at, end - at));
    at = end + 1;
    if (element.empty()) continue;  // of an empty array
    if (!first) out += between;
    first = false;
    if (element.front() != '"') {
      out += element;
      continue;
    }
    kit::JsonFault fault;
    const auto text = kit::parse_json(element, fault);
    if (text) out += text->text;
  }
  return out;
}

/// CG-40: as Java prints a date. What is no second of the years 0 to 9999 stays as it is.
std::string_view date_text(std::string_view number, base::Arena& arena) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), seconds);
  constexpr double kYear0 = -62167219200.0, kYear10000 = 253402300800.0;
  if (error != std::errc() || end != number.data() + number.size() || !(seconds >= kYear0 && seconds < kYear10000))
    return number;
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto when = static_cast<std::time_t>(seconds);
  std::tm t{};
  ::gmtime_r(&when, &t);
  char text[80];
  const int size = std::snprintf(text, sizeof text, "%s %s %02d %02d:%02d:%02d UTC %d", kDays[t.tm_wday],
                                 kMonths[t.tm_mon], t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, t.tm_year + 1900);
  return arena.copy({text, static_cast<std::size_t>(size)});
}

}  // namespace

std::string_view claim_text(ApiType type, const TypedValue& claim, base::Arena& arena) {
  const bool http = type == ApiType::Http;
  switch (claim.type) {
    case ValueType::Null:
      return {};
    case ValueType::String:
    case ValueType::Bool:
      break;
    case ValueType::Number:
      if (!http && (claim.key == "exp" || claim.key == "iat" || claim.key == "nbf"))
        return date_text(claim.value, arena);
      break;
    case ValueType::Json: {
      const std::string_view json = trim(claim.value);
      if (!json.starts_with('[')) return json;
      if (http) return arena.join({"[", joined(json, " "), "]"});
      return arena.copy(joined(json, ","));
    }
  }
  return claim.value.data() != nullptr ? claim.value : std::string_view("", 0);
}

std::string_view find_claim(ApiType type, std::span<const TypedValue> claims, std::string_view name,
                            base::Arena& arena) {
  for (const TypedValue& claim : claims)
    if (claim.key == name) return claim_text(type, claim, arena);
  return {};
}

std::string_view claim_name(std::string_view variable) noexcept {
  constexpr std::string_view kDot = "claims.", kOpen = "claims['", kClose = "']";
  if (variable.starts_with(kDot)) return variable.substr(kDot.size());
  if (!variable.starts_with(kOpen) || !variable.ends_with(kClose) || variable.size() < kOpen.size() + kClose.size())
    return {};
  return variable.substr(kOpen.size(), variable.size() - kOpen.size() - kClose.size());
}

void append_claims_authorizer(std::string& out, AuthorizerShape shape, const Facts& facts, const Answer& answer,
                              base::Arena& arena) {
  const bool rest = shape == AuthorizerShape::Rest;
  out += shape == AuthorizerShape::Payload2 ? R"({"jwt":{"claims":{)" : R"({"claims":{)";
  bool first = true;
  for (const TypedValue& claim : answer.claims) {
    const std::string_view text = claim_text(rest ? ApiType::Rest : ApiType::Http, claim, arena);
    if (text.data() == nullptr) continue;
    if (!first) out += ',';
    first = false;
    base::append_json_string(out, claim.key);
    out += ':';
    base::append_json_string(out, text);
  }
  out += '}';
  if (!rest) {
    out += R"(,"scopes":)";
    if (facts.route_scopes.empty()) {
      out += "null";
    } else {
      out += '[';
      for (std::size_t i = 0; i < answer.scopes.size(); ++i) {
        if (i > 0) out += ',';
        base::append_json_string(out, answer.scopes[i]);
      }
      out += ']';
    }
  }
  out += shape == AuthorizerShape::Payload2 ? "}}" : "}";
}

}  // namespace gatehouse::access
