#include "integration/mapped_value.hpp"

#include <algorithm>
#include <array>

#include "access/claim_text.hpp"
#include "base/text.hpp"

namespace gatehouse::integration {
namespace {

using access::ApiType;
using access::TypedValue;
using access::ValueType;

// Of `$context.authorizer` too, yet known only when the request is over.
constexpr std::array<std::string_view, 6> kOfTheLog{"error",   "integrationLatency", "integrationStatus",
                                                    "latency", "requestId",          "status"};

struct Syntax {
  std::string_view context, path, whole_path;
  std::string_view help;
};
constexpr Syntax kRest{
    "context.", "method.request.path.", "",
    "`'text'`, `context.authorizer.KEY`, `context.VARIABLE`, `stageVariables.NAME`, or `method.request.header.NAME` "
    "(`querystring`, `path`)"};
constexpr Syntax kHttp{
    "$context.", "$request.path.", "$request.path",
    "a text without `$`, `$context.authorizer.KEY`, `$context.VARIABLE`, `$stageVariables.NAME`, `$request.path`, or "
    "`$request.header.NAME` (`querystring`, `path`)"};

bool is_field_value(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) || c == '\t'; });
}

/// JSON between whose tokens a line may end: blanks do as well, and inside a JSON string no such byte stands.
std::string_view on_one_line(std::string_view json, base::Arena& arena) {
  if (is_field_value(json)) return json;
  char* const out = static_cast<char*>(arena.allocate(json.size(), 1));
  std::transform(json.begin(), json.end(), out, [](char c) { return c == '\n' || c == '\r' ? ' ' : c; });
  return {out, json.size()};
}

const TypedValue* find(std::span<const TypedValue> values, std::string_view key) noexcept {
  const auto found = std::find_if(values.begin(), values.end(), [&](const TypedValue& one) { return one.key == key; });
  return found != values.end() ? &*found : nullptr;
}

std::string_view text_of(const TypedValue* value, base::Arena& arena) {
  if (value == nullptr || value->type == ValueType::Null) return {};
  return value->type == ValueType::Json ? on_one_line(value->value, arena) : value->value;
}

}  // namespace

bool is_context_key(std::string_view key) noexcept {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    const char l = base::to_lower(c);
    return base::is_digit(c) || (l >= 'a' && l <= 'z') || c == '_';
  });
}

Result<void> MappedValue::parse_authorizer(std::string_view name, std::string_view shown) {
  const std::string_view claim = access::claim_name(name);
  if (name == "principalId") {
    kind_ = Kind::Principal;
  } else if (!claim.empty()) {
    kind_ = Kind::Claim;
    text_ = claim;
  } else if (std::find(kOfTheLog.begin(), kOfTheLog.end(), name) != kOfTheLog.end()) {
    return fail(Code::Invalid, "`" + std::string(shown) + "` is known to access logs only");
  } else if (is_context_key(name)) {
    kind_ = Kind::ContextKey;
    text_ = name;
  } else {
    return fail(Code::Invalid, "`" + std::string(shown) +
                                   "` cannot name a key of the authorizer's context: those of letters, digits and `_` "
                                   "can be named");
  }
  return {};
}

Result<MappedValue> MappedValue::parse(ApiType type, std::string_view text,
                                       const std::vector<std::string>& parameters) {
  const bool rest = type == ApiType::Rest;
  const Syntax& syntax = rest ? kRest : kHttp;
  const std::string shown = "`" + std::string(text.substr(0, 200)) + "`";
  MappedValue out;
  out.type_ = type;
  const std::string authorizer = std::string(syntax.context) + "authorizer.";
  if (text.starts_with(authorizer)) {
    if (auto read = out.parse_authorizer(text.substr(authorizer.size()), text); !read)
      return tl::unexpected<Error>(std::move(read.error()));
    return out;
  }
  if (text.starts_with(syntax.path)) {
    out.kind_ = Kind::PathParameter;
    out.text_ = text.substr(syntax.path.size());
    if (std::find(parameters.begin(), parameters.end(), out.text_) == parameters.end())
      return fail(Code::Invalid, shown + " is no parameter of the route's path");
    return out;
  }
  if (text.starts_with(syntax.context))
    if (const auto caller = access::find_caller_variable(text.substr(syntax.context.size()))) {
      out.kind_ = Kind::Caller;
      out.caller_ = *caller;
      return out;
    }
  if (!rest && text == syntax.whole_path) {
    out.kind_ = Kind::Path;
    return out;
  }
  if (auto source = access::IdentitySource::parse(type, text)) {
    out.kind_ = Kind::Source;
    out.source_ = std::move(*source);
    return out;
  }
  if (text.starts_with(syntax.context))
    return fail(Code::Invalid, shown + " is not known when a request is sent on: besides `" + authorizer + "KEY`, `" +
                                   authorizer + "principalId` and `" + authorizer + "claims.NAME` there are " +
                                   access::context_variable_names(type));
  const bool quoted = text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
  if (rest ? !quoted : quoted || text.find('$') != std::string_view::npos)
    return fail(Code::Invalid, shown + " is no value that a " + (rest ? "REST" : "HTTP") + " API has: write " +
                                   std::string(syntax.help));
  out.text_ = base::trim(rest ? text.substr(1, text.size() - 2) : text);
  if (out.text_.empty()) return fail(Code::Invalid, shown + " is an empty text");
  if (!is_field_value(out.text_)) return fail(Code::Invalid, shown + " has control characters");
  return out;
}

std::optional<std::string_view> MappedValue::resolve(const access::Facts& facts, const access::Answer& identity,
                                                     base::Arena& arena) const {
  std::string_view out;
  switch (kind_) {
    case Kind::Text:
      return text_;
    case Kind::Source: {
      const access::IdentityValue value = source_->resolve(facts, arena);
      if (value.present) out = value.value;
      break;
    }
    case Kind::Path:
      out = facts.api_path;
      break;
    case Kind::PathParameter:
      for (const access::NamedValue& one : facts.path_parameters)
        if (one.name == text_) out = one.value;
      break;
    case Kind::Principal: {
      // HTTP APIs have no such variable: there a key of that name is one like others.
      const TypedValue* key = type_ == ApiType::Http ? find(identity.context, "principalId") : nullptr;
      out = key != nullptr ? text_of(key, arena) : identity.principal_id;
      break;
    }
    case Kind::Caller:
      out = access::value_of(caller_, identity.caller);
      break;
    case Kind::ContextKey:
      out = text_of(find(identity.context, text_), arena);
      break;
    case Kind::Claim:
      out = access::find_claim(type_, identity.claims, text_, arena);
      // Texts, and lists of them, are decoded: a line's end in one is the caller's, and never becomes a blank.
      if (const TypedValue* claim = find(identity.claims, text_);
          claim != nullptr && claim->type == ValueType::Json && claim->value.starts_with('{'))
        out = on_one_line(out, arena);
      break;
  }
  if (!is_field_value(out)) return is_of_authorizer() ? std::nullopt : std::optional(std::string_view());
  return base::trim(out);
}

}  // namespace gatehouse::integration
