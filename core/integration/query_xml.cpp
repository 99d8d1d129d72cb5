#include "integration/query_xml.hpp"

#include <algorithm>

#include "base/iso_time.hpp"
#include "base/text.hpp"

namespace gatehouse::integration {
namespace {

using identity::Value;

/// RFC 3986: all but unreserved characters.
std::string percent_encoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const char l = base::to_lower(c);
    if (base::is_digit(c) || (l >= 'a' && l <= 'z') || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

void append_value(std::string& out, const Value& value);

void append_element(std::string& out, std::string_view name, const Value& value) {
  out.append("<").append(name).append(">");
  append_value(out, value);
  out.append("</").append(name).append(">");
}

void append_value(std::string& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::Struct:
      append_xml_members(out, value);
      break;
    case Value::Kind::Map:
      for (std::size_t i = 0; i < value.names.size(); ++i) {
        out += "<entry><key>";
        append_xml_escaped(out, value.names[i]);
        out += "</key>";
        append_element(out, "value", value.children[i]);
        out += "</entry>";
      }
      break;
    case Value::Kind::List:
      for (const Value& item : value.children) append_element(out, "member", item);
      break;
    case Value::Kind::Text:
      append_xml_escaped(out, value.text);
      break;
    case Value::Kind::Number:
      out += std::to_string(value.number);
      break;
    case Value::Kind::Bool:
      out += value.number != 0 ? "true" : "false";
      break;
    case Value::Kind::Time:
      out += base::iso_time(value.number);
      break;
    case Value::Kind::Document:
      out += percent_encoded(value.text);
      break;
  }
}

ServiceResponse xml_response(int status, std::string body, std::string_view request_id) {
  ServiceResponse out;
  out.status = status;
  out.content_type = "text/xml";
  out.headers.emplace_back("x-amzn-RequestId", std::string(request_id));
  out.body = std::move(body);
  return out;
}

struct CodeStatus {
  std::string_view code;
  int status;
};
constexpr CodeStatus kStatuses[] = {
    {"AccessDenied", 403},
    {"ConcurrentModification", 409},
    {"DeleteConflict", 409},
    {"EntityAlreadyExists", 409},
    {"EntityTemporarilyUnmodifiable", 409},
    {"ExpiredToken", 403},
    {"IDPRejectedClaim", 403},
    {"InternalFailure", 500},
    {"InvalidClientTokenId", 403},
    {"LimitExceeded", 409},
    {"MissingAuthenticationToken", 403},
    {"NoSuchEntity", 404},
    {"OptInRequired", 403},
    {"RegionDisabledException", 403},
    {"RequestExpired", 400},
    {"ServiceFailure", 500},
    {"ServiceUnavailable", 503},
    {"SignatureDoesNotMatch", 403},
};

}  // namespace

void append_xml_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kUnknown = "\xef\xbf\xbd";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = base::utf8_sequence(text, i);
    const std::string_view one = text.substr(i, std::max<std::size_t>(size, 1));
    const char c = text[i];
    i += one.size();
    const bool control = size == 1 && static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    if (size == 0 || control || one == "\xef\xbf\xbe" || one == "\xef\xbf\xbf")
      out += kUnknown;
    else if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else if (c == '\r')
      out += "&#13;";  // a reader of XML would make it a line feed
    else
      out += one;
  }
}

void append_xml_members(std::string& out, const Value& value) {
  for (std::size_t i = 0; i < value.names.size(); ++i) append_element(out, value.names[i], value.children[i]);
}

int query_status(std::string_view code) noexcept {
  for (const CodeStatus& known : kStatuses)
    if (known.code == code) return known.status;
  return 400;
}

ServiceResponse query_response(const QueryApi& api, std::string_view action, const Value* result,
                               std::string_view request_id) {
  std::string body = "<";
  body.append(action).append("Response xmlns=\"").append(api.xmlns).append("\">");
  if (result != nullptr) append_element(body, std::string(action) + "Result", *result);
  body += "<ResponseMetadata><RequestId>";
  append_xml_escaped(body, request_id);
  body.append("</RequestId></ResponseMetadata></").append(action).append("Response>\n");
  return xml_response(200, std::move(body), request_id);
}

ServiceResponse query_error(const QueryApi& api, const identity::Fault& fault, std::string_view request_id) {
  return query_error(api, fault, request_id, query_status(fault.code));
}

ServiceResponse query_error(const QueryApi& api, const identity::Fault& fault, std::string_view request_id,
                            int status) {
  std::string body = "<ErrorResponse xmlns=\"";
  body.append(api.xmlns).append("\"><Error><Type>").append(status >= 500 ? "Receiver" : "Sender");
  body += "</Type><Code>";
  append_xml_escaped(body, fault.code);
  body += "</Code><Message>";
  append_xml_escaped(body, fault.message);
  body += "</Message></Error><RequestId>";
  append_xml_escaped(body, request_id);
  body += "</RequestId></ErrorResponse>\n";
  return xml_response(status, std::move(body), request_id);
}

}  // namespace gatehouse::integration
