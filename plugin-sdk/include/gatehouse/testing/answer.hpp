// gatehouse/testing/answer.hpp -- what a plugin answered, held to the contract. Part of testing.hpp.
#pragma once
#include <gatehouse/abi.h>
#include <gatehouse/testing/json.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::testing {

/// The answer to one request, copied. What breaks the contract reads as failed, as in the gateway; code() and reason()
/// say why.
class TestAnswer {
 public:
  struct Value {
    std::string key, text;
    std::uint32_t type;
  };
  /// GH_ALLOW and so on.
  std::uint32_t kind() const noexcept { return kind_; }
  bool allowed() const noexcept { return kind_ == GH_ALLOW; }
  bool denied() const noexcept { return kind_ == GH_DENY; }
  bool unauthorized() const noexcept { return kind_ == GH_UNAUTHORIZED; }
  bool abstained() const noexcept { return kind_ == GH_ABSTAIN; }
  bool failed() const noexcept { return kind_ == GH_FAILED; }
  const std::string& principal() const noexcept { return principal_; }
  const std::string& challenge() const noexcept { return challenge_; }
  const std::string& reason() const noexcept { return reason_; }
  const std::string& usage_key() const noexcept { return usage_key_; }
  const std::string& error_text() const noexcept { return error_text_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& response_type() const noexcept { return response_type_; }
  const std::string& error_type() const noexcept { return error_type_; }
  /// The handle of whom a look-up found; 0: nobody.
  std::uint64_t caller() const noexcept { return caller_; }
  /// GH_PATH_
  std::uint32_t path_form() const noexcept { return path_form_; }
  std::int32_t ttl() const noexcept { return ttl_; }
  std::int64_t valid_until() const noexcept { return valid_until_; }
  /// The text of a value; empty when there is none.
  std::string context(std::string_view key) const { return text_of(context_, key); }
  std::string claim(std::string_view key) const { return text_of(claims_, key); }
  const std::vector<Value>& all_context() const noexcept { return context_; }
  const std::vector<Value>& all_claims() const noexcept { return claims_; }
  /// Of the token, when the plugin said so.
  bool has_scopes() const noexcept { return has_scopes_; }
  const std::vector<std::string>& scopes() const noexcept { return scopes_; }
  /// JSON texts of the policies.
  const std::vector<std::string>& policies() const noexcept { return policies_; }
  /// Why the gateway would take it for failed: `missing`, `error`, `twice`, `deadline`, `invalid_answer`, `plugin` (the
  /// plugin said so itself); empty when it is not failed.
  const std::string& code() const noexcept { return code_; }

  static TestAnswer failure(std::string code, std::string reason) {
    TestAnswer out;
    out.code_ = std::move(code);
    out.reason_ = std::move(reason);
    return out;
  }
  /// Copies and judges. [any]
  static TestAnswer read(const gh_answer* from, std::uint32_t api_type) {
    TestAnswer out;
    gh_answer a{};
    if (!GH_HAS(from, valid_until_unix_ms)) return failure("invalid_answer", "`struct_size` is too small");
    std::memcpy(&a, from, from->struct_size < sizeof a ? from->struct_size : sizeof a);
    const char* broken = nullptr;
    const auto text = [&](const gh_str& s, std::size_t most, const char* name) {
      if (s.ptr == nullptr && s.len > 0) broken = name;
      if (s.ptr == nullptr || broken != nullptr) return std::string();
      std::string copy(s.ptr, s.len);
      if (s.len > most || !is_utf8(copy)) broken = name;
      return copy;
    };
    if (a.kind < GH_ALLOW || a.kind > GH_ABSTAIN) broken = "kind";
    if (a.ttl_s < -1) broken = "ttl_s";
    if (a.valid_until_unix_ms < 0) broken = "valid_until_unix_ms";
    out.ttl_ = a.ttl_s;
    out.valid_until_ = a.valid_until_unix_ms;
    out.principal_ = text(a.principal_id, 1024, "principal_id");
    out.usage_key_ = text(a.usage_key, 1024, "usage_key");
    out.challenge_ = text(a.challenge, 4096, "challenge");
    for (const char c : out.challenge_)
      if ((c < 0x20 && c != '\t') || c == 0x7f) broken = "challenge";
    out.reason_ = text(a.reason, std::size_t(-1), "reason");
    out.error_text_ = text(a.error_text, std::size_t(-1), "error_text");
    const auto values = [&](const gh_vals& list, std::vector<Value>& to, const char* name, std::size_t most,
                            bool context) {
      std::size_t bytes = 0;
      if ((list.items == nullptr && list.count > 0) || list.count > 1024) broken = name;
      for (std::size_t i = 0; i < list.count && broken == nullptr; ++i) {
        const gh_val& v = list.items[i];
        Value value{text(v.key, 256, name), text(v.val, most, name), v.type};
        bytes += value.key.size() + value.text.size();
        if (value.key.empty() || bytes > most || has(to, value.key) || !sound(value)) broken = name;
        if (context && (value.key == "claims" || (v.type == GH_T_JSON && api_type != GH_API_HTTP))) broken = name;
        to.push_back(std::move(value));
      }
    };
    values(a.context, out.context_, "context", 8192, true);
    values(a.claims, out.claims_, "claims", 65536, false);
    out.message_ = text(a.message, 65536, "message");
    out.response_type_ = text(a.response_type, 64, "response_type");
    out.error_type_ = text(a.error_type, 128, "error_type");
    const bool refusal = a.kind == GH_DENY || a.kind == GH_UNAUTHORIZED || a.kind == GH_FAILED;
    if (!refusal && a.message.ptr != nullptr) broken = "message";
    if (!refusal && a.response_type.ptr != nullptr) broken = "response_type";
    if (!refusal && a.error_type.ptr != nullptr) broken = "error_type";
    if (!is_name(out.response_type_, true)) broken = "response_type";
    if (!is_name(out.error_type_, false)) broken = "error_type";
    out.has_scopes_ = a.scopes.items != nullptr;
    if ((a.scopes.items == nullptr && a.scopes.count > 0) || a.scopes.count > 1024) broken = "scopes";
    std::size_t scope_bytes = 0;
    for (std::size_t i = 0; i < a.scopes.count && broken == nullptr; ++i) {
      out.scopes_.push_back(text(a.scopes.items[i], 65536, "scopes"));
      scope_bytes += out.scopes_.back().size();
      if (scope_bytes > 65536 || out.scopes_.back().empty()) broken = "scopes";
    }
    if (a.policies.items == nullptr && a.policies.count > 0) broken = "policies";
    for (std::size_t i = 0; i < a.policies.count && broken == nullptr; ++i)
      out.policies_.push_back(text(a.policies.items[i].json, std::size_t(-1), "policies"));
    out.caller_ = a.caller;
    out.path_form_ = a.path_form;
    if (a.path_form > GH_PATH_SLASHES_COLLAPSED) broken = "path_form";
    if (a.caller != 0 && (a.kind != GH_ALLOW || a.principal_id.ptr != nullptr || a.policies.count != 0 ||
                          a.conditions.count != 0 || a.identity.count != 0))
      broken = "caller";
    if (broken != nullptr)
      return failure("invalid_answer", std::string("the plugin's answer: `") + broken + "` breaks a rule");
    out.kind_ = a.kind;
    if (out.failed()) out.code_ = "plugin";
    return out;
  }

 private:
  // Upper case and `_`, as `UNAUTHORIZED`, or letters and digits, as `UnauthorizedException`.
  static bool is_name(std::string_view name, bool upper) noexcept {
    for (const char c : name) {
      const bool big = c >= 'A' && c <= 'Z', small = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
      if (!(big || digit || (upper ? c == '_' : small))) return false;
    }
    return true;
  }
  static bool has(const std::vector<Value>& list, std::string_view key) {
    for (const Value& v : list)
      if (v.key == key) return true;
    return false;
  }
  static std::string text_of(const std::vector<Value>& list, std::string_view key) {
    for (const Value& v : list)
      if (v.key == key) return v.text;
    return {};
  }
  static bool sound(const Value& v) try {
    if (v.type == GH_T_NULL || v.type == GH_T_STRING) return true;
    if (v.type > GH_T_JSON) return false;
    const Json json = parse_json(v.text);
    if (v.type == GH_T_BOOL) return json.is(Json::Kind::Bool) && json.text == v.text;
    if (v.type == GH_T_NUMBER) return json.is(Json::Kind::Number) && json.text == v.text;
    return json.is(Json::Kind::Array) || json.is(Json::Kind::Object);
  } catch (const Error&) {
    return false;
  }

  std::uint32_t kind_ = GH_FAILED;
  std::int32_t ttl_ = -1;
  std::int64_t valid_until_ = 0;
  std::uint64_t caller_ = 0;
  std::uint32_t path_form_ = GH_PATH_NORMALISED;
  std::string principal_, challenge_, reason_, usage_key_, error_text_, code_;
  std::string message_, response_type_, error_type_;
  std::vector<Value> context_, claims_;
  std::vector<std::string> policies_, scopes_;
  bool has_scopes_ = false;
};

}  // namespace gatehouse::testing
