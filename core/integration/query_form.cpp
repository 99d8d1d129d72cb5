#include <algorithm>
#include <optional>

#include "access/query.hpp"
#include "base/text.hpp"
#include "integration/query_xml.hpp"

namespace gatehouse::integration {
namespace {

using identity::Outcome;
using identity::refuse;
using identity::Value;

/// In quotes, cut when it is long: it goes into messages.
std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 64;
  return "'" + std::string(text.substr(0, kMost)) + (text.size() > kMost ? "..." : "") + "'";
}

/// Strictly form-decoded UTF-8 without NUL.
std::optional<std::string> decoded(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '+') {
      out += ' ';
    } else if (raw[i] == '%') {
      const int high = i + 2 < raw.size() ? base::hex_value(raw[i + 1]) : -1;
      const int low = high < 0 ? -1 : base::hex_value(raw[i + 2]);
      if (low < 0 || high * 16 + low == 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (raw[i] == '\0') {
      return std::nullopt;
    } else {
      out += raw[i];
    }
  }
  if (!base::is_utf8(out)) return std::nullopt;
  return out;
}

bool is_name_part(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    const char l = base::to_lower(c);
    return base::is_digit(c) || (l >= 'a' && l <= 'z') || c == '_' || c == '-';
  });
}

/// Takes the part before the next dot off the front.
std::string_view next_part(std::string_view& name) {
  const std::size_t dot = name.find('.');
  const std::string_view part = name.substr(0, dot);
  name = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
  return part;
}

/// The tree while it is put together: items of a list may come in any order.
struct Node {
  std::optional<std::string> text;
  std::vector<std::string> names;
  std::vector<Node> fields;          // by `names`
  std::vector<std::size_t> numbers;  // from 1
  std::vector<Node> items;           // by `numbers`

  Node& field(std::string_view name) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at != names.end()) return fields[static_cast<std::size_t>(at - names.begin())];
    names.emplace_back(name);
    return fields.emplace_back();
  }
  Node& item(std::size_t number) {
    const auto at = std::find(numbers.begin(), numbers.end(), number);
    if (at != numbers.end()) return items[static_cast<std::size_t>(at - numbers.begin())];
    numbers.push_back(number);
    return items.emplace_back();
  }
};

class Form {
 public:
  Outcome<void> add(std::string_view encoded, std::size_t& count);
  Outcome<Value> value() const { return settle(root_, ""); }
  /// The text of a top-level name, which is taken out.
  std::optional<std::string> take(std::string_view name);

 private:
  Outcome<void> put(const std::string& name, std::string text);
  static Outcome<Value> settle(const Node& node, const std::string& at);
  Node root_;
};

Outcome<void> Form::add(std::string_view encoded, std::size_t& count) {
  access::RawParameter parameter;
  while (access::next_parameter(encoded, false, parameter)) {
    if (++count > kMostQueryParameters)
      return refuse("InvalidParameterValue",
                    "The request has more than " + std::to_string(kMostQueryParameters) + " parameters.");
    if (parameter.name.size() > kMostQueryNameBytes)
      return refuse("MalformedQueryString", "The name of a parameter is too long: " + shown(parameter.name) + ".");
    const auto name = decoded(parameter.name);
    auto text = decoded(parameter.value);
    if (!name || !text)
      return refuse("MalformedQueryString",
                    "Parameter number " + std::to_string(count) + " is not percent-encoded UTF-8.");
    if (name->size() >= 6 && base::equal_ignoring_case(name->substr(0, 6), "X-Amz-")) continue;
    if (auto done = put(*name, std::move(*text)); !done) return done;
  }
  return {};
}

Outcome<void> Form::put(const std::string& name, std::string text) {
  Node* at = &root_;
  std::string_view rest = name;
  std::size_t parts = 0;
  do {
    const std::string_view part = next_part(rest);
    if (!is_name_part(part) || ++parts > kMostQueryNameParts || name.ends_with('.'))
      return refuse("MalformedQueryString", shown(name) + " is not the name of a parameter.");
    if (part == "member" && parts > 1) {
      const std::string_view index = next_part(rest);
      const auto number = base::parse_integer<std::size_t>(index);
      if (!number || *number == 0 || index.front() == '0')
        return refuse("MalformedQueryString", shown(name) + ": items of a list are numbered from 1.");
      if (*number > kMostQueryItems)
        return refuse("InvalidParameterValue",
                      shown(name) + ": a list has at most " + std::to_string(kMostQueryItems) + " items.");
      at = &at->item(*number);
    } else {
      at = &at->field(part);
    }
  } while (!rest.empty());
  if (at->text) return refuse("MalformedQueryString", "Parameter " + shown(name) + " is there more than once.");
  at->text = std::move(text);
  return {};
}

Outcome<Value> Form::settle(const Node& node, const std::string& at) {
  const int kinds = (node.text ? 1 : 0) + (node.fields.empty() ? 0 : 1) + (node.items.empty() ? 0 : 1);
  if (kinds > 1)
    return refuse("MalformedQueryString", "Parameter " + shown(at) + " is more than one of text, list and structure.");
  if (node.text) return Value::of(*node.text);
  const std::string before = at.empty() ? "" : at + ".";
  Value out;
  if (node.items.empty()) {
    for (std::size_t i = 0; i < node.fields.size(); ++i) {
      auto value = settle(node.fields[i], before + node.names[i]);
      if (!value) return value;
      out.set(node.names[i], std::move(*value));
    }
    return out;
  }
  out = Value::list();
  for (std::size_t number = 1; number <= node.items.size(); ++number) {
    const std::string name = before + "member." + std::to_string(number);
    const auto one = std::find(node.numbers.begin(), node.numbers.end(), number);
    if (one == node.numbers.end())
      return refuse("MalformedQueryString", "The list " + shown(at) + " has a gap: " + shown(name) + " is missing.");
    auto value = settle(node.items[static_cast<std::size_t>(one - node.numbers.begin())], name);
    if (!value) return value;
    out.push(std::move(*value));
  }
  return out;
}

std::optional<std::string> Form::take(std::string_view name) {
  const auto at = std::find(root_.names.begin(), root_.names.end(), name);
  if (at == root_.names.end()) return std::nullopt;
  Node& node = root_.fields[static_cast<std::size_t>(at - root_.names.begin())];
  if (!node.text || !node.fields.empty() || !node.items.empty()) return std::nullopt;
  std::string out = std::move(*node.text);
  root_.fields.erase(root_.fields.begin() + (at - root_.names.begin()));
  root_.names.erase(at);
  return out;
}

bool is_form(std::string_view content_type) {
  return base::equal_ignoring_case(base::trim(content_type.substr(0, content_type.find(';'))),
                                   "application/x-www-form-urlencoded");
}

}  // namespace

Outcome<QueryCall> parse_query(const QueryApi& api, const ServiceRequest& request) {
  if (request.method != "POST" && request.method != "GET")
    return refuse("InvalidAction", "Requests are made with POST or GET, not " + shown(request.method) + ".");
  if (request.method == "GET" && !request.body.empty())
    return refuse("MalformedQueryString", "A GET request has its parameters in the query string, and no body.");
  if (!request.body.empty() && !is_form(request.content_type))
    return refuse("MalformedQueryString",
                  "The body is " + shown(request.content_type) + ", not 'application/x-www-form-urlencoded'.");
  Form form;
  std::size_t count = 0;
  if (auto done = form.add(request.raw_query, count); !done) return tl::unexpected(done.error());
  if (auto done = form.add(request.body, count); !done) return tl::unexpected(done.error());
  QueryCall out;
  auto action = form.take("Action");
  if (!action || action->empty())
    return refuse("MissingAction", "The request must contain the parameter Action, once.");
  const auto version = form.take("Version");
  if (!version || *version != api.version)
    return refuse("InvalidAction", "Could not find operation " + shown(*action) + " for version " +
                                       (version ? shown(*version) : std::string("NO_VERSION_SPECIFIED")) +
                                       "; this API has version '" + std::string(api.version) + "'.");
  auto parameters = form.value();
  if (!parameters) return tl::unexpected(parameters.error());
  out.action = std::move(*action);
  out.parameters = std::move(*parameters);
  return out;
}

}  // namespace gatehouse::integration
