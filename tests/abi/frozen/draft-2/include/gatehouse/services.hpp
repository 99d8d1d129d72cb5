// gatehouse/services.hpp -- what the gateway's services take and give. Part of authorizer.hpp; their functions are
// those of Host.
#pragma once
#include <gatehouse/call.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse {
inline namespace sdk_1_0_draft_2 {

/// A status of abi.h in a word or three, for logs and reasons.
inline const char* status_text(std::int32_t status) noexcept {
  switch (status) {
    case GH_OK:
      return "ok";
    case GH_E_UNSUPPORTED:
      return "not offered by this gateway";
    case GH_E_STATE:
      return "not at this time";
    case GH_E_GONE:
      return "nobody waits any more";
    case GH_E_NOTFOUND:
      return "not found";
    case GH_E_LIMIT:
      return "a limit is reached";
    case GH_E_INVALID:
      return "an invalid argument";
    case GH_E_REFUSED:
      return "not granted";
    case GH_E_DNS:
      return "the name has no address";
    case GH_E_ADDRESS:
      return "a private address";
    case GH_E_CONNECT:
      return "no connection";
    case GH_E_TLS:
      return "no trusted TLS";
    case GH_E_TIMEOUT:
      return "too slow";
    case GH_E_TOO_LARGE:
      return "too large";
    case GH_E_PROTOCOL:
      return "not HTTP";
    default:
      return status < 0 ? "failed" : "unknown";
  }
}

/// Bytes that are overwritten when they go.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes) : bytes_(bytes) {}
  Secret(Secret&& other) noexcept { bytes_.swap(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      bytes_.swap(other.bytes_);
    }
    return *this;
  }
  ~Secret() { wipe(); }
  std::string_view reveal() const noexcept { return bytes_; }

 private:
  void wipe() noexcept {
    bytes_.resize(bytes_.capacity());  // what a short text's own room holds, too
    for (volatile char* p = bytes_.data(); p != bytes_.data() + bytes_.size(); ++p) *p = 0;
    bytes_.clear();
  }
  std::string bytes_;
};

/// A metric that only grows. One that is empty (no service) counts nothing.
class Counter {
 public:
  Counter() = default;
  Counter(const gh_host* host, const gh_metrics* service, std::uint32_t handle) noexcept
      : host_(host), service_(service), handle_(handle) {}
  void add(std::uint64_t value = 1) const noexcept {
    if (service_ != nullptr) service_->add(host_, handle_, value);
  }

 private:
  const gh_host* host_ = nullptr;
  const gh_metrics* service_ = nullptr;
  std::uint32_t handle_ = 0;
};

/// A metric of durations.
class Histogram {
 public:
  Histogram() = default;
  Histogram(const gh_host* host, const gh_metrics* service, std::uint32_t handle) noexcept
      : host_(host), service_(service), handle_(handle) {}
  void observe_ns(std::uint64_t ns) const noexcept {
    if (service_ != nullptr) service_->observe_ns(host_, handle_, ns);
  }

 private:
  const gh_host* host_ = nullptr;
  const gh_metrics* service_ = nullptr;
  std::uint32_t handle_ = 0;
};

/// A timer that was started without a call; empty when that was refused.
struct Timer {
  std::uint64_t id = 0;
  bool started = false;
  explicit operator bool() const noexcept { return started; }
};

/// An HTTP request to elsewhere. Bounds and rules: gh_http_request in abi.h. 0: the gateway's default.
struct Fetch {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string ca_pem;
  std::uint32_t timeout_ms = 0;
  std::uint64_t max_response_bytes = 0;
  std::uint32_t max_redirects = 0;
  bool allow_http = false;
  bool allow_private = false;

  Fetch(std::string_view method_name, std::string_view absolute_url) : method(method_name), url(absolute_url) {}
  Fetch& header(std::string_view name, std::string_view value) {
    headers.emplace_back(name, value);
    return *this;
  }
};

enum class Failure : std::int32_t {
  None = GH_OK,
  Gone = GH_E_GONE,
  Refused = GH_E_REFUSED,
  Dns = GH_E_DNS,
  Address = GH_E_ADDRESS,
  Connect = GH_E_CONNECT,
  Tls = GH_E_TLS,
  Timeout = GH_E_TIMEOUT,
  TooLarge = GH_E_TOO_LARGE,
  Protocol = GH_E_PROTOCOL,
  Other = GH_E_FAILED,
};

/// What came of a fetch. Its views are good during the callback.
class FetchResult {
 public:
  FetchResult(const gh_http_response* response, std::uint32_t worker) noexcept : r_(response), worker_(worker) {}
  /// The HTTP status; 0 when there was no response.
  int status() const noexcept { return r_->status > 0 ? r_->status : 0; }
  /// A response came, whatever its status.
  bool came() const noexcept { return r_->status > 0; }
  Failure failure() const noexcept {
    if (came()) return Failure::None;
    if (r_->status == GH_E_GONE) return Failure::Gone;
    return r_->status <= GH_E_REFUSED && r_->status >= GH_E_PROTOCOL ? static_cast<Failure>(r_->status)
                                                                     : Failure::Other;
  }
  /// Why there is none: for the log.
  std::string error() const {
    std::string out = came() ? std::string() : std::string(status_text(static_cast<std::int32_t>(failure())));
    if (!came() && r_->error.len > 0) out.append(": ").append(view(r_->error));
    return out;
  }
  /// The index-th value of a header, its name in lower case; empty when there are fewer.
  std::string_view header(std::string_view lower_name, std::size_t index = 0) const noexcept {
    for (std::size_t i = 0; i < r_->headers.count; ++i)
      if (view(r_->headers.items[i].key) == lower_name && index-- == 0) return view(r_->headers.items[i].val);
    return {};
  }
  std::string_view body() const noexcept { return view(r_->body); }
  /// That answered, after redirects.
  std::string_view url() const noexcept { return view(r_->url); }
  /// Index of the event loop that this runs on, or GH_WORKER_NONE.
  std::uint32_t worker() const noexcept { return worker_; }

 private:
  const gh_http_response* r_;
  std::uint32_t worker_;
};

/// A request's body, or its digest, or why there is none. The view is good during the callback.
struct BodyResult {
  std::int32_t status;
  std::string_view bytes;
  std::uint32_t worker;
  bool ok() const noexcept { return status == GH_OK; }
  const char* error() const noexcept { return status_text(status); }
};

/// Whom to look up: what a signature says of the key that made it.
struct KeyQuery {
  std::string_view access_key_id;
  std::string_view session_token;  // data() null: the request has none
  std::string_view date;           // `20260115`
  std::string_view region;
  std::string_view service;
};

/// What the gateway's store of identities knows of an access key. Its views are good during the callback.
class KeyResult {
 public:
  KeyResult(std::int32_t status, const gh_key* key, std::uint32_t worker) noexcept
      : status_(status == GH_OK && key == nullptr ? GH_E_FAILED : status), key_(key), worker_(worker) {}
  /// The store was asked. Otherwise fail the call: nothing is known, not even that the key is unknown.
  bool ok() const noexcept { return status_ == GH_OK; }
  const char* error() const noexcept { return status_text(status_); }
  /// GH_KEY_; one that is new to you: refuse.
  std::uint32_t key_status() const noexcept { return ok() ? key_->status : GH_KEY_UNKNOWN; }
  bool known() const noexcept { return key_status() == GH_KEY_OK; }
  /// 32 bytes. For a key that is not GH_KEY_OK a dummy: verify with it all the same, and refuse then.
  std::string_view signing_key() const noexcept { return ok() ? view(key_->signing_key) : std::string_view(); }
  /// For Answer::caller.
  std::uint64_t caller() const noexcept { return known() ? key_->caller : 0; }
  /// For the log.
  std::string_view principal_arn() const noexcept { return known() ? view(key_->principal_arn) : std::string_view(); }
  /// Index of the event loop that this runs on, or GH_WORKER_NONE; that as well when it came at once, on the thread
  /// that asked.
  std::uint32_t worker() const noexcept { return worker_; }

 private:
  std::int32_t status_;
  const gh_key* key_;
  std::uint32_t worker_;
};

}  // namespace sdk_1_0_draft_2
}  // namespace gatehouse
