#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/operation.hpp"

/// What the operations share: entities by their names, their refusals, their descriptions, pages.
namespace gatehouse::identity::operations {

// By name, in the context's account. Faults: NoSuchEntity, in AWS's words.
Outcome<User> find_user(Tables& tables, std::string_view name, const OperationContext& context);
Outcome<Group> find_group(Tables& tables, std::string_view name, const OperationContext& context);
Outcome<Role> find_role(Tables& tables, std::string_view name, const OperationContext& context);
/// UserName, or without one the caller. Faults: NoSuchEntity, ValidationError (the caller is no user).
Outcome<User> wanted_user(Tables& tables, const Input& input, const OperationContext& context);
// By ARN; those of another account are not there.
std::optional<ManagedPolicy> own_policy(Tables& tables, std::string_view arn, const OperationContext& context);
Outcome<ManagedPolicy> find_policy(Tables& tables, std::string_view arn, const OperationContext& context);
/// To be attached, or a boundary: other words for the same.
Outcome<ManagedPolicy> attachable_policy(Tables& tables, std::string_view arn, const OperationContext& context);
std::optional<OidcProvider> own_provider(Tables& tables, std::string_view arn, const OperationContext& context);
Outcome<OidcProvider> find_provider(Tables& tables, const Input& input, const OperationContext& context);

/// `idp.example.com/tenant` of `https://idp.example.com/tenant`.
std::string_view url_without_scheme(std::string_view url) noexcept;

Value describe(const User& user, bool tags);
Value describe(const Group& group);
Value describe(const Role& role, bool tags);
Value describe(const ManagedPolicy& policy, std::size_t attachments, bool tags);
Value describe(const std::vector<Tag>& tags);

/// Tags as they may be kept: at most fifty, none twice (keys fold case). Faults: InvalidInput, LimitExceeded.
Outcome<void> check_tags(const std::vector<Tag>& tags);
inline constexpr std::size_t kMostTags = 50;

/// Who holds policies, by whichever name the operation has.
struct HolderEntity {
  Holder kind = Holder::User;
  std::string id, name;
};
Outcome<HolderEntity> find_holder(Tables& tables, const Input& input, const OperationContext& context);
std::string_view word(Holder kind) noexcept;         // `user`
std::string_view name_member(Holder kind) noexcept;  // `UserName`

/// Part of a list, by Marker and MaxItems.
struct PageOf {
  std::string after;       // the last name of the page before; empty: from the start
  std::size_t most = 100;  // items
  /// Faults: ValidationError (a marker of nobody's).
  static Outcome<PageOf> read(const Input& input);
  /// Puts IsTruncated and Marker behind the list.
  static void close(Value& out, bool truncated, std::string_view last);
};

/// The page of `all`, which is sorted by `name_of`: `list` gets what `describe_one` makes of each.
template <class T, class NameOf, class Describe>
Outcome<Value> paged(std::string_view list_name, const std::vector<T>& all, const Input& input, NameOf name_of,
                     Describe describe_one) {
  const auto page = PageOf::read(input);
  if (!page) return tl::unexpected(page.error());
  Value list = Value::list(), out;
  std::string last;
  bool more = false;
  auto at = all.begin();
  if (!page->after.empty()) {
    at = std::find_if(all.begin(), all.end(), [&](const T& one) { return name_of(one) == page->after; });
    if (at == all.end()) return refuse("ValidationError", "Invalid Marker.");
    ++at;
  }
  for (; at != all.end(); ++at) {
    if (list.children.size() == page->most) {
      more = true;
      break;
    }
    last = name_of(*at);
    list.push(describe_one(*at));
  }
  out.set(list_name, std::move(list));
  PageOf::close(out, more, last);
  return out;
}

/// The page of what the tables list by name: `fetch(page)` is one of Tables' functions.
template <class Fetch, class Describe>
Outcome<Value> table_page(std::string_view list_name, const Input& input, Fetch fetch, Describe describe_one) {
  const auto page = PageOf::read(input);
  if (!page) return tl::unexpected(page.error());
  const auto rows = fetch(Tables::Page{input.text("PathPrefix", "/"), page->after, page->most + 1});
  Value list = Value::list(), out;
  const bool more = rows.size() > page->most;
  for (std::size_t i = 0; i < std::min(rows.size(), page->most); ++i) list.push(describe_one(rows[i]));
  out.set(list_name, std::move(list));
  PageOf::close(out, more, more ? std::string_view(rows[page->most - 1].name) : std::string_view());
  return out;
}

/// An identity policy that may be saved: its size without white space is at most `most`, and it compiles. Faults:
/// LimitExceeded with `over` as its message, MalformedPolicyDocument with the compiler's words and JSON pointers.
Outcome<void> check_policy(std::string_view document, std::size_t most, const std::string& over);

// What parameters are used again and again.
inline constexpr Parameter may(std::string_view name, const Shape& shape, Parameter::Kind kind = Parameter::Kind::Text,
                               std::string_view help = {}) {
  return {name, &shape, kind, false, false, {}, 0, help};
}
inline constexpr Parameter must(std::string_view name, const Shape& shape, Parameter::Kind kind = Parameter::Kind::Text,
                                std::string_view help = {}) {
  return {name, &shape, kind, true, false, {}, 0, help};
}
inline constexpr Parameter::Field kTagFields[] = {{"Key", &shape::kTagKey}, {"Value", &shape::kTagValue}};
inline constexpr Parameter kTags{"Tags",
                                 nullptr,
                                 Parameter::Kind::Structs,
                                 false,
                                 false,
                                 kTagFields,
                                 50,
                                 "Key=team,Value=billing, as often as there are tags"};
inline constexpr Parameter kMarker = may("Marker", shape::kMarker);
inline constexpr Parameter kMaxItems = may("MaxItems", shape::kMaxItems, Parameter::Kind::Number);
inline constexpr Parameter kPathPrefix = may("PathPrefix", shape::kPathPrefix);

// The parts of the table.
std::span<const Operation> users();
std::span<const Operation> access_keys();
std::span<const Operation> groups();
std::span<const Operation> roles();
std::span<const Operation> inline_policies();
std::span<const Operation> attachments();
std::span<const Operation> managed_policies();
std::span<const Operation> boundaries();
std::span<const Operation> tags();
std::span<const Operation> providers();
std::span<const Operation> pools();
std::span<const Operation> summary();

}  // namespace gatehouse::identity::operations
