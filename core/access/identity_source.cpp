#include "access/identity_source.hpp"

#include <algorithm>
#include <cstring>

#include "access/query.hpp"
#include "base/short_text.hpp"
#include "base/text.hpp"

namespace gatehouse::access {
namespace {

struct Syntax {
  std::string_view kind;
  std::string_view header, query, context, stage_variables;
};
const Syntax& syntax_of(ApiType type) noexcept {
  static constexpr Syntax kRest{"REST", "method.request.header.", "method.request.querystring.", "context.",
                                "stageVariables."};
  static constexpr Syntax kHttp{"HTTP", "$request.header.", "$request.querystring.", "$context.", "$stageVariables."};
  static constexpr Syntax kWebsocket{"WebSocket", "route.request.header.", "route.request.querystring.", "context.",
                                     "stageVariables."};
  return type == ApiType::Rest ? kRest : type == ApiType::Http ? kHttp : kWebsocket;
}

bool starts_with(std::string_view text, std::string_view prefix) noexcept {
  return text.substr(0, prefix.size()) == prefix;
}

/// RFC 9110, 5.6.2.
bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const char l = base::to_lower(c);
    return base::is_digit(c) || (l >= 'a' && l <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// A comma or blank is a list written as one source.
bool is_query_name(std::string_view text) noexcept {
  return !text.empty() && base::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == ',';
  });
}

/// Names of stage variables (AT-50).
bool is_variable_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const char l = base::to_lower(c);
    return base::is_digit(c) || (l >= 'a' && l <= 'z') || c == '_';
  });
}

bool is_text(std::string_view value) noexcept {
  return base::is_plain(value) || (base::is_utf8(value) && value.find('\0') == std::string_view::npos);
}

/// Gathers the values of one name as LA-21 says.
class Values {
 public:
  Values(bool join, base::Arena& arena) noexcept : join_(join), arena_(arena) {}
  void add(std::string_view value) {
    if (join_ && seen_)
      append(value);
    else
      text_ = value;
    any_ = (join_ && any_) || !value.empty();
    repeated_ = seen_ && !join_;
    seen_ = true;
  }
  std::string_view text() const noexcept { return text_; }
  bool present() const noexcept { return any_ && is_text(text_); }
  bool repeated() const noexcept { return repeated_; }

 private:
  // Room doubles, so that a thousand values of one name take memory in proportion to their bytes.
  void append(std::string_view value) {
    const std::size_t size = text_.size() + 1 + value.size();
    if (size > room_) {
      room_ = 2 * size;
      char* const larger = static_cast<char*>(arena_.allocate(room_, 1));
      std::copy(text_.begin(), text_.end(), larger);
      bytes_ = larger;
    }
    bytes_[text_.size()] = ',';
    std::copy(value.begin(), value.end(), bytes_ + text_.size() + 1);
    text_ = {bytes_, size};
  }

  bool join_;
  base::Arena& arena_;
  std::string_view text_;
  char* bytes_ = nullptr;  // once joined: where text_ is, with room_ bytes
  std::size_t room_ = 0;
  bool seen_ = false;
  bool any_ = false;
  bool repeated_ = false;
};

}  // namespace

Result<IdentitySource> IdentitySource::parse(ApiType type, std::string_view text) {
  const Syntax& syntax = syntax_of(type);
  const std::string shown = "identity source `" + std::string(text.substr(0, 200)) + "`";
  IdentitySource out;
  out.type_ = type;
  out.text_ = text;
  if (starts_with(text, syntax.header)) {
    out.name_ = text.substr(syntax.header.size());
    out.header_ = http::header_id(out.name_);
    out.lower_name_ = base::lower(out.name_);
    if (!is_token(out.name_))
      return fail(Code::Invalid,
                  shown + " has no header name behind `" + std::string(syntax.header) + "`: write one source an entry");
    return out;
  }
  if (starts_with(text, syntax.query)) {
    out.kind_ = Kind::Query;
    out.name_ = text.substr(syntax.query.size());
    if (!is_query_name(out.name_))
      return fail(Code::Invalid, shown + " has no parameter name behind `" + std::string(syntax.query) +
                                     "`: write one source an entry");
    return out;
  }
  if (starts_with(text, syntax.context)) {
    out.kind_ = Kind::Context;
    out.name_ = text.substr(syntax.context.size());
    const auto variable = find_context_variable(type, out.name_);
    if (!variable)
      return fail(Code::Invalid, shown + " names no variable that is known before authorizers are asked: those are " +
                                     context_variable_names(type));
    out.variable_ = *variable;
    return out;
  }
  if (starts_with(text, syntax.stage_variables)) {
    out.kind_ = Kind::StageVariable;
    out.name_ = text.substr(syntax.stage_variables.size());
    if (!is_variable_name(out.name_))
      return fail(Code::Invalid, shown + " has no variable name (letters, digits and `_`) behind `" +
                                     std::string(syntax.stage_variables) + "`: write one source an entry");
    return out;
  }
  return fail(Code::Invalid, shown + " is none that a " + std::string(syntax.kind) + " API has: write `" +
                                 std::string(syntax.header) + "Name`, `" + std::string(syntax.query) + "name`, `" +
                                 std::string(syntax.context) + "variable` or `" + std::string(syntax.stage_variables) +
                                 "name`");
}

bool IdentitySource::matches(const http::Header& header) const noexcept {
  return header_ != http::HeaderId::Other
             ? header.id == header_
             : header.id == http::HeaderId::Other &&
                   base::equals_lower(header.name.data(), lower_name_.data(), lower_name_.size());
}

IdentityValue IdentitySource::resolve(const Facts& facts, base::Arena& arena) const {
  Values values(type_ == ApiType::Http, arena);
  switch (kind_) {
    case Kind::Header:
      for (const http::Header& header : facts.request->headers)
        if (header.name.size() == name_.size() && !header.listed_in_connection && matches(header))
          values.add(header.value);
      break;
    case Kind::Query: {
      RawParameter parameter;
      for (std::string_view query = facts.target->raw_query; next_parameter(query, type_ == ApiType::Rest, parameter);)
        if (form_decodes_to(parameter.name, name_)) values.add(form_decode(parameter.value, arena));
      break;
    }
    case Kind::Context:
      values.add(value_of(variable_, facts));
      break;
    case Kind::StageVariable:
      for (const NamedValue& variable : facts.stage_variables)
        if (variable.name == name_) values.add(variable.value);
      break;
  }
  IdentityValue out;
  out.source = text_;
  out.present = values.present();
  out.repeated = values.repeated();
  if (out.present) out.value = values.text();
  return out;
}

}  // namespace gatehouse::access
