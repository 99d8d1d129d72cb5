// gatehouse.http/1: the fetch client of the worker that the operation belongs to.
#include "plugin/service_http.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "client/fetch_client.hpp"
#include "plugin/instance.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

using client::FetchError;

constexpr std::uint32_t kTimeoutMs = 10'000;
constexpr std::uint32_t kLongestTimeoutMs = 60'000;
constexpr std::uint64_t kBodyBytes = 1024 * 1024;
constexpr std::uint64_t kMostBodyBytes = 16 * kBodyBytes;
constexpr std::size_t kMostRequestBytes = 1024 * 1024;
constexpr std::size_t kMostCaBytes = 256 * 1024;
constexpr std::uint32_t kMostRedirects = 10;
constexpr std::uint32_t kFlags = GH_FETCH_ALLOW_HTTP | GH_FETCH_ALLOW_PRIVATE;

std::int32_t code_of(FetchError error) noexcept {
  switch (error) {
    case FetchError::Refused:
      return GH_E_REFUSED;
    case FetchError::Dns:
      return GH_E_DNS;
    case FetchError::Address:
      return GH_E_ADDRESS;
    case FetchError::Connect:
      return GH_E_CONNECT;
    case FetchError::Tls:
      return GH_E_TLS;
    case FetchError::Timeout:
      return GH_E_TIMEOUT;
    case FetchError::TooLarge:
      return GH_E_TOO_LARGE;
    case FetchError::Protocol:
      return GH_E_PROTOCOL;
    case FetchError::Limit:
      return GH_E_LIMIT;
    case FetchError::None:
      break;
  }
  return GH_E_FAILED;
}

gh_str text(const std::string& s) noexcept {
  return {s.data(), s.size()};
}

/// One of an instance's places for fetches under way.
class Place {
 public:
  explicit Place(std::shared_ptr<FetchRules> rules) noexcept : rules_(std::move(rules)) {
    taken_ = rules_->under_way.fetch_add(1) < FetchRules::kMost;
    if (!taken_) rules_->under_way.fetch_sub(1);
  }
  ~Place() {
    if (taken_) rules_->under_way.fetch_sub(1);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  bool taken() const noexcept { return taken_; }

 private:
  std::shared_ptr<FetchRules> rules_;
  bool taken_ = false;
};

class FetchOperation final : public Operation {
 public:
  FetchOperation(Operations& home, std::shared_ptr<FetchRules> rules, client::FetchRequest request, gh_http_fn done,
                 void* user)
      : home_(home), place_(std::move(rules)), request_(std::move(request)), done_(done), user_(user) {}

  bool has_place() const noexcept { return place_.taken(); }

  // [loop]
  void begin(client::FetchClient& fetches) {
    if (stopped_) return;
    fetch_ = fetches.start(std::move(request_), [this](client::FetchResult result) {
      result_ = std::move(result);
      // Here and now: what is called back elsewhere must hold nothing of the loop's.
      fetch_.reset();
      home_.finish(*this, result_.error == FetchError::None ? GH_OK : code_of(result_.error));
    });
  }
  // [loop] There was no memory to begin it.
  void could_not_begin() noexcept { home_.finish(*this, GH_E_LIMIT); }

 private:
  void call_back(std::int32_t status, std::uint32_t worker) override {
    std::vector<gh_kv> headers;
    headers.reserve(result_.headers.size());
    for (const auto& [name, value] : result_.headers) headers.push_back({text(name), text(value)});
    gh_http_response out{};
    out.struct_size = sizeof out;
    out.status = status == GH_OK ? result_.status : status;
    if (status == GH_OK) {
      out.headers = {headers.data(), headers.size()};
      out.body = text(result_.body);
      out.url = text(result_.url);
    } else if (status == GH_E_GONE) {
      static constexpr std::string_view kGone = "nobody waits for it any more";
      out.error = {kGone.data(), kGone.size()};
    } else {
      out.url = text(result_.url);
      out.error = text(result_.detail);
    }
    done_(user_, &out, worker);
  }
  void stop() noexcept override {
    stopped_ = true;
    fetch_.reset();
  }

  Operations& home_;
  const Place place_;
  client::FetchRequest request_;
  const gh_http_fn done_;
  void* const user_;
  client::FetchResult result_;            // [loop], then of whoever calls back
  std::unique_ptr<client::Fetch> fetch_;  // [loop]
  bool stopped_ = false;                  // [loop] maybe before begin()
};

/// The members that the caller's struct has; the others are zero.
std::optional<gh_http_request> read(const gh_http_request* given) noexcept {
  gh_http_request out{};
  if (given == nullptr || given->struct_size < offsetof(gh_http_request, headers)) return std::nullopt;
  std::memcpy(&out, given, std::min<std::size_t>(given->struct_size, sizeof out));
  return out;
}

/// Nothing when it breaks the contract.
std::optional<client::FetchRequest> check(const gh_http_request& given) {
  for (const gh_str* one : {&given.method, &given.url, &given.body, &given.ca_pem})
    if (!is_text(one)) return std::nullopt;
  if (given.timeout_ms > kLongestTimeoutMs || given.max_response_bytes > kMostBodyBytes ||
      given.max_redirects > kMostRedirects || (given.flags & ~kFlags) != 0 || given.body.len > kMostRequestBytes ||
      given.ca_pem.len > kMostCaBytes || given.headers.count > client::FetchRequest::kMaxHeaders ||
      (given.headers.items == nullptr && given.headers.count != 0))
    return std::nullopt;
  client::FetchRequest out;
  if (!http::parse_method(view(given.method), out.method)) return std::nullopt;
  auto url = client::Url::parse(view(given.url));
  if (!url) return std::nullopt;
  out.url = std::move(*url);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < given.headers.count; ++i) {
    const gh_kv& line = given.headers.items[i];
    if (!is_text(&line.key) || !is_text(&line.val)) return std::nullopt;
    bytes += line.key.len + line.val.len;
    if (bytes > client::FetchRequest::kMaxHeaderBytes || !client::is_fetch_header(view(line.key), view(line.val)))
      return std::nullopt;
    out.headers.emplace_back(view(line.key), view(line.val));
  }
  out.body = view(given.body);
  out.timeout_ms = given.timeout_ms != 0 ? given.timeout_ms : kTimeoutMs;
  out.max_body_bytes = static_cast<std::size_t>(given.max_response_bytes != 0 ? given.max_response_bytes : kBodyBytes);
  out.max_redirects = given.max_redirects;
  return out;
}

std::int32_t start(Instance& instance, const gh_http_request* given, gh_http_fn done, void* user) {
  const auto request = read(given);
  const std::shared_ptr<FetchRules>& rules = instance.provisions().fetch_rules;
  if (!request || done == nullptr) return GH_E_INVALID;
  if (rules == nullptr) return GH_E_UNSUPPORTED;
  auto checked = check(*request);
  if (!checked) return GH_E_INVALID;
  client::Trust& trust = *instance.workers().trust;
  auto trusted = request->ca_pem.len != 0 ? trust.of_pem(view(request->ca_pem)) : trust.system();
  if (!trusted) return request->ca_pem.len != 0 ? GH_E_INVALID : GH_E_FAILED;
  checked->trust = std::move(*trusted);
  const bool reads = checked->method == http::Method::Get || checked->method == http::Method::Head;
  checked->grants = reads || !rules->read_only ? rules->hosts : std::make_shared<const client::HostGrants>();
  // What the plugin asks for and the operator does not grant is refused when it is met, not here.
  checked->allow_http = (request->flags & GH_FETCH_ALLOW_HTTP) != 0 && rules->allow_http;
  checked->allow_private = (request->flags & GH_FETCH_ALLOW_PRIVATE) != 0 && rules->allow_private;

  Operations& operations = instance.operations();
  const auto op = std::make_shared<FetchOperation>(operations, rules, std::move(*checked), done, user);
  if (!op->has_place()) return GH_E_LIMIT;
  if (const std::int32_t code = operations.open(request->call_id, op); code != GH_OK) return code;
  const Workers::Worker& worker = instance.workers().all[op->worker()];
  if (worker.fetches == nullptr) {
    operations.forget(*op);
    return GH_E_UNSUPPORTED;
  }
  const auto begin = [op, fetches = worker.fetches]() noexcept {
    try {
      op->begin(*fetches);
    } catch (...) {
      op->could_not_begin();
    }
  };
  try {
    if (worker.mailbox->is_current())
      begin();
    else
      worker.mailbox->post(begin);
  } catch (...) {
    operations.forget(*op);
    return GH_E_LIMIT;
  }
  operations.returning(*op);
  return GH_OK;
}

std::int32_t GH_CALL fetch(const gh_host* host, const gh_http_request* request, gh_http_fn done, void* user) noexcept {
  if (host == nullptr) return GH_E_INVALID;
  try {
    return start(Instance::of(host), request, done, user);
  } catch (...) {
    return GH_E_LIMIT;  // out of memory
  }
}

}  // namespace

std::optional<client::FetchRequest> read_fetch(const gh_http_request* given) {
  const auto request = read(given);
  return request ? check(*request) : std::nullopt;
}

const gh_http kHttpService = {sizeof(gh_http), 0, &fetch};

}  // namespace gatehouse::plugin
