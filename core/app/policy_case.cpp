#include "app/policy_case.hpp"

#include <algorithm>
#include <tuple>

#include "base/text.hpp"
#include "plugin/json.hpp"
#include "policy/parse.hpp"

namespace gatehouse::app {
namespace {

using kit::Json;
using JsonKind = kit::Json::Kind;

constexpr kit::JsonLimits kLimits{.bytes = PolicyCase::kMaxBytes, .values = 400'000, .depth = 16};
// What files of cases carry for those who read them.
constexpr std::string_view kIgnored[] = {"id", "name", "description", "expected"};
constexpr std::string_view kMembers[] = {"principal",       "action",          "resource",
                                         "resourceAccount", "context",         "identityPolicies",
                                         "resourcePolicy",  "sessionPolicies", "permissionsBoundary",
                                         "guardrails",      "endpointPolicy"};

bool is_scalar(const Json& value) {
  return value.kind == JsonKind::String || value.kind == JsonKind::Number || value.kind == JsonKind::Bool;
}

bool is_account(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), base::is_digit);
}

/// Null and absent are the same: nobody attached one.
const Json* given(const Json& object, const char* member) {
  const Json* const value = object.member(member);
  return value == nullptr || value->kind == JsonKind::Null ? nullptr : value;
}

tl::unexpected<Error> bad(std::string text) {
  return fail(Code::Invalid, std::move(text));
}

}  // namespace

Result<void> WrittenContext::read(const Json& object) {
  if (object.kind != JsonKind::Object) return bad("/context: it is not an object of condition keys");
  for (std::size_t i = 0; i < object.names.size(); ++i) {
    const std::string& name = object.names[i];
    const Json& value = object.children[i];
    if (name.empty()) return bad("/context: a condition key has a name");
    const policy::KeyName key = policy::KeyName::of(name);
    Entry entry;
    entry.multi = value.kind == JsonKind::Array || policy::is_multi_valued(key);
    const auto add = [&](const Json& one) {
      entry.texts.push_back(one.text);
      return is_scalar(one);
    };
    const bool sound =
        value.kind == JsonKind::Array ? std::all_of(value.children.begin(), value.children.end(), add) : add(value);
    if (!sound) return bad("/context: `" + name + "` is no string, number, boolean or array of them");
    const auto [at, fresh] = entries_.try_emplace(key.lower, std::move(entry));
    if (!fresh) return bad("/context: `" + name + "` is there twice; names of condition keys fold case");
    at->second.views.assign(at->second.texts.begin(), at->second.texts.end());
  }
  return {};
}

policy::Values WrittenContext::find(const policy::KeyName& key) const {
  const auto found = entries_.find(key.lower);
  if (found == entries_.end()) return {};
  return {found->second.views, found->second.multi};
}

Result<std::unique_ptr<PolicyCase>> PolicyCase::read(std::string_view json) {
  std::unique_ptr<PolicyCase> out(new PolicyCase);
  kit::JsonFault broken;
  auto root = kit::parse_json(json, broken, kLimits);
  if (!root) return bad("it is not JSON as RFC 8259 has it: " + broken.text);
  out->json_ = std::move(*root);
  if (auto filled = out->fill(); !filled) return tl::unexpected(std::move(filled.error()));
  return out;
}

Result<std::string> PolicyCase::text(const char* member, bool required) const {
  const Json* const value = required ? json_.member(member) : given(json_, member);
  if (value == nullptr && !required) return std::string();
  if (value == nullptr) return bad("/" + std::string(member) + ": it is missing");
  if (value->kind != JsonKind::String) return bad("/" + std::string(member) + ": it is not a string");
  return value->text;
}

Result<void> PolicyCase::fill() {
  if (json_.kind != JsonKind::Object) return bad("a case is a JSON object");
  const auto among = [](const auto& list, const std::string& name) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
  };
  for (const std::string& name : json_.names) {
    if (among(kMembers, name) || among(kIgnored, name)) continue;
    const std::string_view near = base::nearest(name, {std::begin(kMembers), std::end(kMembers)});
    return bad("`" + name.substr(0, 80) + "` is not a member of a case" +
               (near.empty() ? std::string() : "; did you mean `" + std::string(near) + "`?"));
  }
  const std::tuple<const char*, bool, std::string*> texts[] = {{"principal", true, &principal_},
                                                               {"action", true, &action_},
                                                               {"resource", true, &resource_},
                                                               {"resourceAccount", false, &account_}};
  for (const auto& [member, required, to] : texts) {
    auto read = text(member, required);
    if (!read) return tl::unexpected(std::move(read.error()));
    *to = std::move(*read);
  }
  if (principal_ != "anonymous") {
    const auto caller = policy::Caller::of_arn(principal_);
    if (!caller) return bad("/principal: `" + principal_ + "` is neither the ARN of a caller nor `anonymous`");
    caller_ = *caller;
  }
  const std::size_t colon = action_.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == action_.size() ||
      action_.find_first_of("*? \t\r\n") != std::string::npos)
    return bad("/action: `" + action_ + "` is not one action such as `execute-api:Invoke`");
  arn_ = policy::Arn::split(resource_);
  if (!arn_.whole || arn_.parts[0] != "arn") return bad("/resource: `" + resource_ + "` is not an ARN of six parts");
  if (account_.empty()) account_ = arn_.account();
  if (!is_account(account_)) return bad("/resourceAccount: `" + account_ + "` is not the twelve digits of an account");
  if (arn_.service() == "execute-api") {
    // What `execute-api:/` stands for: the API that is asked for.
    const std::size_t front = resource_.size() - arn_.resource().size();
    api_arn_ = resource_.substr(0, front) + std::string(policy::head(arn_.resource()));
  }
  if (const Json* const context = given(json_, "context"))
    if (auto read = context_.read(*context); !read) return read;
  return fill_policies();
}

Result<void> PolicyCase::fill_policies() {
  using policy::Kind;
  const Json* const sessions = given(json_, "sessionPolicies");
  has_session_ = sessions != nullptr;
  if (auto r = add_all("identityPolicies", Kind::Identity, identity_); !r) return r;
  if (auto r = add_all("sessionPolicies", Kind::Session, session_); !r) return r;
  if (auto r = add_one("resourcePolicy", Kind::Resource, resource_policy_); !r) return r;
  if (auto r = add_one("permissionsBoundary", Kind::Boundary, boundary_); !r) return r;
  if (auto r = add_one("endpointPolicy", Kind::Endpoint, endpoint_); !r) return r;
  const Json* const levels = given(json_, "guardrails");
  return levels != nullptr ? fill_guardrails(*levels) : Result<void>();
}

Result<void> PolicyCase::fill_guardrails(const Json& levels) {
  if (levels.kind != JsonKind::Array) return bad("/guardrails: it is not an array of levels");
  for (std::size_t i = 0; i < levels.children.size(); ++i) {
    const std::string at = "/guardrails/" + std::to_string(i);
    const Json& level = levels.children[i];
    if (level.kind != JsonKind::Array) return bad(at + ": a level is an array of policies");
    List& list = guardrails_.emplace_back();
    for (std::size_t k = 0; k < level.children.size(); ++k)
      if (auto r = add(level.children[k], at + "/" + std::to_string(k), policy::Kind::Guardrail, list); !r) return r;
  }
  return {};
}

Result<void> PolicyCase::add(const Json& document, std::string pointer, policy::Kind kind, List& to) {
  std::string text;
  plugin::append_json(text, document);
  policy::ParseOptions options;
  options.api_arn = api_arn_;
  auto parsed = policy::parse(text, kind, options);
  if (!parsed) {
    const policy::Fault& first = parsed.error().front();
    const std::size_t more = parsed.error().size() - 1;
    return bad(pointer + first.pointer + ": " + first.text +
               (more == 0 ? std::string() : " (and " + std::to_string(more) + " more)"));
  }
  held_.push_back({std::move(*parsed), std::move(pointer)});
  to.push_back(&held_.back().policy);
  return {};
}

Result<void> PolicyCase::add_one(const char* member, policy::Kind kind, const policy::Policy*& to) {
  const Json* const document = given(json_, member);
  if (document == nullptr) return {};
  List list;
  if (auto r = add(*document, "/" + std::string(member), kind, list); !r) return r;
  to = list.front();
  return {};
}

Result<void> PolicyCase::add_all(const char* member, policy::Kind kind, List& to) {
  const Json* const documents = given(json_, member);
  if (documents == nullptr) return {};
  const std::string at = "/" + std::string(member);
  if (documents->kind != JsonKind::Array) return bad(at + ": it is not an array of policies");
  for (std::size_t i = 0; i < documents->children.size(); ++i)
    if (auto r = add(documents->children[i], at + "/" + std::to_string(i), kind, to); !r) return r;
  return {};
}

policy::Verdict PolicyCase::verdict(policy::Observer* observer) const {
  return judge(question(), observer);
}

policy::Flip PolicyCase::flip(const policy::Verdict& verdict) const {
  using policy::Layer;
  const auto one = [](const policy::Policy* const& policy) { return List(policy == nullptr ? 0 : 1, policy); };
  const List endpoint = one(endpoint_), resource = one(resource_policy_), boundary = one(boundary_);
  std::vector<policy::Layered> layers;
  for (const List& level : guardrails_) layers.push_back({Layer::Guardrail, level});
  layers.push_back({Layer::Endpoint, endpoint});
  layers.push_back({Layer::Resource, resource});
  layers.push_back({Layer::Identity, identity_});
  layers.push_back({Layer::Boundary, boundary});
  layers.push_back({Layer::Session, session_});
  return policy::find_flip(question(), verdict, layers,
                           [this](const policy::Question& changed) { return judge(changed, nullptr); });
}

policy::Verdict PolicyCase::judge(const policy::Question& question, policy::Observer* observer) const {
  std::vector<std::span<const policy::Policy* const>> levels(guardrails_.begin(), guardrails_.end());
  policy::Sets sets;
  sets.guardrails = levels;
  sets.endpoint = endpoint_;
  sets.resource = resource_policy_;
  sets.identity = identity_;
  sets.boundary = boundary_;
  sets.session = session_;
  sets.has_session = has_session_;
  return policy::combine(sets, question, account_, observer);
}

std::string_view PolicyCase::pointer_of(const policy::Policy& policy) const noexcept {
  for (const Held& held : held_)
    if (&held.policy == &policy) return held.pointer;
  return {};
}

}  // namespace gatehouse::app
