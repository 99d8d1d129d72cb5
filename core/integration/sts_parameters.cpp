#include "integration/sts_parameters.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>

#include "base/text.hpp"

namespace gatehouse::integration {
namespace {

using identity::Outcome;
using identity::refuse;
using identity::Value;

constexpr std::string_view kNames[] = {"AssumeRole", "AssumeRoleWithWebIdentity", "GetSessionToken",
                                       "GetCallerIdentity"};

std::span<const std::string_view> members(StsAction action) noexcept {
  static constexpr std::string_view kAssume[] = {
      "RoleArn",           "RoleSessionName", "DurationSeconds", "Policy",       "PolicyArns", "Tags",
      "TransitiveTagKeys", "ExternalId",      "SourceIdentity",  "SerialNumber", "TokenCode",  "ProvidedContexts"};
  static constexpr std::string_view kWeb[] = {"RoleArn",    "RoleSessionName",  "DurationSeconds", "Policy",
                                              "PolicyArns", "WebIdentityToken", "ProviderId"};
  static constexpr std::string_view kToken[] = {"DurationSeconds", "SerialNumber", "TokenCode"};
  switch (action) {
    case StsAction::AssumeRole:
      return kAssume;
    case StsAction::AssumeRoleWithWebIdentity:
      return kWeb;
    case StsAction::GetSessionToken:
      return kToken;
    case StsAction::GetCallerIdentity:
      break;
  }
  return {};
}

/// The first thing that is not as it must be refuses all.
class Reader {
 public:
  explicit Reader(const Value& form) : form_(form) {}

  std::optional<std::string> text(std::string_view name) {
    const Value* const at = form_.find(name);
    if (at == nullptr) return std::nullopt;
    if (at->kind != Value::Kind::Text) return wrong(std::string(name), "a text");
    return at->text;
  }
  std::optional<std::int64_t> number(std::string_view name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    const bool negative = value->starts_with('-');
    const auto out = base::parse_integer<std::int64_t>(std::string_view(*value).substr(negative ? 1 : 0));
    if (!out) {
      wrong(std::string(name), "a whole number");
      return std::nullopt;
    }
    return negative ? -*out : *out;
  }
  /// The items of a list; an empty text is an empty list.
  const std::vector<Value>& items(std::string_view name) {
    static const std::vector<Value> kNone;
    const Value* const at = form_.find(name);
    if (at == nullptr || (at->kind == Value::Kind::Text && at->text.empty())) return kNone;
    if (at->kind != Value::Kind::List) {
      wrong(std::string(name), "a list");
      return kNone;
    }
    return at->children;
  }
  /// A member of an item that is a struct of `known` members.
  std::string member(std::string_view list, const Value& item, std::string_view name,
                     std::initializer_list<std::string_view> known) {
    for (const std::string& one : item.names)
      if (std::find(known.begin(), known.end(), one) == known.end())
        wrong(std::string(list) + ".member." + one, "there");
    const auto out = item.kind == Value::Kind::Struct ? item.text_of(name) : std::nullopt;
    if (out) return std::string(*out);
    wrong(std::string(list) + ".member." + std::string(name), "a text in each item");
    return {};
  }
  void only(std::span<const std::string_view> known) {
    for (const std::string& name : form_.names)
      if (std::find(known.begin(), known.end(), name) == known.end() && fault_.empty())
        fault_ = "The parameter '" + name.substr(0, 64) + "' is not one of this action.";
  }
  std::nullopt_t wrong(const std::string& name, std::string_view what) {
    if (fault_.empty()) fault_ = "The parameter '" + name + "' must be " + std::string(what) + ".";
    return std::nullopt;
  }
  const std::string& fault() const noexcept { return fault_; }

 private:
  const Value& form_;
  std::string fault_;
};

}  // namespace

std::optional<StsAction> sts_action(std::string_view name) noexcept {
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return static_cast<StsAction>(i);
  return std::nullopt;
}

Outcome<StsParameters> read_sts(StsAction action, const Value& form) {
  Reader in(form);
  StsParameters out;
  in.only(members(action));
  identity::AssumeInput& assume = out.assume;
  assume.role_arn = in.text("RoleArn");
  assume.session_name = in.text("RoleSessionName");
  assume.duration_seconds = in.number("DurationSeconds");
  assume.policy = in.text("Policy");
  for (const Value& item : in.items("PolicyArns"))
    assume.policy_arns.push_back(in.member("PolicyArns", item, "arn", {"arn"}));
  for (const Value& item : in.items("Tags"))
    assume.tags.push_back(
        {in.member("Tags", item, "Key", {"Key", "Value"}), in.member("Tags", item, "Value", {"Key", "Value"})});
  for (const Value& item : in.items("TransitiveTagKeys")) {
    if (item.kind != Value::Kind::Text) in.wrong("TransitiveTagKeys.member", "a text");
    assume.transitive_tag_keys.push_back(item.text);
  }
  assume.external_id = in.text("ExternalId");
  assume.source_identity = in.text("SourceIdentity");
  assume.serial_number = in.text("SerialNumber");
  assume.token_code = in.text("TokenCode");
  out.web_identity_token = in.text("WebIdentityToken");
  out.provider_id = in.text("ProviderId");
  out.provided_contexts = !in.items("ProvidedContexts").empty();
  if (!in.fault().empty()) return refuse("ValidationError", in.fault());
  return out;
}

}  // namespace gatehouse::integration
