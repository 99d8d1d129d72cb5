#include <algorithm>

#include "base/text.hpp"
#include "identity/operation.hpp"

namespace gatehouse::identity {
namespace {

using Kind = Parameter::Kind;

bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

/// A stranger's text in a message: bounded, without line ends.
std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 128;
  std::size_t size = std::min(text.size(), kMost);
  while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  std::string out(text.substr(0, size));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return out + (size < text.size() ? "..." : "");
}

class Checker {
 public:
  Checker(const Operation& operation, Input::Door door) : operation_(operation), door_(door) {}
  Outcome<Value> check(const Value& given);

 private:
  void fault(const std::string& at, std::string_view value, const std::string& constraint) {
    if (faults_.size() < kMostFaults)
      faults_.push_back("Value " + (secret_ ? std::string("(hidden)") : "'" + shown(value) + "'") + " at '" + at +
                        "' failed to satisfy constraint: " + constraint);
  }
  void missing(const std::string& at) {
    if (faults_.size() < kMostFaults)
      faults_.push_back("Value null at '" + at + "' failed to satisfy constraint: Member must not be null");
  }
  void text(const std::string& at, std::string_view value, const Shape* shape);
  void number(const std::string& at, const Value& value, const Shape* shape, std::string_view name);
  void parameter(const Parameter& parameter, const Value& value);
  void one_struct(const Parameter& parameter, const Value& value, const std::string& at, Value& list);

  static constexpr std::size_t kMostFaults = 10;
  const Operation& operation_;
  Input::Door door_;
  bool secret_ = false;
  std::vector<std::string> faults_;
  Value out_;
};

void Checker::text(const std::string& at, std::string_view value, const Shape* shape) {
  if (!base::is_utf8(value)) return fault(at, "", "Member must be UTF-8");
  if (shape == nullptr) return;
  const std::size_t size = characters(value);
  if (size > shape->most)
    fault(at, value, "Member must have length less than or equal to " + std::to_string(shape->most));
  if (size < shape->least)
    fault(at, value, "Member must have length greater than or equal to " + std::to_string(shape->least));
  if (shape->matches != nullptr && !shape->matches(value))
    fault(at, value, "Member must satisfy regular expression pattern: " + std::string(shape->pattern));
  if (!shape->one_of.empty() && std::find(shape->one_of.begin(), shape->one_of.end(), value) == shape->one_of.end()) {
    std::string all;
    for (const std::string_view one : shape->one_of) all.append(all.empty() ? "" : ", ").append(one);
    fault(at, value, "Member must satisfy enum value set: [" + all + "]");
  }
}

void Checker::number(const std::string& at, const Value& value, const Shape* shape, std::string_view name) {
  const auto parsed =
      value.kind == Value::Kind::Number ? std::optional(value.number) : base::parse_integer<std::int64_t>(value.text);
  const std::string written = value.kind == Value::Kind::Number ? std::to_string(value.number) : value.text;
  if (!parsed) return fault(at, written, "Member must be an integer");
  if (shape != nullptr && *parsed > shape->highest)
    fault(at, written, "Member must have value less than or equal to " + std::to_string(shape->highest));
  else if (shape != nullptr && *parsed < shape->lowest)
    fault(at, written, "Member must have value greater than or equal to " + std::to_string(shape->lowest));
  else
    out_.set(name, Value::of_number(*parsed));
}

void Checker::one_struct(const Parameter& parameter, const Value& value, const std::string& at, Value& list) {
  if (value.kind != Value::Kind::Struct) return fault(at, value.text, "Member must be a structure");
  Value item;
  for (const std::string& name : value.names)
    if (std::none_of(parameter.fields.begin(), parameter.fields.end(), [&](const auto& f) { return f.name == name; }))
      fault(at + "." + shown(camel_case(name)), "", "There is no such member");
  for (const Parameter::Field& field : parameter.fields) {
    const std::string here = at + "." + camel_case(field.name);
    const Value* const member = value.find(field.name);
    if (member == nullptr) {
      missing(here);
    } else if (member->kind != Value::Kind::Text) {
      fault(here, "", "Member must be a string");
    } else {
      text(here, member->text, field.shape);
      item.set(field.name, member->text);
    }
  }
  list.push(std::move(item));
}

void Checker::parameter(const Parameter& p, const Value& value) {
  const std::string at = camel_case(p.name);
  const bool is_text = value.kind == Value::Kind::Text;
  secret_ = p.kind == Kind::Secret;
  switch (p.kind) {
    case Kind::Text:
    case Kind::Document:
    case Kind::Secret:
      if (!is_text) return fault(at, "", "Member must be a string");
      text(at, value.text, p.shape);
      secret_ = false;
      out_.set(p.name, value.text);
      return;
    case Kind::Number:
      if (!is_text && value.kind != Value::Kind::Number) return fault(at, "", "Member must be an integer");
      return number(at, value, p.shape, p.name);
    case Kind::Bool:
      if (value.kind != Value::Kind::Bool && (!is_text || (value.text != "true" && value.text != "false")))
        return fault(at, value.text, "Member must be a boolean");
      out_.set(p.name, Value::of_bool(is_text ? value.text == "true" : value.number != 0));
      return;
    case Kind::Map:
      if (value.kind != Value::Kind::Map) return fault(at, value.text, "Member must be a map");
      for (std::size_t i = 0; i < value.names.size(); ++i) {
        text(at + "." + shown(value.names[i]) + ".key", value.names[i], p.shape);
        if (value.children[i].kind != Value::Kind::Text)
          fault(at + "." + shown(value.names[i]), "", "Member must be a string");
      }
      out_.set(p.name, value);
      return;
    case Kind::Texts:
    case Kind::Structs:
      break;
  }
  const bool empty = is_text && value.text.empty();  // as botocore writes an empty list
  if (!empty && value.kind != Value::Kind::List) return fault(at, value.text, "Member must be a list");
  if (p.most != 0 && value.children.size() > p.most)
    return fault(at, "[" + std::to_string(value.children.size()) + " items]",
                 "Member must have length less than or equal to " + std::to_string(p.most));
  Value list = Value::list();
  for (std::size_t i = 0; i < value.children.size(); ++i) {
    const std::string here = at + "." + std::to_string(i + 1) + ".member";
    const Value& item = value.children[i];
    if (p.kind == Kind::Structs) {
      one_struct(p, item, here, list);
    } else if (item.kind != Value::Kind::Text) {
      fault(here, "", "Member must be a string");
    } else {
      text(here, item.text, p.shape);
      list.push(item);
    }
  }
  out_.set(p.name, std::move(list));
}

Outcome<Value> Checker::check(const Value& given) {
  const auto takes = [&](const Parameter& p) { return door_ == Input::Door::CommandLine || !p.cli_only; };
  for (const std::string& name : given.names)
    if (std::none_of(operation_.parameters.begin(), operation_.parameters.end(),
                     [&](const Parameter& p) { return p.name == name && takes(p); }))
      return refuse("ValidationError",
                    "'" + shown(name) + "' is not a parameter of " + std::string(operation_.name) + ".");
  for (const Parameter& p : operation_.parameters) {
    if (!takes(p)) continue;
    if (const Value* const value = given.find(p.name))
      parameter(p, *value);
    else if (p.required)
      missing(camel_case(p.name));
  }
  if (faults_.empty()) return std::move(out_);
  std::string all =
      std::to_string(faults_.size()) + " validation error" + (faults_.size() == 1 ? "" : "s") + " detected: ";
  for (std::size_t i = 0; i < faults_.size(); ++i) all += (i == 0 ? "" : "; ") + faults_[i];
  return refuse("ValidationError", std::move(all));
}

}  // namespace

Outcome<Input> Input::check(const Operation& operation, const Value& given, Door door) {
  auto checked = Checker(operation, door).check(given);
  if (!checked) return tl::unexpected(checked.error());
  Input out;
  out.values_ = std::move(*checked);
  return out;
}

std::string_view Input::text(std::string_view name) const noexcept {
  return text(name, {});
}

std::string_view Input::text(std::string_view name, std::string_view otherwise) const noexcept {
  const Value* const at = values_.find(name);
  return at != nullptr ? std::string_view(at->text) : otherwise;
}

std::int64_t Input::number(std::string_view name, std::int64_t otherwise) const noexcept {
  const Value* const at = values_.find(name);
  return at != nullptr ? at->number : otherwise;
}

std::vector<std::string> Input::texts(std::string_view name) const {
  std::vector<std::string> out;
  if (const Value* const at = values_.find(name))
    for (const Value& item : at->children) out.push_back(item.text);
  return out;
}

std::vector<Tag> Input::tags() const {
  std::vector<Tag> out;
  if (const Value* const at = values_.find("Tags"))
    for (const Value& item : at->children)
      out.push_back({std::string(*item.text_of("Key")), std::string(*item.text_of("Value"))});
  return out;
}

std::string kebab_case(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool plural = i + 2 == name.size() && name[i + 1] == 's';  // of `ARNs`
    const bool begins = i + 1 < name.size() && !is_upper(name[i + 1]) && !plural;
    const bool word = is_upper(name[i]) && i > 0 && (!is_upper(name[i - 1]) || begins);
    if (word) out += '-';
    out += base::to_lower(name[i]);
  }
  return out;
}

std::string camel_case(std::string_view name) {
  std::string out(name);
  if (!out.empty()) out[0] = base::to_lower(out[0]);
  return out;
}

}  // namespace gatehouse::identity
