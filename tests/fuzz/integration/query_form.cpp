// A Query request of strangers: the first line is the query string, the rest the body. What is read says the same when
// it is written down again, is bounded, and can be checked by any operation and shown as XML and JSON.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/text.hpp"
#include "identity/operation.hpp"
#include "identity/operation_json.hpp"
#include "integration/query_xml.hpp"

namespace {

using namespace gatehouse;
using identity::Value;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) out += "%" + base::hex({&c, 1});
  return out;
}

/// The tree as a form again, items of lists from the last to the first.
void write(const Value& value, const std::string& name, std::string& out) {
  const std::string before = name.empty() ? "" : name + ".";
  switch (value.kind) {
    case Value::Kind::Text:
      require(base::is_utf8(value.text) && value.text.find('\0') == std::string::npos, "texts are UTF-8 without NUL");
      out += "&" + name + "=" + encoded(value.text);
      return;
    case Value::Kind::List:
      require(!value.children.empty() && value.children.size() <= integration::kMostQueryItems, "lists are bounded");
      for (std::size_t i = value.children.size(); i-- > 0;)
        write(value.children[i], before + "member." + std::to_string(i + 1), out);
      return;
    case Value::Kind::Struct:
      require(value.names.size() == value.children.size(), "each member has a name");
      for (std::size_t i = 0; i < value.names.size(); ++i) {
        require(value.find(value.names[i]) == &value.children[i], "names are there once");
        write(value.children[i], before + value.names[i], out);
      }
      return;
    default:
      require(false, "a form has texts, lists and structs only");
  }
}

bool same(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.text != b.text || a.children.size() != b.children.size()) return false;
  for (std::size_t i = 0; i < a.children.size(); ++i) {
    const Value* const other = a.names.empty() ? &b.children[i] : b.find(a.names[i]);
    if (other == nullptr || !same(a.children[i], *other)) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  integration::ServiceRequest request;
  request.method = "POST";
  request.content_type = "application/x-www-form-urlencoded";
  request.raw_query = text.substr(0, line);
  if (line != std::string_view::npos) request.body = text.substr(line + 1);
  const auto call = integration::parse_query(integration::kIamQuery, request);
  if (!call) {
    require(!call.error().code.empty() && !call.error().message.empty(), "a refusal says why");
    require(call.error().message.size() < 1'024, "and is short");
    require(integration::query_error(integration::kIamQuery, call.error(), "r").status == 400, "and is the caller's");
    return 0;
  }
  require(!call->action.empty(), "there is an action");
  for (const char* taken : {"Action", "Version"})
    require(call->parameters.find(taken) == nullptr, "action and version are no parameters");

  integration::ServiceRequest again = request;
  again.raw_query.clear();
  again.body = "Version=2010-05-08&Action=" + encoded(call->action);
  write(call->parameters, "", again.body);
  const auto reread = integration::parse_query(integration::kIamQuery, again);
  require(reread.has_value() && reread->action == call->action, "what was read can be read again");
  require(same(call->parameters, reread->parameters), "and says the same");

  for (const identity::Operation* const operation : identity::all_operations()) {
    const auto input = identity::Input::check(*operation, call->parameters, identity::Input::Door::Api);
    require(input || input.error().code == "ValidationError", "an operation takes it, or says why not");
    require(input || input.error().message.size() < 8'192, "shortly");
  }
  const auto shown = integration::query_response(integration::kIamQuery, "Do", &call->parameters, "r");
  require(base::is_utf8(shown.body), "XML is UTF-8");
  for (const char c : shown.body)
    require(static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n', "XML has no control characters");
  require(base::is_utf8(identity::to_json(call->parameters)), "JSON is UTF-8");
  for (const char c : identity::to_text(call->parameters))
    require(static_cast<unsigned char>(c) >= 0x20 || c == '\n', "nor has text for people");
  return 0;
}
