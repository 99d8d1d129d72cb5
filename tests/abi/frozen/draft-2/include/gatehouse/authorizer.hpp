// gatehouse/authorizer.hpp -- write an authorizer in C++17 or later. A header-only layer over abi.h, compiled INTO the
// plugin with the plugin's own compiler and standard library: only the types of abi.h leave it.
//
//   struct Gate : gatehouse::Authorizer {
//     static constexpr auto info = gatehouse::Info("what it does").nonblocking();
//     Gate(const gatehouse::Config& config, gatehouse::Host& host);
//     gatehouse::Answer authorize(const gatehouse::Request& request) override;
//   };
//   GATEHOUSE_AUTHORIZER(Gate, "com.example.gate", "1.0.0")
//
// Whatever the authorizer throws becomes "failed" (500) with the text in the gateway's log.
#pragma once
#include <gatehouse/abi.h>

#if __cplusplus < 201703L && !(defined(_MSVC_LANG) && _MSVC_LANG >= 201703L)
#error "gatehouse/authorizer.hpp needs C++17; from C or older C++ use gatehouse/abi.h"
#endif

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// The inline namespace carries the version, so that two plugins linked into one program (their unit tests) cannot mix
// two versions of these classes.
namespace gatehouse {
inline namespace sdk_1_0_draft_2 {

inline std::string_view view(const gh_str& s) noexcept {
  return s.ptr != nullptr ? std::string_view(s.ptr, s.len) : std::string_view();
}
inline gh_str raw(std::string_view s) noexcept {
  return gh_str{s.data() != nullptr ? s.data() : "", s.size()};
}

/// Compares without telling by its duration where the first difference is.
inline bool same_secret(std::string_view a, std::string_view b) noexcept {
  const std::size_t n = a.size() < b.size() ? a.size() : b.size();
  std::uint64_t difference = a.size() ^ b.size(), x = 0, y = 0;
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    std::memcpy(&x, a.data() + i, 8);
    std::memcpy(&y, b.data() + i, 8);
    difference |= x ^ y;
  }
  for (; i < n; ++i)
    difference |= static_cast<std::uint64_t>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  const volatile std::uint64_t result = difference;
  return result == 0;
}

/// Thrown by a constructor or start(): the text reaches the operator, who reads it beside the line of the
/// configuration.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The authorizer's `settings:`. Validated against the schema before the constructor runs. Values are named by RFC 6901
/// pointers: "/token", "/allow/0". Good during the constructor only.
class Config {
 public:
  explicit Config(const gh_config* c) noexcept : c_(c) {}
  std::string_view instance() const noexcept { return view(c_->instance); }
  /// All of it, as canonical JSON.
  std::string_view json() const noexcept { return view(c_->json); }

  bool has(std::string_view pointer) const {
    gh_val v{};
    return find(pointer, v);
  }
  std::string str(std::string_view pointer) const {
    return std::string(view(need(pointer, GH_T_STRING, "a string").val));
  }
  std::string str(std::string_view pointer, std::string_view otherwise) const {
    return has(pointer) ? str(pointer) : std::string(otherwise);
  }
  long long integer(std::string_view pointer) const {
    const std::string_view text = view(need(pointer, GH_T_NUMBER, "a number").val);
    long long out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) wrong(pointer, "a whole number");
    return out;
  }
  long long integer(std::string_view pointer, long long otherwise) const {
    return has(pointer) ? integer(pointer) : otherwise;
  }
  bool boolean(std::string_view pointer) const { return view(need(pointer, GH_T_BOOL, "true or false").val) == "true"; }
  bool boolean(std::string_view pointer, bool otherwise) const { return has(pointer) ? boolean(pointer) : otherwise; }
  /// Members of an array or object; 0 when there is none.
  std::size_t count(std::string_view pointer) const {
    const gh_str p = raw(pointer);
    std::size_t n = 0;
    return c_->count(c_, &p, &n) == GH_OK ? n : 0;
  }
  std::vector<std::string> strings(std::string_view pointer) const {
    std::vector<std::string> out;
    const std::size_t n = count(pointer);
    for (std::size_t i = 0; i < n; ++i) out.push_back(str(std::string(pointer) + '/' + std::to_string(i)));
    return out;
  }
  /// Names of an object's members, in the order of the file.
  std::vector<std::string> members(std::string_view pointer) const {
    std::vector<std::string> out;
    const gh_str p = raw(pointer);
    gh_str name{};
    for (std::size_t i = 0; c_->member(c_, &p, i, &name) == GH_OK; ++i) out.emplace_back(view(name));
    return out;
  }

 private:
  bool find(std::string_view pointer, gh_val& v) const {
    const gh_str p = raw(pointer);
    return c_->get(c_, &p, &v) == GH_OK;
  }
  gh_val need(std::string_view pointer, std::uint32_t type, const char* what) const {
    gh_val v{};
    if (!find(pointer, v)) throw ConfigError("settings: `" + std::string(pointer) + "` is missing");
    if (v.type != type) wrong(pointer, what);
    return v;
  }
  [[noreturn]] static void wrong(std::string_view pointer, const char* what) {
    throw ConfigError("settings: `" + std::string(pointer) + "` is not " + what);
  }
  const gh_config* c_;
};

/// A list of named values of a request, in wire order.
class Fields {
 public:
  explicit Fields(const gh_kvs& list) noexcept : list_(&list) {}
  std::size_t size() const noexcept { return list_->count; }
  std::pair<std::string_view, std::string_view> operator[](std::size_t i) const noexcept {
    return {view(list_->items[i].key), view(list_->items[i].val)};
  }
  /// The value of that name; empty when there is none, and when there are several: the upstream might read another than
  /// was judged.
  std::string_view get(std::string_view name) const noexcept {
    std::string_view out;
    bool found = false;
    for (std::size_t i = 0; i < list_->count; ++i) {
      if (view(list_->items[i].key) != name) continue;
      if (found) return {};
      found = true;
      out = view(list_->items[i].val);
    }
    return out;
  }

 private:
  const gh_kvs* list_;
};

/// One request, good until it is answered: for an Authorizer during authorize(), for an AsyncAuthorizer until
/// Call::complete(). Copy what must live longer.
class Request {
 public:
  explicit Request(const gh_request* r) noexcept : r_(r) {}
  std::string_view request_id() const noexcept { return view(r_->request_id); }
  std::string_view account_id() const noexcept { return view(r_->account_id); }
  std::string_view region() const noexcept { return view(r_->region); }
  std::string_view api_id() const noexcept { return view(r_->api_id); }
  std::string_view stage() const noexcept { return view(r_->stage); }
  std::string_view route_key() const noexcept { return view(r_->route_key); }
  std::string_view resource_path() const noexcept { return view(r_->resource_path); }
  std::string_view arn() const noexcept { return view(r_->arn); }
  std::string_view action() const noexcept { return view(r_->action); }
  std::string_view method() const noexcept { return view(r_->method); }
  std::string_view scheme() const noexcept { return view(r_->scheme); }
  std::string_view authority() const noexcept { return view(r_->authority); }
  std::string_view domain() const noexcept { return view(r_->domain); }
  /// As received. Judge `path`: it is the one that was routed and is forwarded.
  std::string_view wire_path() const noexcept { return view(r_->wire_path); }
  std::string_view path() const noexcept { return view(r_->path); }
  std::string_view api_path() const noexcept { return view(r_->api_path); }
  std::string_view raw_query() const noexcept { return view(r_->raw_query); }
  std::string_view http_version() const noexcept { return view(r_->http_version); }
  std::string_view source_ip() const noexcept { return view(r_->source_ip); }
  std::string_view peer_ip() const noexcept { return view(r_->peer_ip); }
  std::string_view listener() const noexcept { return view(r_->listener); }
  std::string_view token() const noexcept { return view(r_->token); }
  std::uint32_t api_type() const noexcept { return r_->api_type; }
  std::uint32_t worker() const noexcept { return r_->worker; }
  std::uint64_t call_id() const noexcept { return r_->call_id; }
  std::uint64_t deadline_ns() const noexcept { return r_->deadline_ns; }
  std::int64_t time_unix_ms() const noexcept { return r_->time_unix_ms; }
  std::uint64_t connection_id() const noexcept { return r_->connection_id; }
  bool tls() const noexcept { return r_->tls != 0; }

  /// A header's value; empty when it is absent, and when the client sent it more than once: the upstream might read
  /// another than was judged. `lower_name` in lower case.
  std::string_view header(std::string_view lower_name) const noexcept {
    const gh_str name = raw(lower_name);
    gh_str out{nullptr, 0}, second{nullptr, 0};
    if (r_->header(r_, &name, 0, &out) != GH_OK) return {};
    return r_->header(r_, &name, 1, &second) == GH_E_NOTFOUND ? view(out) : std::string_view();
  }
  /// The index-th value of a header that may come several times; empty when there are fewer.
  std::string_view header(std::string_view lower_name, std::size_t index) const noexcept {
    const gh_str name = raw(lower_name);
    gh_str out{nullptr, 0};
    return r_->header(r_, &name, index, &out) == GH_OK ? view(out) : std::string_view();
  }
  /// A rarer fact by name; empty when it is not known. See abi.h.
  std::string_view attr(std::string_view name) const noexcept {
    const gh_str n = raw(name);
    gh_str out{nullptr, 0};
    return r_->attr(r_, &n, &out) == GH_OK ? view(out) : std::string_view();
  }
  /// The identity sources that the configuration names, with their values.
  Fields identity() const noexcept { return Fields(r_->identity); }
  // The lists that Info::needs() asks for. One that was not asked for throws, so that it cannot be taken for empty.
  Fields headers() const { return given(r_->headers, GH_NEED_HEADERS); }
  Fields query() const { return given(r_->query, GH_NEED_QUERY); }
  Fields path_params() const { return given(r_->path_params, GH_NEED_PATH_PARAMS); }
  Fields stage_vars() const { return given(r_->stage_vars, GH_NEED_STAGE_VARS); }
  Fields client_cert() const { return given(r_->client_cert, GH_NEED_CLIENT_CERT); }
  std::vector<std::string_view> scopes() const {
    if ((r_->given & GH_NEED_SCOPES) == 0) refuse();
    std::vector<std::string_view> out;
    for (std::size_t i = 0; i < r_->scopes.count; ++i) out.push_back(view(r_->scopes.items[i]));
    return out;
  }
  /// The AWS event as JSON text, for GH_NEED_EVENT.
  std::string_view event() const {
    if ((r_->given & GH_NEED_EVENT) == 0) refuse();
    return view(r_->event);
  }
  const gh_request* c() const noexcept { return r_; }

 private:
  Fields given(const gh_kvs& list, std::uint32_t need) const {
    if ((r_->given & need) == 0) refuse();
    return Fields(list);
  }
  [[noreturn]] static void refuse() {
    throw std::logic_error("a part of the request was read that Info::needs() does not ask for");
  }
  const gh_request* r_;
};

/// What an authorizer says of one request. Small answers take no memory from the heap.
class Answer {
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
  Answer& context(std::string_view key, std::string_view value) & { return add(key, value, GH_T_STRING, false); }
  Answer&& context(std::string_view key, std::string_view value) && {
    return std::move(add(key, value, GH_T_STRING, false));
  }
  Answer& context(std::string_view key, const char* value) & { return add(key, value, GH_T_STRING, false); }
  Answer&& context(std::string_view key, const char* value) && {
    return std::move(add(key, value, GH_T_STRING, false));
  }
  template <class T, std::enable_if_t<std::is_arithmetic_v<T>, int> = 0>
  Answer& context(std::string_view key, T value) & {
    return number(key, value, false);
  }
  template <class T, std::enable_if_t<std::is_arithmetic_v<T>, int> = 0>
  Answer&& context(std::string_view key, T value) && {
    return std::move(number(key, value, false));
  }
  Answer& context_json(std::string_view key, std::string_view json) & { return add(key, json, GH_T_JSON, false); }
  Answer&& context_json(std::string_view key, std::string_view json) && {
    return std::move(add(key, json, GH_T_JSON, false));
  }
  /// A claim of the caller's token; `type` is GH_T_, the value its text.
  Answer& claim(std::string_view key, std::string_view value, std::uint32_t type = GH_T_STRING) & {
    return add(key, value, type, true);
  }
  Answer&& claim(std::string_view key, std::string_view value, std::uint32_t type = GH_T_STRING) && {
    return std::move(add(key, value, type, true));
  }
  /// An IAM policy for the gateway to weigh.
  Answer& policy(std::string_view json, std::uint32_t role = GH_ROLE_IDENTITY) & { return policy_is(json, role); }
  Answer&& policy(std::string_view json, std::uint32_t role = GH_ROLE_IDENTITY) && {
    return std::move(policy_is(json, role));
  }
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

  std::uint32_t kind() const noexcept { return head_.kind; }

  /// Gives it to the host.
  std::int32_t send(const gh_host* host, std::uint64_t call_id) const noexcept {
    gh_answer a{};
    a.struct_size = sizeof a;
    a.kind = head_.kind;
    a.ttl_s = head_.ttl;
    a.valid_until_unix_ms = head_.valid_until;
    if (has(kPrincipal)) a.principal_id = text(head_.texts[kPrincipal]);
    if (has(kChallenge)) a.challenge = text(head_.texts[kChallenge]);
    if (has(kUsageKey)) a.usage_key = text(head_.texts[kUsageKey]);
    if (has(kReason)) a.reason = text(head_.texts[kReason]);
    if (has(kErrorText)) a.error_text = text(head_.texts[kErrorText]);
    gh_policy policy{};
    if (has(kPolicy)) {
      policy.json = text(head_.texts[kPolicy]);
      policy.role = head_.role;
      a.policies = gh_policies{&policy, 1};
    }
    gh_val few[kFew];
    std::unique_ptr<gh_val[]> many;
    gh_val* values = few;
    const std::size_t count = head_.items + more_.size();
    if (count > kFew) {
      many.reset(new (std::nothrow) gh_val[count]);
      values = many.get();
    }
    if (values == nullptr) {
      a.kind = GH_FAILED;
      a.reason = raw("out of memory");
      return host->complete(host, call_id, &a);
    }
    const std::size_t context = pick(values, count, false);
    a.context = gh_vals{values, context};
    if (context < count) a.claims = gh_vals{values + context, pick(values + context, count, true)};
    return host->complete(host, call_id, &a);
  }

 private:
  static constexpr std::size_t kFew = 4;
  enum Text { kPrincipal, kChallenge, kUsageKey, kReason, kErrorText, kPolicy, kTexts };
  struct Span {
    std::uint32_t at, size;
  };
  struct Item {
    Span key, value;
    std::uint32_t type;
    bool claim;
  };
  struct Head {
    std::uint32_t kind = GH_FAILED;
    std::int32_t ttl = -1;
    std::int64_t valid_until = 0;
    std::uint32_t present = 0;  // a bit for each Text
    std::uint32_t role = 0;
    std::uint32_t used = 0;   // bytes of small_, or of big_ once there is one
    std::uint32_t items = 0;  // in few_
    Span texts[kTexts] = {};
  };

  bool has(Text which) const noexcept { return (head_.present >> which & 1u) != 0; }
  void copy_small(const Answer& other) noexcept {
    for (std::uint32_t i = 0; i < head_.items; ++i) few_[i] = other.few_[i];
    if (big_.empty() && head_.used > 0) std::memcpy(small_, other.small_, head_.used);
  }
  std::size_t pick(gh_val* to, std::size_t count, bool claims) const noexcept {
    std::size_t n = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Item& item = i < head_.items ? few_[i] : more_[i - head_.items];
      if (item.claim == claims) to[n++] = gh_val{text(item.key), text(item.value), item.type, 0};
    }
    return n;
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
  Answer& add(std::string_view key, std::string_view value, std::uint32_t type, bool claim) {
    const Span name = keep(key);
    const Item item{name, keep(value), type, claim};
    if (head_.items < kFew)
      few_[head_.items++] = item;
    else
      more_.push_back(item);
    return *this;
  }
  template <class T>
  Answer& number(std::string_view key, T value, bool claim) {
    if constexpr (std::is_same_v<T, bool>) {
      return add(key, value ? "true" : "false", GH_T_BOOL, claim);
    } else if constexpr (std::is_integral_v<T>) {
      return add(key, std::to_string(value), GH_T_NUMBER, claim);
    } else {
      char digits[64];
      const int n = std::snprintf(digits, sizeof digits, "%.17g", static_cast<double>(value));
      for (int i = 0; i < n; ++i)
        if (digits[i] == ',') digits[i] = '.';  // a process may run in a locale with another decimal point
      return add(key, std::string_view(digits, static_cast<std::size_t>(n)), GH_T_NUMBER, claim);
    }
  }
  Answer& policy_is(std::string_view json, std::uint32_t role) {
    head_.role = role;
    return put(kPolicy, json);
  }

  Head head_;
  std::vector<Item> more_;
  std::string big_;
  Item few_[kFew];   // head_.items of them
  char small_[128];  // head_.used bytes of it, until big_ takes over
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

namespace detail {
inline std::int32_t send_failed(const gh_host* host, std::uint64_t call_id, const char* why) noexcept {
  gh_answer a{};
  a.struct_size = sizeof a;
  a.kind = GH_FAILED;
  a.reason = raw(why);
  return host->complete(host, call_id, &a);
}
}  // namespace detail

/// The right and the duty to answer one request, once. Dropping it answers "failed". Movable; put it into a shared_ptr
/// to hold it in a std::function.
class Call {
 public:
  Call(const gh_host* host, std::uint64_t id) noexcept : host_(host), id_(id) {}
  Call(Call&& other) noexcept : host_(std::exchange(other.host_, nullptr)), id_(other.id_) {}
  Call& operator=(Call&& other) noexcept {
    if (this != &other) {
      drop();
      host_ = std::exchange(other.host_, nullptr);
      id_ = other.id_;
    }
    return *this;
  }
  ~Call() { drop(); }
  std::uint64_t id() const noexcept { return id_; }
  /// After this the request may not be read any more.
  void complete(const Answer& answer) noexcept {
    if (const gh_host* host = std::exchange(host_, nullptr)) answer.send(host, id_);
  }

 private:
  void drop() noexcept {
    if (const gh_host* host = std::exchange(host_, nullptr))
      detail::send_failed(host, id_, "the authorizer dropped the call without answering");
  }
  const gh_host* host_;
  std::uint64_t id_;
};

enum class Level : std::uint32_t {
  Trace = GH_LOG_TRACE,
  Debug = GH_LOG_DEBUG,
  Info = GH_LOG_INFO,
  Warn = GH_LOG_WARN,
  Error = GH_LOG_ERROR,
};

/// The gateway as an authorizer sees it. Lives as long as the authorizer; every call from any thread.
class Host {
 public:
  explicit Host(const gh_host* h) noexcept
      : h_(h), log_(service<gh_log>(GH_SVC_LOG)), clock_(service<gh_clock>(GH_SVC_CLOCK)) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// A service by its C interface; null when this gateway lacks it.
  template <class T>
  const T* service(const char* id) const noexcept {
    return static_cast<const T*>(h_->service(h_, id));
  }
  std::uint32_t worker_count() const noexcept { return h_->worker_count; }

  bool log_enabled(Level level) const noexcept {
    return log_ != nullptr && log_->enabled(h_, static_cast<std::uint32_t>(level)) == 1;
  }
  /// A line in the gateway's log, with the authorizer's name. `call_id` 0: not about a request. Never a secret.
  void log(Level level, std::string_view message, std::uint64_t call_id = 0) const noexcept {
    if (!log_enabled(level)) return;
    const gh_str text = raw(message);
    log_->write(h_, static_cast<std::uint32_t>(level), call_id, &text, nullptr);
  }
  /// Milliseconds since 1970. Use this, not the system's: tests can stop it.
  std::int64_t unix_ms() const noexcept { return clock_ != nullptr ? clock_->unix_ms(h_) : 0; }
  std::uint64_t monotonic_ns() const noexcept { return clock_ != nullptr ? clock_->monotonic_ns(h_) : 0; }
  const gh_host* c() const noexcept { return h_; }

 private:
  const gh_host* h_;
  const gh_log* log_;
  const gh_clock* clock_;
};

/// What the gateway must know of an authorizer before it makes one: `static constexpr auto info = Info("...")...;`
struct Info {
  const char* summary_ = "";
  const char* settings_schema_ = nullptr;
  const char* vendor_ = nullptr;
  const char* doc_url_ = nullptr;
  std::uint32_t categories_ = GH_CAT_IDENTITY;
  std::uint32_t api_types_ = GH_API_REST | GH_API_HTTP | GH_API_WEBSOCKET;
  std::uint32_t needs_ = 0;
  std::uint32_t flags_ = 0;

  constexpr explicit Info(const char* summary) noexcept : summary_(summary) {}
  /// JSON Schema of `settings:`. Without one the authorizer takes no settings.
  constexpr Info settings(const char* schema) const noexcept {
    Info out = *this;
    out.settings_schema_ = schema;
    return out;
  }
  constexpr Info vendor(const char* text) const noexcept {
    Info out = *this;
    out.vendor_ = text;
    return out;
  }
  constexpr Info doc_url(const char* text) const noexcept {
    Info out = *this;
    out.doc_url_ = text;
    return out;
  }
  /// GH_CAT_ bits; an identity authorizer unless said otherwise.
  constexpr Info category(std::uint32_t bits) const noexcept {
    Info out = *this;
    out.categories_ = bits;
    return out;
  }
  /// GH_API_ bits; all unless said otherwise.
  constexpr Info api_types(std::uint32_t bits) const noexcept {
    Info out = *this;
    out.api_types_ = bits;
    return out;
  }
  /// GH_NEED_ bits: the lists that authorize() reads. header() and attr() need none.
  constexpr Info needs(std::uint32_t bits) const noexcept {
    Info out = *this;
    out.needs_ = needs_ | bits;
    return out;
  }
  /// authorize() never waits, so the gateway calls it on its event loop: the fastest way.
  constexpr Info nonblocking() const noexcept {
    Info out = *this;
    out.flags_ = flags_ | GH_F_NONBLOCKING;
    return out;
  }
  constexpr Info per_connection() const noexcept {
    Info out = *this;
    out.flags_ = flags_ | GH_F_PER_CONNECTION;
    return out;
  }
  constexpr Info never_unload() const noexcept {
    Info out = *this;
    out.flags_ = flags_ | GH_F_NEVER_UNLOAD;
    return out;
  }
};

class AuthorizerBase {
 public:
  virtual ~AuthorizerBase() = default;
  /// Before the first request; may block (fetch keys, open files). What it throws refuses the configuration.
  virtual void start() {}
  /// After the last request: answer what is owed, join own threads.
  virtual void stop() {}
  /// A hint that nobody waits for that call any more.
  virtual void cancel(std::uint64_t call_id) { static_cast<void>(call_id); }
};

/// An authorizer that answers before it returns.
class Authorizer : public AuthorizerBase {
 public:
  /// From many threads at once.
  virtual Answer authorize(const Request& request) = 0;
};

/// An authorizer that may answer later, from any thread.
class AsyncAuthorizer : public AuthorizerBase {
 public:
  /// From many threads at once.
  virtual void authorize(const Request& request, Call call) = 0;
};

namespace detail {

inline void set_error(gh_err* e, std::int32_t code, const char* what) noexcept {
  if (e == nullptr) return;
  e->code = code;
  std::size_t n = std::strlen(what);
  if (n >= sizeof e->msg) {
    n = sizeof e->msg - 1;
    while (n > 0 && (static_cast<unsigned char>(what[n]) & 0xC0) == 0x80) --n;  // not inside a UTF-8 character
  }
  std::memcpy(e->msg, what, n);
  e->msg[n] = 0;
}

template <class F>
std::int32_t guard(gh_err* e, F&& f) noexcept {
  try {
    f();
    return GH_OK;
  } catch (const ConfigError& x) {
    set_error(e, GH_E_CONFIG, x.what());
    return GH_E_CONFIG;
  } catch (const std::exception& x) {
    set_error(e, GH_E_EXCEPTION, x.what());
    return GH_E_EXCEPTION;
  } catch (...) {
    set_error(e, GH_E_EXCEPTION, "unknown exception");
    return GH_E_EXCEPTION;
  }
}

template <class T, class = void>
struct InfoOf {
  static constexpr Info value = Info("");
};
template <class T>
struct InfoOf<T, std::void_t<decltype(T::info)>> {
  static constexpr Info value = T::info;
};

#if defined(__clang__)
#define GH_COMPILER_ "clang " __clang_version__
#elif defined(__GNUC__)
#define GH_COMPILER_ "gcc " __VERSION__
#else
#define GH_COMPILER_ "another compiler"
#endif
#if defined(_LIBCPP_VERSION)
#define GH_LIBRARY_ "libc++"
#elif defined(__GLIBCXX__)
#define GH_LIBRARY_ "libstdc++"
#else
#define GH_LIBRARY_ "another library"
#endif

/// The C face of the class T. Id: what the macro makes of the literals.
template <class T, class Id>
struct Export {
  static constexpr bool kAsync = std::is_base_of_v<AsyncAuthorizer, T>;
  static_assert(kAsync || std::is_base_of_v<Authorizer, T>, "derive from gatehouse::Authorizer or AsyncAuthorizer");

  struct Instance {
    explicit Instance(const gh_host* h) noexcept : host(h) {}
    Host host;
    std::unique_ptr<T> authorizer;
  };
  static Instance* of(gh_plugin* p) noexcept { return reinterpret_cast<Instance*>(p); }

  static std::int32_t GH_CALL create(const gh_host* h, const gh_config* c, gh_plugin** out, gh_err* e) noexcept {
    return guard(e, [&] {
      auto instance = std::make_unique<Instance>(h);
      const Config config(c);
      if constexpr (std::is_constructible_v<T, const Config&, Host&>)
        instance->authorizer = std::make_unique<T>(config, instance->host);
      else
        instance->authorizer = std::make_unique<T>(config);
      *out = reinterpret_cast<gh_plugin*>(instance.release());
    });
  }
  static std::int32_t GH_CALL start(gh_plugin* p, gh_err* e) noexcept {
    return guard(e, [&] { of(p)->authorizer->start(); });
  }
  static std::int32_t GH_CALL authorize(gh_plugin* p, const gh_request* r) noexcept {
    Instance* instance = of(p);
    const gh_host* h = instance->host.c();
    const std::uint64_t id = r->call_id;  // the request may be gone once complete() has returned
    try {
      if constexpr (kAsync) {
        instance->authorizer->authorize(Request(r), Call(h, id));
        return GH_PENDING;
      } else {
        return instance->authorizer->authorize(Request(r)).send(h, id);
      }
    } catch (const std::exception& x) {
      thrown(*instance, id, x.what());
    } catch (...) {
      thrown(*instance, id, "unknown exception");
    }
    return GH_E_EXCEPTION;
  }
  static void thrown(Instance& instance, std::uint64_t id, const char* what) noexcept {
    // An AsyncAuthorizer's Call has answered by its destruction, or lives on elsewhere: the host closes it then.
    if constexpr (kAsync)
      instance.host.log(Level::Error, what, id);
    else
      send_failed(instance.host.c(), id, what);
  }
  static void GH_CALL cancel(gh_plugin* p, std::uint64_t id) noexcept {
    guard(nullptr, [&] { of(p)->authorizer->cancel(id); });
  }
  static void GH_CALL stop(gh_plugin* p) noexcept {
    guard(nullptr, [&] { of(p)->authorizer->stop(); });
  }
  static void GH_CALL destroy(gh_plugin* p) noexcept {
    guard(nullptr, [&] { delete of(p); });
  }
  static const void* GH_CALL extension(gh_plugin*, const char*) noexcept { return nullptr; }

  static const gh_plugin_desc* GH_CALL plugin(std::uint32_t index) noexcept {
    static constexpr Info info = InfoOf<T>::value;
    static const gh_plugin_desc desc = {sizeof(gh_plugin_desc),
                                        info.categories_,
                                        info.api_types_,
                                        info.needs_,
                                        info.flags_ | (kAsync ? GH_F_ASYNC : 0u),
                                        0,
                                        Id::id(),
                                        Id::version(),
                                        info.summary_,
                                        info.vendor_,
                                        info.doc_url_,
                                        info.settings_schema_,
                                        nullptr};
    return index == 0 ? &desc : nullptr;
  }
  static const void* GH_CALL iface(std::uint32_t index, const char* id) noexcept {
    static const gh_authorizer table = {
        sizeof(gh_authorizer), 0, create, start, authorize, cancel, stop, destroy, extension};
    return index == 0 && std::strcmp(id, GH_IFACE_AUTHORIZER) == 0 ? &table : nullptr;
  }
  static const gh_module* module() noexcept {
    static const gh_module m = {sizeof(gh_module),
                                GH_ABI_MAJOR,
                                GH_ABI_MINOR,
                                0,
                                GH_ABI_DRAFT,
                                1,
                                GH_COMPILER_ ", " GH_LIBRARY_ ", C++ " GH_STRING_(__cplusplus),
                                plugin,
                                iface};
    return &m;
  }
};

}  // namespace detail
}  // namespace sdk_1_0_draft_2
}  // namespace gatehouse

/// Once per library, at file scope, without a semicolon. `Id` and `Version` are string literals.
#define GATEHOUSE_AUTHORIZER(Type, Id, Version)                             \
  GATEHOUSE_MANIFEST(Id, Version)                                           \
  namespace {                                                               \
  struct GatehouseId {                                                      \
    static const char* id() noexcept { return Id; }                         \
    static const char* version() noexcept { return Version; }               \
  };                                                                        \
  }                                                                         \
  extern "C" GH_EXPORT const gh_module* GH_CALL gatehouse_module_v1(void) { \
    return ::gatehouse::detail::Export<Type, GatehouseId>::module();        \
  }
