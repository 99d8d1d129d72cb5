#include "plugin/answer.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/short_text.hpp"
#include "base/text.hpp"
#include "plugin/answer_policies.hpp"
#include "plugin/json.hpp"

namespace gatehouse::plugin {
namespace {

using access::Answer;
using access::AnswerKind;
using access::ApiType;
using access::TypedValue;
using access::ValueType;

constexpr const char* kNoBytes = "has a length but no bytes";

enum class Text : std::uint8_t { Plain, NoControl, HeaderValue, Cut };

bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_header_value(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; });
}

std::string_view cut(std::string_view text, std::size_t most) noexcept {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

/// RFC 8259, section 6.
bool is_number(std::string_view s) noexcept {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t first = at;
    while (at < s.size() && base::is_digit(s[at])) ++at;
    return at > first;
  };
  if (at < s.size() && s[at] == '-') ++at;
  const std::size_t whole = at;
  if (!digits() || (s[whole] == '0' && at - whole > 1)) return false;
  if (at < s.size() && s[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < s.size() && (s[at] == 'e' || s[at] == 'E')) {
    ++at;
    if (at < s.size() && (s[at] == '+' || s[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == s.size();
}

/// One pass over one answer; the first broken rule ends it.
class Judge {
 public:
  Judge(ApiType api_type, base::Arena& arena) : api_type_(api_type), arena_(arena) {}

  bool read(const gh_answer& a, Answer& out) {
    switch (a.kind) {
      case GH_ALLOW:
        out.kind = AnswerKind::Allow;
        break;
      case GH_DENY:
        out.kind = AnswerKind::Deny;
        break;
      case GH_UNAUTHORIZED:
        out.kind = AnswerKind::Unauthorized;
        break;
      case GH_FAILED:
        out.kind = AnswerKind::Failed;
        break;
      case GH_ABSTAIN:
        out.kind = AnswerKind::Abstain;
        break;
      default:
        refuse("kind", "is unknown");
    }
    if (out.kind == AnswerKind::Failed) out.code = "plugin";
    if (a.ttl_s < -1) refuse("ttl_s", "is negative");
    if (a.valid_until_unix_ms < 0) refuse("valid_until_unix_ms", "is negative");
    if (a.path_form > GH_PATH_SLASHES_COLLAPSED) refuse("path_form", "is unknown");
    // What was received and what is routed are one path in two spellings; collapsed slashes are another path.
    out.slashes_collapsed = a.path_form == GH_PATH_SLASHES_COLLAPSED;
    out.ttl_seconds = a.ttl_s;
    out.valid_until_unix_ms = a.valid_until_unix_ms;
    check_unused(a);
    out.principal_id = text("principal_id", a.principal_id, kMaxPrincipal, Text::NoControl);
    out.usage_key = text("usage_key", a.usage_key, kMaxUsageKey, Text::NoControl);
    out.challenge = text("challenge", a.challenge, kMaxChallenge, Text::HeaderValue);
    out.reason = text("reason", a.reason, kMaxReason, Text::Cut);
    out.error_text = text("error_text", a.error_text, kMaxReason, Text::Cut);
    if (a.context.count != 0) out.context = values("context", a.context, kMaxContextBytes, true);
    if (a.claims.count != 0) out.claims = values("claims", a.claims, kMaxClaimsBytes, false);
    if (a.scopes.count != 0) out.scopes = scopes(a.scopes);
    if (a.message.ptr != nullptr || a.response_type.ptr != nullptr || a.error_type.ptr != nullptr) words(a, out);
    if (a.policies.count != 0 && broken_ == nullptr) policies(a, out);
    if (broken_ == nullptr) return true;
    out = Answer::failed("invalid_answer", arena_.join({"the plugin's answer: `", where_, "` ", broken_}));
    return false;
  }

 private:
  void refuse(const char* where, const char* what) noexcept {
    if (broken_ != nullptr) return;
    where_ = where;
    broken_ = what;
  }

  /// What is said must not be lost silently: somebody may have meant it to restrict.
  void check_unused(const gh_answer& a) {
    constexpr const char* kUnused = "is not used by this version of the gateway";
    if (a.conditions.count != 0) refuse("conditions", kUnused);
    if (a.identity.count != 0) refuse("identity", kUnused);
    if (a.principal_arn.len != 0) refuse("principal_arn", kUnused);
    if (a.principal_account.len != 0) refuse("principal_account", kUnused);
    if (a.message.ptr == nullptr && a.message.len != 0) refuse("message", kNoBytes);
    if (a.response_type.ptr == nullptr && a.response_type.len != 0) refuse("response_type", kNoBytes);
    if (a.error_type.ptr == nullptr && a.error_type.len != 0) refuse("error_type", kNoBytes);
  }

  /// What the client is told.
  [[gnu::noinline]] void words(const gh_answer& a, Answer& out) {
    const bool refusal = out.kind == AnswerKind::Deny || out.kind == AnswerKind::Unauthorized ||
                         (out.kind == AnswerKind::Failed && a.kind == GH_FAILED);
    if (!refusal)
      refuse(a.message.ptr != nullptr         ? "message"
             : a.response_type.ptr != nullptr ? "response_type"
                                              : "error_type",
             "goes with deny, unauthorized and failed only");
    out.message = text("message", a.message, kMaxMessage, Text::Plain);
    out.error_type = text("error_type", a.error_type, kMaxErrorType, Text::HeaderValue);
    if (!std::all_of(out.error_type.begin(), out.error_type.end(), [](char c) {
          return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z');
        }))
      refuse("error_type", "holds more than letters and digits");
    if (a.response_type.ptr == nullptr || broken_ != nullptr) return;
    out.response_type = access::parse_response_type({a.response_type.ptr, a.response_type.len});
    if (!out.response_type) return refuse("response_type", "is unknown");
    const std::uint16_t status = access::default_response(*out.response_type).status;
    const std::uint16_t own = out.kind == AnswerKind::Deny ? 403 : out.kind == AnswerKind::Unauthorized ? 401 : 500;
    if (status != own) refuse("response_type", "is of another status than this kind of answer");
  }

  std::span<const std::string_view> scopes(const gh_strs& list) {
    if (list.items == nullptr) refuse("scopes", "has a count but no items");
    if (list.count > kMaxValues) refuse("scopes", "has too many members");
    if (broken_ != nullptr) return {};
    const std::span<std::string_view> out = arena_.array<std::string_view>(list.count);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < list.count && broken_ == nullptr; ++i) {
      out[i] = text("scopes", list.items[i], kMaxScopeBytes, Text::Plain);
      bytes += out[i].size();
      if (out[i].empty()) refuse("scopes", "has an empty member");
      if (bytes > kMaxScopeBytes) refuse("scopes", "is too large");
    }
    return broken_ == nullptr ? out : std::span<const std::string_view>();
  }

  [[gnu::noinline]] void policies(const gh_answer& a, Answer& out) {
    if (out.kind != AnswerKind::Allow && out.kind != AnswerKind::Deny && out.kind != AnswerKind::Abstain)
      return refuse("policies", "go with allow, deny and abstain only");
    const std::string why = read_policies(a.policies, arena_, out);
    if (!why.empty()) return refuse("policies", arena_.copy(why + '\0').data());
    // LA-61: what a function returns with a policy names its caller. A document of a resource authorizer has none.
    if (out.holds != nullptr && out.principal_id.empty()) refuse("principal_id", "is missing beside a policy");
  }

  std::string_view text(const char* where, const gh_str& s, std::size_t most, Text kind) {
    if (s.ptr == nullptr && s.len == 0) return {};  // as most are
    return given_text(where, s, most, kind);
  }

  [[gnu::noinline]] std::string_view given_text(const char* where, const gh_str& s, std::size_t most, Text kind) {
    if (broken_ != nullptr) return {};
    if (s.ptr == nullptr) {
      refuse(where, kNoBytes);
      return {};
    }
    if (s.len == 0) return std::string_view("", 0);
    if (s.len > most && kind != Text::Cut) {
      refuse(where, "is too long");
      return {};
    }
    if (s.len <= most && base::is_plain({s.ptr, s.len})) return base::keep(arena_, {s.ptr, s.len});
    // Of a text that is cut no more is read than is kept (and what tells where a character ends).
    const std::string_view given = cut({s.ptr, std::min(s.len, most + 1)}, most);
    if (kind == Text::HeaderValue) {
      if (!is_header_value(given)) refuse(where, "holds bytes that a header cannot");
    } else if (!base::is_utf8(given)) {
      refuse(where, "is not UTF-8");
    } else if (kind == Text::NoControl && std::any_of(given.begin(), given.end(), is_control)) {
      refuse(where, "holds control characters");
    }
    return broken_ == nullptr ? arena_.copy(given) : std::string_view();
  }

  /// `["a","b"]` without an escape, as the lists of most tokens are: sound without being parsed, at each request again.
  static bool is_plain_list(std::string_view text) noexcept {
    if (text.size() < 4 || !text.starts_with("[\"") || !text.ends_with("\"]") || !base::is_plain(text)) return false;
    bool inside = false;
    const std::string_view list = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i] == '\\') return false;
      if (list[i] == '"') {
        inside = !inside;
        // Behind a text comes the end, or a comma and the next text.
        if (!inside && i + 1 < list.size() && list.substr(i + 1, 2) != ",\"") return false;
      } else if (!inside && list[i] != ',') {
        return false;
      }
    }
    return !inside;
  }

  bool sound_value(const TypedValue& v) {
    switch (v.type) {
      case ValueType::Null:
      case ValueType::String:
        return true;
      case ValueType::Number:
        return is_number(v.value);
      case ValueType::Bool:
        return v.value == "true" || v.value == "false";
      case ValueType::Json: {
        if (is_plain_list(v.value)) return true;
        auto json = parse_json(v.value, {kMaxClaimsBytes, 10'000, 64});
        return json && (json->kind == Json::Kind::Object || json->kind == Json::Kind::Array);
      }
    }
    return false;
  }

  /// What nearly every value is: then no other rule can be broken but that of the size.
  static bool is_simple(const gh_val& v) noexcept {
    return v.type == GH_T_STRING && v.key.ptr != nullptr && v.key.len > 0 && v.key.len <= kMaxKey &&
           v.val.ptr != nullptr && v.val.len <= kMaxContextBytes && base::is_plain({v.key.ptr, v.key.len}) &&
           base::is_plain({v.val.ptr, v.val.len});
  }

  std::span<const TypedValue> values(const char* where, const gh_vals& list, std::size_t most_bytes, bool context) {
    if (broken_ != nullptr) return {};
    if (list.items == nullptr) refuse(where, "has a count but no items");
    if (list.count > kMaxValues) refuse(where, "has too many members");
    if (broken_ != nullptr) return {};
    const bool scalars_only = context && api_type_ != ApiType::Http;
    auto* const out = static_cast<TypedValue*>(arena_.allocate(sizeof(TypedValue) * list.count, alignof(TypedValue)));
    std::size_t kept = 0, bytes = 0;
    for (std::size_t i = 0; i < list.count && broken_ == nullptr; ++i) {
      const gh_val& v = list.items[i];
      bytes += std::min(v.key.len, most_bytes + 1) + std::min(v.val.len, most_bytes + 1);
      if (is_simple(v) && bytes <= most_bytes) {
        out[kept++] = {base::keep(arena_, {v.key.ptr, v.key.len}), base::keep(arena_, {v.val.ptr, v.val.len}),
                       ValueType::String};
        if (context && out[kept - 1].key == "claims") refuse(where, "must not have a member `claims`");  // LA-6A
        continue;
      }
      if (v.type > GH_T_JSON) refuse(where, "has a value of unknown type");
      if (v.key.len == 0) refuse(where, "has a member without a name");
      if (bytes > most_bytes) refuse(where, "is too large");
      TypedValue& to = out[kept] = TypedValue{};
      to.key = text(where, v.key, kMaxKey, Text::NoControl);
      to.value = text(where, v.val, most_bytes, Text::Plain);
      to.type = static_cast<ValueType>(v.type);
      if (broken_ != nullptr) break;
      if (context && to.key == "claims") refuse(where, "must not have a member `claims`");  // LA-6A
      if (scalars_only && to.type == ValueType::Json)
        refuse(where, "holds an object or array: for HTTP APIs only");  // LA-67
      if (!sound_value(to)) refuse(where, "has a value that is not of its type");
      if (scalars_only && to.type == ValueType::Null) continue;  // LA-68
      ++kept;
    }
    const std::span<const TypedValue> all(out, kept);
    if (broken_ == nullptr && has_twins(all)) refuse(where, "has a member twice");  // LA-6H
    return broken_ == nullptr ? all : std::span<const TypedValue>();
  }

  static bool has_twins(std::span<const TypedValue> all) {
    if (all.size() <= 16) {
      for (std::size_t i = 1; i < all.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
          if (all[i].key == all[j].key) return true;
      return false;
    }
    std::vector<std::string_view> keys;
    keys.reserve(all.size());
    for (const TypedValue& v : all) keys.push_back(v.key);
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
  }

  ApiType api_type_;
  base::Arena& arena_;
  const char* where_ = nullptr;
  const char* broken_ = nullptr;
};

}  // namespace

bool read_answer(const gh_answer* from, ApiType api_type, base::Arena& arena, Answer& out) {
  if (!GH_HAS(from, valid_until_unix_ms)) {
    out = Answer::failed("invalid_answer", "the plugin's answer: `struct_size` is too small");
    return false;
  }
  Judge judge(api_type, arena);
  if (GH_HAS(from, identity)) return judge.read(*from, out);
  // A plugin of another minor has fewer members: the others are absent.
  gh_answer known{};
  std::memcpy(&known, from, std::min<std::size_t>(from->struct_size, sizeof known));
  return judge.read(known, out);
}

}  // namespace gatehouse::plugin
