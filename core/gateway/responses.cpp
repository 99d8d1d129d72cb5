#include "gateway/responses.hpp"

#include "gateway/header_rules.hpp"

namespace gatehouse::gateway {
namespace {

// `'literal'`, `context.x`, `stageVariables.x`, `method.request.header.x` (AT-61).
Result<Template> parse_header_value(const std::string& text) {
  if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') {
    const std::string literal = text.substr(1, text.size() - 2);
    for (const char c : literal)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
        return fail(Code::Invalid, "a header value must not hold control characters");
    if (literal.find('$') != std::string::npos)
      return fail(Code::Invalid, "`" + text + "` is a literal: write context.x without quotes for a variable");
    return Template::parse(literal);
  }
  for (const std::string_view prefix :
       {"context.", "stageVariables.", "method.request.header.", "method.request.querystring.", "method.request.path."})
    if (std::string_view(text).starts_with(prefix)) return Template::parse("$" + text);
  return fail(Code::Invalid, "`" + text +
                                 "` is neither a 'literal' in single quotes nor context.x, stageVariables.x or "
                                 "method.request.header|querystring|path.x");
}

}  // namespace

GatewayResponses GatewayResponses::compile(const std::vector<config::GatewayResponse>& responses,
                                           config::Diagnostics& diagnostics) {
  GatewayResponses out;
  const CustomResponse* default_4xx = nullptr;
  const CustomResponse* default_5xx = nullptr;
  for (const config::GatewayResponse& from : responses) {
    auto made = std::make_unique<CustomResponse>();
    if (from.status) made->status = static_cast<std::uint16_t>(*from.status);
    for (const auto& [header, text] : from.headers) {
      auto value = parse_header_value(text);
      if (const std::string_view why = unsendable(header, {}); !why.empty())
        diagnostics.error(from.where, "header `" + header + "` " + std::string(why));
      else if (!value)
        diagnostics.error(from.where, "header `" + header + "`: " + value.error().text);
      else
        made->headers.emplace_back(header, std::move(*value));
    }
    for (const auto& [type, text] : from.templates) {
      auto body = Template::parse(text);
      if (!body)
        diagnostics.error(from.where, "template `" + type + "`: " + body.error().text);
      else
        made->templates.emplace_back(type, std::move(*body));
    }
    const CustomResponse* const response = made.get();
    out.owned_.push_back(std::move(made));
    if (from.type == "DEFAULT_4XX")
      default_4xx = response;
    else if (from.type == "DEFAULT_5XX")
      default_5xx = response;
    else if (const auto type = parse_response_type(from.type))
      out.by_type_[static_cast<std::size_t>(*type)] = response;
    else
      diagnostics.error(from.where, "unknown gateway response type `" + from.type + "`");
  }
  for (std::size_t i = 0; i < kResponseTypes; ++i)
    if (out.by_type_[i] == nullptr)
      out.by_type_[i] = default_response(static_cast<ResponseType>(i)).status < 500 ? default_4xx : default_5xx;
  return out;
}

}  // namespace gatehouse::gateway
