#include "policy/parse.hpp"

#include <algorithm>
#include <gatehouse/kit/json.hpp>
#include <set>

#include "base/text.hpp"

namespace gatehouse::policy {
namespace {

using Json = kit::Json;
using JsonKind = kit::Json::Kind;

constexpr std::size_t kMaxFaults = 32;
constexpr kit::JsonLimits kLimits{.bytes = std::size_t{1} << 17, .values = 20'000, .depth = 8};

bool has_principal(Kind kind) {
  return kind == Kind::Resource || kind == Kind::Endpoint || kind == Kind::Trust;
}
/// Documents of identities as AWS saves them: plain texts, statement names of their own.
bool is_identity_type(Kind kind) {
  return kind == Kind::Identity || kind == Kind::Boundary || kind == Kind::Session || kind == Kind::Guardrail;
}

std::size_t default_limit(Kind kind) {
  switch (kind) {
    case Kind::Identity:
      return 10'240;
    case Kind::Boundary:
      return 6'144;
    case Kind::Session:
      return 2'048;
    case Kind::Guardrail:
      return 5'120;
    case Kind::Resource:
      return 8'192;
    case Kind::Endpoint:
      return 20'480;
    case Kind::Trust:
      return 2'048;
    case Kind::Authorizer:
      return 131'072;  // the answer that carries it has a bound of its own
  }
  return 0;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string a(Kind kind) {
  const std::string_view what = name(kind);
  return (what.starts_with('i') || what.starts_with('a') ? "an " : "a ") + std::string(what);
}

class Reader {
 public:
  Reader(Kind kind, const ParseOptions& options) : kind_(kind), options_(options) {}
  tl::expected<Policy, std::vector<Fault>> read(std::string_view json);

 private:
  void fault(std::string pointer, std::string text) {
    if (faults_.size() < kMaxFaults) faults_.push_back({std::move(pointer), std::move(text)});
  }
  bool check_size(std::string_view json);
  void document(const Json& root);
  void version(const Json& value);
  void statement(const Json& value, const std::string& at, std::size_t index);
  void sid(const Json& value, const std::string& at, Statement& out);
  void effect(const Json* value, const std::string& at, Statement& out);
  void principals(const Json& value, const std::string& at, Statement& out);
  void actions(const Json& value, const std::string& at, Statement& out);
  void resources(const Json& value, const std::string& at, Statement& out);
  void resource(std::string_view text, const std::string& at, Statement& out);
  void conditions(const Json& value, const std::string& at, Statement& out);
  void condition(const Json& values, const std::string& at, Condition condition, Statement& out);
  /// Exactly one of the two members; null and a fault otherwise.
  const Json* one_of(const Json& value, const std::string& at, const char* plain, const char* negated,
                     bool& is_negated);
  template <class Take>
  void strings(const Json& value, const std::string& at, const char* what, bool nulls, Take&& take);

  Kind kind_;
  const ParseOptions& options_;
  std::vector<Fault> faults_;
  std::vector<Statement> statements_;
  std::set<std::string> sids_;
  std::string id_;
  bool variables_ = false;
};

bool Reader::check_size(std::string_view json) {
  const bool blanks_count = kind_ == Kind::Resource || kind_ == Kind::Endpoint;
  const std::size_t limit = options_.max_characters != 0 ? options_.max_characters : default_limit(kind_);
  std::size_t size = 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto c = static_cast<unsigned char>(json[i]);
    if (is_identity_type(kind_) && c > 0xc3) {
      fault("", "it has a character beyond U+00FF at byte " + std::to_string(i) + "; AWS stores none");
      return false;
    }
    if ((c & 0xc0) != 0x80 && (blanks_count || !is_blank(json[i]))) ++size;
  }
  if (size <= limit) return true;
  fault("", "it has " + std::to_string(size) + " characters; " + a(kind_) + " has at most " + std::to_string(limit));
  return false;
}

tl::expected<Policy, std::vector<Fault>> Reader::read(std::string_view json) {
  if (check_size(json)) {
    kit::JsonFault broken;
    const auto root = kit::parse_json(json, broken, kLimits);
    if (!root)
      fault("", "it is not JSON as RFC 8259 has it: " + broken.text);
    else
      document(*root);
  }
  if (!faults_.empty()) return tl::unexpected(std::move(faults_));
  return Policy(kind_, std::move(id_), std::move(statements_));
}

void Reader::document(const Json& root) {
  if (root.kind != JsonKind::Object) return fault("", "a policy is a JSON object");
  const Json* statements = nullptr;
  for (std::size_t i = 0; i < root.names.size(); ++i) {
    const std::string& member = root.names[i];
    const Json& value = root.children[i];
    if (member == "Version")
      version(value);
    else if (member == "Statement")
      statements = &value;
    else if (member != "Id")
      fault("/" + pointer_token(member), quoted(member) + " is not a member of a policy: Version, Id, Statement are");
    else if (is_identity_type(kind_))
      fault("/Id", a(kind_) + " has no Id");
    else if (value.kind != JsonKind::String)
      fault("/Id", "it is not a string");
    else
      id_ = value.text;
  }
  if (statements == nullptr) return fault("/Statement", "it is missing");
  if (statements->kind == JsonKind::Object) return statement(*statements, "/Statement", 0);
  if (statements->kind != JsonKind::Array)
    return fault("/Statement", "it is neither an object nor an array of objects");
  if (statements->children.empty()) return fault("/Statement", "it is empty");
  for (std::size_t i = 0; i < statements->children.size(); ++i)
    statement(statements->children[i], "/Statement/" + std::to_string(i), i);
}

void Reader::version(const Json& value) {
  const bool text = value.kind == JsonKind::String;
  variables_ = text && value.text == "2012-10-17";
  if (!text || (!variables_ && value.text != "2008-10-17"))
    fault("/Version", quoted(value.text) + " is neither `2012-10-17` nor `2008-10-17`");
}

const Json* Reader::one_of(const Json& value, const std::string& at, const char* plain, const char* negated,
                           bool& is_negated) {
  const Json* const a = value.member(plain);
  const Json* const b = value.member(negated);
  is_negated = b != nullptr;
  if (a != nullptr && b != nullptr)
    fault(at, std::string("it has both ") + plain + " and " + negated);
  else if (a == nullptr && b == nullptr)
    fault(at, std::string("it has neither ") + plain + " nor " + negated);
  else
    return a != nullptr ? a : b;
  return nullptr;
}

void Reader::statement(const Json& value, const std::string& at, std::size_t index) {
  if (value.kind != JsonKind::Object) return fault(at, "a statement is an object");
  constexpr std::string_view kMembers[] = {"Sid",       "Effect",   "Principal",   "NotPrincipal", "Action",
                                           "NotAction", "Resource", "NotResource", "Condition"};
  for (const std::string& member : value.names)
    if (std::find(std::begin(kMembers), std::end(kMembers), member) == std::end(kMembers))
      fault(at + "/" + pointer_token(member), quoted(member) + " is not a member of a statement");
  Statement out;
  out.index = index;
  if (const Json* v = value.member("Sid")) sid(*v, at + "/Sid", out);
  effect(value.member("Effect"), at, out);
  const bool names_principals = value.member("Principal") != nullptr || value.member("NotPrincipal") != nullptr;
  if (has_principal(kind_)) {
    if (const Json* v = one_of(value, at, "Principal", "NotPrincipal", out.not_principal))
      principals(*v, at + (out.not_principal ? "/NotPrincipal" : "/Principal"), out);
  } else if (names_principals) {
    fault(at, "a statement of " + a(kind_) + " names no principal: it is whose policy it is");
  }
  if (const Json* v = one_of(value, at, "Action", "NotAction", out.not_action))
    actions(*v, at + (out.not_action ? "/NotAction" : "/Action"), out);
  if (kind_ == Kind::Trust) {
    out.has_resource = false;
    if (value.member("Resource") != nullptr || value.member("NotResource") != nullptr)
      fault(at, "a statement of a role trust policy names no resource: the role is it");
  } else if (const Json* v = one_of(value, at, "Resource", "NotResource", out.not_resource)) {
    resources(*v, at + (out.not_resource ? "/NotResource" : "/Resource"), out);
  }
  if (const Json* v = value.member("Condition")) conditions(*v, at + "/Condition", out);
  statements_.push_back(std::move(out));
}

void Reader::sid(const Json& value, const std::string& at, Statement& out) {
  if (value.kind != JsonKind::String) return fault(at, "it is not a string");
  out.sid = value.text;
  if (!is_identity_type(kind_)) return;
  const bool plain = std::all_of(out.sid.begin(), out.sid.end(), [](char c) {
    return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z');
  });
  if (!plain) fault(at, quoted(out.sid) + " has other characters than letters and digits");
  if (!out.sid.empty() && !sids_.insert(out.sid).second) fault(at, quoted(out.sid) + " is the Sid of two statements");
}

void Reader::effect(const Json* value, const std::string& at, Statement& out) {
  if (value == nullptr) return fault(at + "/Effect", "it is missing");
  if (value->kind == JsonKind::String && value->text == "Allow")
    out.effect = Effect::Allow;
  else if (value->kind == JsonKind::String && value->text == "Deny")
    out.effect = Effect::Deny;
  else
    fault(at + "/Effect", quoted(value->text) + " is neither `Allow` nor `Deny`");
}

template <class Take>
void Reader::strings(const Json& value, const std::string& at, const char* what, bool nulls, Take&& take) {
  if (value.kind == JsonKind::String) return take(value.text, at);
  if (value.kind != JsonKind::Array) return fault(at, "it is neither a string nor an array of strings");
  std::size_t count = 0;
  for (std::size_t i = 0; i < value.children.size(); ++i) {
    const Json& child = value.children[i];
    const std::string here = at + "/" + std::to_string(i);
    // AWS saves a null among resources; it names none.
    if (nulls && child.kind == JsonKind::Null) continue;
    ++count;
    if (child.kind != JsonKind::String)
      fault(here, "it is not a string");
    else
      take(child.text, here);
  }
  if (count == 0) fault(at, std::string("it names no ") + what);
}

void Reader::principals(const Json& value, const std::string& at, Statement& out) {
  out.principals.emplace();
  if (out.not_principal && out.effect == Effect::Allow)
    fault(at, "with Allow it lets in everybody else, strangers too; name those who may with Principal");
  if (out.not_principal && kind_ == Kind::Trust) fault(at, "a role trust policy has Principal only");
  if (value.kind == JsonKind::String) {
    if (value.text != "*" || out.not_principal)
      return fault(at, quoted(value.text) + " is not `*` nor an object such as {\"AWS\": \"111122223333\"}");
    out.principals->add_everybody();
    return;
  }
  if (value.kind != JsonKind::Object) return fault(at, "it is neither `*` nor an object");
  for (std::size_t i = 0; i < value.names.size(); ++i) {
    const std::string& type = value.names[i];
    const std::string here = at + "/" + pointer_token(type);
    Principals::Type which = Principals::Type::Aws;
    if (type == "Federated" && kind_ == Kind::Trust)
      which = Principals::Type::Federated;
    else if (type == "Service")
      which = Principals::Type::Service;
    else if (type != "AWS") {
      fault(here, quoted(type) + " names no principal of " + a(kind_));
      continue;
    }
    strings(value.children[i], here, "principal", false, [&](const std::string& text, const std::string& where) {
      if (out.not_principal && text == "*")
        return fault(where, "`*` exempts everybody: the statement would deny nobody");
      if (auto why = out.principals->add(which, text)) fault(where, quoted(text) + " is no principal: " + *why);
    });
  }
  if (value.names.empty()) fault(at, "it names nobody");
}

void Reader::actions(const Json& value, const std::string& at, Statement& out) {
  strings(value, at, "action", false, [&](const std::string& text, const std::string& where) {
    if (kind_ != Kind::Authorizer && text != "*") {
      const std::size_t colon = text.find(':');
      const std::string_view vendor = std::string_view(text).substr(0, colon);
      const bool named = !vendor.empty() && std::all_of(vendor.begin(), vendor.end(), [](char c) {
        return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '-' || c == '.' ||
               c == '_';
      });
      if (colon == std::string::npos)
        fault(where, quoted(text) + " has no service before a colon, as `execute-api:Invoke` has");
      else if (text.find(':', colon + 1) != std::string::npos)
        fault(where, quoted(text) + " has more than one colon");
      else if (!named)
        fault(where, quoted(vendor) + " is not the name of a service");
    }
    out.actions.emplace_back(text);
  });
}

void Reader::resources(const Json& value, const std::string& at, Statement& out) {
  strings(value, at, "resource", !out.not_resource,
          [&](const std::string& text, const std::string& where) { resource(text, where, out); });
}

void Reader::resource(std::string_view text, const std::string& at, Statement& out) {
  std::string whole(text);
  constexpr std::string_view kShorthand = "execute-api:/";
  if (text.starts_with(kShorthand)) {
    if (kind_ != Kind::Resource || options_.api_arn.empty())
      return fault(at, "`execute-api:/` stands for the API in its own resource policy only; write the whole ARN");
    whole = options_.api_arn + "/" + std::string(text.substr(kShorthand.size()));
  }
  const bool by_wildcard = kind_ == Kind::Resource || kind_ == Kind::Endpoint;
  const bool pad = !by_wildcard || whole.find('*') != std::string::npos;
  if (kind_ != Kind::Authorizer && whole != "*") {
    const Arn arn = Arn::split(whole);
    const bool has_wildcard = arn.partition().find_first_of("*?") != std::string_view::npos;
    if (arn.parts[0] != "arn" || arn.partition().empty()) return fault(at, quoted(text) + " is neither `*` nor an ARN");
    if (!arn.partition().starts_with("aws") && !has_wildcard)
      return fault(at, quoted(arn.partition()) + " is not a partition as `aws`, `aws-cn` and `aws-us-gov` are");
    if (arn.service().empty() || arn.service().find_first_of("*?") != std::string_view::npos)
      return fault(at, quoted(text) + " does not name its service, which has no wildcards");
  }
  out.resources.push_back({ArnPattern::of_resource(whole, variables_, pad), std::move(whole)});
}

void Reader::conditions(const Json& value, const std::string& at, Statement& out) {
  if (value.kind != JsonKind::Object) return fault(at, "it is not an object");
  for (std::size_t i = 0; i < value.names.size(); ++i) {
    const std::string& text = value.names[i];
    const Json& keys = value.children[i];
    const std::string here = at + "/" + pointer_token(text);
    const auto what = Operator::parse(text);
    if (!what) {
      fault(here, quoted(text) + " is not a condition operator");
      continue;
    }
    if (keys.kind != JsonKind::Object) {
      fault(here, "it is not an object of condition keys");
      continue;
    }
    for (std::size_t k = 0; k < keys.names.size(); ++k) {
      const std::string place = here + "/" + pointer_token(keys.names[k]);
      if (keys.names[k].empty())
        fault(place, "a condition key has a name");
      else
        condition(keys.children[k], place, Condition(*what, text, KeyName::of(keys.names[k])), out);
    }
  }
}

void Reader::condition(const Json& values, const std::string& at, Condition condition, Statement& out) {
  const auto add = [&](const Json& value, const std::string& where) {
    if (value.kind != JsonKind::String && value.kind != JsonKind::Number && value.kind != JsonKind::Bool)
      return fault(where, "it is not a string, number or boolean");
    if (auto why = condition.add(value.text, variables_)) fault(where, quoted(value.text) + ": " + *why);
  };
  if (values.kind != JsonKind::Array)
    add(values, at);
  else
    for (std::size_t i = 0; i < values.children.size(); ++i) add(values.children[i], at + "/" + std::to_string(i));
  out.conditions.push_back(std::move(condition));
}

}  // namespace

tl::expected<Policy, std::vector<Fault>> parse(std::string_view json, Kind kind, const ParseOptions& options) {
  return Reader(kind, options).read(json);
}

}  // namespace gatehouse::policy
