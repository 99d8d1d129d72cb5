// gatehouse/request.hpp -- the request under judgement. Part of authorizer.hpp.
#pragma once
#include <gatehouse/text.hpp>

#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse {
inline namespace sdk_1_0_draft_2 {

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

}  // namespace sdk_1_0_draft_2
}  // namespace gatehouse
