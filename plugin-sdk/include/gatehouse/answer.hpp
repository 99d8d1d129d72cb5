// gatehouse/answer.hpp -- what an authorizer says of a request. Part of authorizer.hpp.
#pragma once
#include <gatehouse/text.hpp>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gatehouse {
inline namespace sdk_1_0_draft_2 {

/// What an authorizer says of one request. Small answers take no memory from the heap.
class Answer {
  friend class ReadyAnswer;

 public:
  explicit Answer(std::uint32_t kind) noexcept { head_.kind = kind; }
  Answer(const Answer& other) : head_(other.head_), more_(other.more_), big_(other.big_) { copy_small(other); }
  Answer(Answer&& other) noexcept : head_(other.head_), more_(std::move(other.more_)), big_(std::move(other.big_)) {
    copy_small(other);
  }
  Answer& operator=(Answer other) noexcept {
    head_ = other.head_;
    more_.swap(other.more_);
    big_.swap(other.big_);
    copy_small(other);
    return *this;
  }

  Answer& principal(std::string_view id) & { return put(kPrincipal, id); }
  Answer&& principal(std::string_view id) && { return std::move(put(kPrincipal, id)); }
  /// For the integration and the log; a key once only. Objects and arrays (context_json) are for HTTP APIs.
  Answer& context(std::string_view key, std::string_view value) & { return add(key, value, GH_T_STRING, kContext); }
  Answer&& context(std::string_view key, std::string_view value) && {
    return std::move(add(key, value, GH_T_STRING, kContext));
  }
  Answer& context(std::string_view key, const char* value) & { return add(key, value, GH_T_STRING, kContext); }
  Answer&& context(std::string_view key, const char* value) && {
    return std::move(add(key, value, GH_T_STRING, kContext));
  }
  template <class T, std::enable_if_t<std::is_arithmetic_v<T>, int> = 0>
  Answer& context(std::string_view key, T value) & {
    return number(key, value);
  }
  template <class T, std::enable_if_t<std::is_arithmetic_v<T>, int> = 0>
  Answer&& context(std::string_view key, T value) && {
    return std::move(number(key, value));
  }
  Answer& context_json(std::string_view key, std::string_view json) & { return add(key, json, GH_T_JSON, kContext); }
  Answer&& context_json(std::string_view key, std::string_view json) && {
    return std::move(add(key, json, GH_T_JSON, kContext));
  }
  /// A claim of the caller's token; `type` is GH_T_, the value its text.
  Answer& claim(std::string_view key, std::string_view value, std::uint32_t type = GH_T_STRING) & {
    return add(key, value, type, kClaim);
  }
  Answer&& claim(std::string_view key, std::string_view value, std::uint32_t type = GH_T_STRING) && {
    return std::move(add(key, value, type, kClaim));
  }
  /// A scope of the caller's token: all that it has, whatever the route asks for.
  Answer& scope(std::string_view one) & { return add(one, {}, GH_T_NULL, kScope).scopes_known(); }
  Answer&& scope(std::string_view one) && { return std::move(scope(one)); }
  /// All of them, from a range of texts. An empty one says that the token has none.
  template <class Range>
  Answer& scopes(const Range& all) & {
    for (const auto& one : all) scope(one);
    return scopes_known();
  }
  template <class Range>
  Answer&& scopes(const Range& all) && {
    return std::move(scopes(all));
  }
  /// An IAM policy for the gateway to weigh: one an answer, the last that was given.
  Answer& policy(std::string_view json, std::uint32_t role = GH_ROLE_IDENTITY) & { return policy_is(json, role); }
  Answer&& policy(std::string_view json, std::uint32_t role = GH_ROLE_IDENTITY) && {
    return std::move(policy_is(json, role));
  }
  /// One that Host::compile_policy has compiled.
  Answer& policy(std::uint64_t handle, std::uint32_t role) & noexcept {
    head_.role = role;
    head_.handle = handle;
    head_.present &= ~(1u << kPolicy);
    return *this;
  }
  Answer&& policy(std::uint64_t handle, std::uint32_t role) && noexcept { return std::move(policy(handle, role)); }
  /// The caller whom Host::lookup_key found for this very call: the gateway knows by itself who he is and what he may.
  /// With GH_ALLOW, and without principal and policy.
  Answer& caller(std::uint64_t handle) & noexcept { return head_.caller = handle, *this; }
  Answer&& caller(std::uint64_t handle) && noexcept { return head_.caller = handle, std::move(*this); }
  /// GH_PATH_: the form of the path that was judged, when that is not Request::path. The gateway matches it again.
  Answer& path_form(std::uint32_t form) & noexcept { return head_.path_form = form, *this; }
  Answer&& path_form(std::uint32_t form) && noexcept { return head_.path_form = form, std::move(*this); }
  /// Seconds that the gateway may keep this answer; 0: not at all.
  Answer& ttl(std::int32_t seconds) & noexcept {
    head_.ttl = seconds;
    return *this;
  }
  Answer&& ttl(std::int32_t seconds) && noexcept { return head_.ttl = seconds, std::move(*this); }
  Answer& valid_until(std::int64_t unix_ms) & noexcept { return head_.valid_until = unix_ms, *this; }
  Answer&& valid_until(std::int64_t unix_ms) && noexcept { return head_.valid_until = unix_ms, std::move(*this); }
  Answer& usage_key(std::string_view key) & { return put(kUsageKey, key); }
  Answer&& usage_key(std::string_view key) && { return std::move(put(kUsageKey, key)); }
  /// WWW-Authenticate of a 401 or 403.
  Answer& challenge(std::string_view text) & { return put(kChallenge, text); }
  Answer&& challenge(std::string_view text) && { return std::move(put(kChallenge, text)); }
  /// For the gateway's log only. Never a secret.
  Answer& reason(std::string_view text) & { return put(kReason, text); }
  Answer&& reason(std::string_view text) && { return std::move(put(kReason, text)); }
  /// $context.authorizer.error
  Answer& error_text(std::string_view text) & { return put(kErrorText, text); }
  Answer&& error_text(std::string_view text) && { return std::move(put(kErrorText, text)); }
  /// Of a refusal: what the client of a REST API is told instead of the gateway's own words. Never a secret.
  Answer& message(std::string_view text) & { return put(kMessage, text); }
  Answer&& message(std::string_view text) && { return std::move(put(kMessage, text)); }
  /// Of a refusal: the gateway response of a REST API, `UNAUTHORIZED`. It must be one of the refusal's status.
  Answer& response_type(std::string_view name) & { return put(kResponseType, name); }
  Answer&& response_type(std::string_view name) && { return std::move(put(kResponseType, name)); }
  /// Of a refusal: x-amzn-ErrorType of a REST API, `UnauthorizedException`.
  Answer& error_type(std::string_view name) & { return put(kErrorType, name); }
  Answer&& error_type(std::string_view name) && { return std::move(put(kErrorType, name)); }

  std::uint32_t kind() const noexcept { return head_.kind; }

  /// Gives it to the host.
  std::int32_t send(const gh_host* host, std::uint64_t call_id) const noexcept {
    gh_answer a;
    gh_policy policy;
    gh_val few[kFew];
    gh_str few_scopes[kFew];
    std::unique_ptr<gh_val[]> many;
    std::unique_ptr<gh_str[]> many_scopes;
    gh_val* const values = room(few, many, values_count());
    gh_str* const texts = room(few_scopes, many_scopes, head_.scopes);
    const bool fits = values != nullptr && texts != nullptr;
    fill(a, policy, fits ? values : nullptr, texts);
    if (!fits) {
      a.kind = GH_FAILED;
      a.reason = raw("out of memory");
    }
    return host->complete(host, call_id, &a);
  }

 private:
  static constexpr std::size_t kFew = 4;
  enum Text {
    kPrincipal,
    kChallenge,
    kUsageKey,
    kReason,
    kErrorText,
    kPolicy,
    kMessage,
    kResponseType,
    kErrorType,
    kTexts
  };
  enum List : std::uint8_t { kContext, kClaim, kScope };
  struct Span {
    std::uint32_t at, size;
  };
  struct Item {
    Span key, value;
    std::uint32_t type;
    List list;
  };
  struct Head {
    std::uint32_t kind = GH_FAILED;
    std::int32_t ttl = -1;
    std::int64_t valid_until = 0;
    std::uint32_t present = 0;  // a bit for each Text
    std::uint32_t role = 0;
    std::uint64_t handle = 0;
    std::uint64_t caller = 0;
    std::uint32_t path_form = GH_PATH_NORMALISED;
    std::uint32_t used = 0;   // bytes of small_, or of big_ once there is one
    std::uint32_t items = 0;  // in few_
    std::uint32_t scopes = 0;
    bool has_scopes = false;
    Span texts[kTexts] = {};
  };

  std::size_t values_count() const noexcept { return head_.items + more_.size() - head_.scopes; }
  /// Everything; without `values` all but the lists. What it points to is this answer's, and the caller's arrays.
  void fill(gh_answer& a, gh_policy& policy, gh_val* values, gh_str* texts) const noexcept {
    // Every member, one by one: clearing the whole first costs more than all of it.
    a.struct_size = sizeof a;
    a.kind = head_.kind;
    a.ttl_s = head_.ttl;
    a.path_form = head_.path_form;
    a.valid_until_unix_ms = head_.valid_until;
    a.principal_id = given(kPrincipal);
    a.challenge = given(kChallenge);
    a.usage_key = given(kUsageKey);
    a.reason = given(kReason);
    a.error_text = given(kErrorText);
    a.message = given(kMessage);
    a.response_type = given(kResponseType);
    a.error_type = given(kErrorType);
    a.principal_arn = a.principal_account = gh_str{nullptr, 0};
    a.context = a.claims = a.identity = gh_vals{nullptr, 0};
    a.scopes = gh_strs{nullptr, 0};
    a.policies = gh_policies{nullptr, 0};
    a.conditions = gh_conditions{nullptr, 0};
    a.caller = head_.caller;
    if (has(kPolicy) || head_.handle != 0) {
      policy = gh_policy{given(kPolicy), head_.handle, head_.role, 0};
      a.policies = gh_policies{&policy, 1};
    }
    if (values == nullptr) return;
    const std::size_t context = pick(values, kContext), count = values_count();
    a.context = gh_vals{values, context};
    if (context < count) a.claims = gh_vals{values + context, pick(values + context, kClaim)};
    if (head_.has_scopes) a.scopes = gh_strs{texts, pick_scopes(texts)};
  }

  bool has(Text which) const noexcept { return (head_.present >> which & 1u) != 0; }
  gh_str given(Text which) const noexcept { return has(which) ? text(head_.texts[which]) : gh_str{nullptr, 0}; }
  void copy_small(const Answer& other) noexcept {
    for (std::uint32_t i = 0; i < head_.items; ++i) few_[i] = other.few_[i];
    if (big_.empty() && head_.used > 0) std::memcpy(small_, other.small_, head_.used);
  }
  template <class T>
  static T* room(T* few, std::unique_ptr<T[]>& many, std::size_t count) noexcept {
    if (count <= kFew) return few;
    many.reset(new (std::nothrow) T[count]);
    return many.get();
  }
  std::size_t all() const noexcept { return head_.items + more_.size(); }
  const Item& item(std::size_t i) const noexcept { return i < head_.items ? few_[i] : more_[i - head_.items]; }
  std::size_t pick(gh_val* to, List list) const noexcept {
    std::size_t n = 0;
    for (std::size_t i = 0; i < all(); ++i)
      if (const Item& one = item(i); one.list == list) to[n++] = gh_val{text(one.key), text(one.value), one.type, 0};
    return n;
  }
  std::size_t pick_scopes(gh_str* to) const noexcept {
    std::size_t n = 0;
    for (std::size_t i = 0; i < all(); ++i)
      if (item(i).list == kScope) to[n++] = text(item(i).key);
    return n;
  }
  Answer& scopes_known() noexcept {
    head_.has_scopes = true;
    return *this;
  }
  // Names and values are short: two copies of a fixed size, which may overlap, instead of a call.
  static void copy(char* to, const char* from, std::size_t n) noexcept {
    if (n >= 8 && n <= 16) {
      std::uint64_t first, last;
      std::memcpy(&first, from, 8);
      std::memcpy(&last, from + n - 8, 8);
      std::memcpy(to, &first, 8);
      std::memcpy(to + n - 8, &last, 8);
    } else if (n >= 4 && n < 8) {
      std::uint32_t first, last;
      std::memcpy(&first, from, 4);
      std::memcpy(&last, from + n - 4, 4);
      std::memcpy(to, &first, 4);
      std::memcpy(to + n - 4, &last, 4);
    } else if (n > 0) {
      std::memcpy(to, from, n);
    }
  }
  Span keep(std::string_view s) {
    if (s.size() > 0x7fffffffu - head_.used) throw std::length_error("answer too large");
    const Span span{head_.used, static_cast<std::uint32_t>(s.size())};
    if (big_.empty() && head_.used + s.size() <= sizeof small_) {
      copy(small_ + head_.used, s.data(), s.size());
    } else {
      if (big_.empty()) big_.assign(small_, head_.used);
      big_.append(s);
    }
    head_.used += span.size;
    return span;
  }
  gh_str text(const Span& span) const noexcept {
    return gh_str{(big_.empty() ? small_ : big_.data()) + span.at, span.size};
  }
  Answer& put(Text which, std::string_view s) {
    head_.texts[which] = keep(s);
    head_.present |= 1u << which;
    return *this;
  }
  Answer& add(std::string_view key, std::string_view value, std::uint32_t type, List list) {
    const Span name = keep(key);
    const Item item{name, keep(value), type, list};
    if (head_.items < kFew)
      few_[head_.items++] = item;
    else
      more_.push_back(item);
    if (list == kScope) ++head_.scopes;
    return *this;
  }
  template <class T>
  Answer& number(std::string_view key, T value) {
    if constexpr (std::is_same_v<T, bool>) {
      return add(key, value ? "true" : "false", GH_T_BOOL, kContext);
    } else if constexpr (std::is_integral_v<T>) {
      return add(key, std::to_string(value), GH_T_NUMBER, kContext);
    } else {
      char digits[64];
      const int n = std::snprintf(digits, sizeof digits, "%.17g", static_cast<double>(value));
      for (int i = 0; i < n; ++i)
        if (digits[i] == ',') digits[i] = '.';  // a process may run in a locale with another decimal point
      return add(key, std::string_view(digits, static_cast<std::size_t>(n)), GH_T_NUMBER, kContext);
    }
  }
  Answer& policy_is(std::string_view json, std::uint32_t role) {
    head_.role = role;
    head_.handle = 0;
    return put(kPolicy, json);
  }

  Head head_;
  std::vector<Item> more_;
  std::string big_;
  Item few_[kFew];   // head_.items of them
  char small_[128];  // head_.used bytes of it, until big_ takes over
};

/// An answer that is given many times: what send() works out each time is worked out once. Immutable: from many
/// threads.
class ReadyAnswer {
 public:
  explicit ReadyAnswer(Answer answer)
      : answer_(std::move(answer)),
        values_(new gh_val[answer_.values_count() + 1]),
        texts_(new gh_str[answer_.head_.scopes + 1]) {
    answer_.fill(raw_, policy_, values_.get(), texts_.get());
  }
  ReadyAnswer(const ReadyAnswer&) = delete;
  ReadyAnswer& operator=(const ReadyAnswer&) = delete;
  std::int32_t send(const gh_host* host, std::uint64_t call_id) const noexcept {
    return host->complete(host, call_id, &raw_);
  }

 private:
  const Answer answer_;
  const std::unique_ptr<gh_val[]> values_;
  const std::unique_ptr<gh_str[]> texts_;
  gh_policy policy_;
  gh_answer raw_;
};

inline Answer allow(std::string_view principal) {
  Answer a(GH_ALLOW);
  a.principal(principal);
  return a;
}
/// For network and resource authorizers: nothing against it.
inline Answer no_objection() {
  return Answer(GH_ALLOW);
}
inline Answer deny(std::string_view reason) {
  Answer a(GH_DENY);
  a.reason(reason);
  return a;
}
inline Answer unauthorized(std::string_view challenge) {
  Answer a(GH_UNAUTHORIZED);
  a.challenge(challenge);
  return a;
}
inline Answer abstain(std::string_view reason = {}) {
  Answer a(GH_ABSTAIN);
  a.reason(reason);
  return a;
}
inline Answer failed(std::string_view reason) {
  Answer a(GH_FAILED);
  a.reason(reason);
  return a;
}

}  // namespace sdk_1_0_draft_2
}  // namespace gatehouse
