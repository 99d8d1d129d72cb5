#include "gateway/template.hpp"

#include "base/text.hpp"
#include "gateway/context.hpp"

namespace gatehouse::gateway {
namespace {

constexpr std::string_view kRedacted = "[redacted]";

constexpr bool is_name_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || base::is_digit(c) || c == '_' || c == '-' || c == '.';
}

void append_escaped(std::string& out, std::string_view value, Template::Escape escape) {
  switch (escape) {
    case Template::Escape::None:
      out += value;
      return;
    case Template::Escape::Json:
      base::append_json_escaped(out, value);
      return;
    case Template::Escape::Markup:
      for (const char c : value) {
        switch (c) {
          case '&':
            out += "&amp;";
            break;
          case '<':
            out += "&lt;";
            break;
          case '>':
            out += "&gt;";
            break;
          case '"':
            out += "&quot;";
            break;
          case '\'':
            out += "&#39;";
            break;
          default:
            out += c;
        }
      }
      return;
    case Template::Escape::Header:
      for (const char c : value)
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) out += c;
      return;
  }
}

// Whether it is what an authorizer of the route knows the caller by: a token, which no log may hold (JW-6I).
bool is_identity_source(const RequestContext& context, bool header, std::string_view name) {
  if (context.route == nullptr) return false;
  for (const access::Step& step : context.route->plan.steps)
    for (const access::IdentitySource& source : step.identity_sources)
      if (header ? source.is_header() && base::equal_ignoring_case(source.name(), name)
                 : source.is_query() && source.name() == name)
        return true;
  return false;
}

// The last value of a query parameter of that name (REST's single-value map), still encoded.
std::string_view query_value(std::string_view query, std::string_view name) {
  std::string_view found;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name)
      found = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return found;
}

}  // namespace

Result<Template> Template::parse(std::string_view text) {
  struct Prefix {
    std::string_view text;
    Part::Kind kind;
  };
  static constexpr Prefix kPrefixes[] = {
      {"$context.", Part::Kind::Context},
      {"$stageVariables.", Part::Kind::StageVariable},
      {"$method.request.header.", Part::Kind::Header},
      {"$method.request.querystring.", Part::Kind::Query},
      {"$method.request.path.", Part::Kind::Path},
  };
  Template out;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) out.parts_.push_back(Part{Part::Kind::Text, std::move(plain), {}});
    plain.clear();
  };
  while (!text.empty()) {
    const Prefix* found = nullptr;
    for (const Prefix& prefix : kPrefixes)
      if (text.starts_with(prefix.text)) found = &prefix;
    if (found == nullptr) {
      plain += text.front();
      text.remove_prefix(1);
      continue;
    }
    std::string_view rest = text.substr(found->text.size());
    std::size_t size = 0;
    while (size < rest.size() && is_name_char(rest[size])) ++size;
    while (size > 0 && rest[size - 1] == '.') --size;  // the full stop of a sentence
    // `$context.authorizer.claims['custom:role']`
    if (found->kind == Part::Kind::Context && rest.substr(0, size) == "authorizer.claims" &&
        rest.substr(size).starts_with("['"))
      if (const std::size_t close = rest.find("']", size + 2); close != std::string_view::npos) size = close + 2;
    const std::string name(rest.substr(0, size));
    if (name.empty()) return fail(Code::Invalid, "`" + std::string(found->text) + "` is not followed by a name");
    flush();
    Part part;
    part.kind = found->kind;
    part.text = name;
    if (part.kind == Part::Kind::Context) {
      const auto variable = Variable::parse(name);
      if (!variable)
        return fail(Code::Invalid,
                    name.starts_with("authorizer.")
                        ? "`$context." + name +
                              "` cannot name a key of the authorizer's context: those of letters, digits and `_` can "
                              "be named"
                        : "unknown variable `$context." + name + "`: see gatehouse.yaml(5), context variables");
      part.variable = *variable;
      // Already a JSON text of its own: never escaped twice.
      if (name == "error.messageString") part.kind = Part::Kind::ErrorMessageString;
    }
    out.parts_.push_back(std::move(part));
    text = rest.substr(size);
  }
  flush();
  return out;
}

void Template::append(std::string& out, const RequestContext& context, Escape escape, std::string_view absent) const {
  for (const Part& part : parts_) {
    std::string_view value;
    switch (part.kind) {
      case Part::Kind::Text:
        out += part.text;
        continue;
      case Part::Kind::ErrorMessageString:
        // In a JSON body it stands by itself; in a log member it stands inside quotes.
        value = part.variable.value(context);
        if (escape == Escape::Json && absent.empty())
          out += value;
        else
          append_escaped(out, value.empty() ? absent : value, escape);
        continue;
      case Part::Kind::Context:
        value = part.variable.value(context);
        break;
      case Part::Kind::StageVariable:
        value = context.stage_variable(part.text);
        break;
      case Part::Kind::Header:
        if (const http::Header* header = context.exchange->request.headers.find(part.text)) value = header->value;
        if (!absent.empty() && !value.empty() && is_identity_source(context, true, part.text)) value = kRedacted;
        break;
      case Part::Kind::Query:
        value = query_value(context.target.raw_query, part.text);
        if (!absent.empty() && !value.empty() && is_identity_source(context, false, part.text)) value = kRedacted;
        break;
      case Part::Kind::Path:
        value = context.path_parameter(part.text);
        break;
    }
    append_escaped(out, value.empty() ? absent : value, escape);
  }
}

void Template::append_json(std::string& out, const RequestContext& context, std::string_view absent) const {
  const access::TypedValue* typed = parts_.size() == 1 && parts_.front().kind == Part::Kind::Context
                                        ? parts_.front().variable.typed_value(context)
                                        : nullptr;
  if (typed != nullptr && typed->type != access::ValueType::String) {
    if (typed->type == access::ValueType::Null) {
      out += "null";
      return;
    }
    // JSON that whoever took the answer has judged; a line of the log it stays.
    for (const char c : typed->value) out += c == '\n' || c == '\r' ? ' ' : c;
    return;
  }
  out += '"';
  append(out, context, Escape::Json, absent);
  out += '"';
}

}  // namespace gatehouse::gateway
