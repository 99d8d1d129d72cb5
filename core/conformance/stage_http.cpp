// gatehouse.http/1 of the stage: a script, no network.
#include <algorithm>
#include <cstring>

#include "conformance/stage.hpp"
#include "plugin/service_http.hpp"

namespace gatehouse::conformance {
namespace {

constexpr std::size_t kMostTold = 32;

std::string_view view(const gh_str& s) {
  return s.ptr == nullptr ? std::string_view() : std::string_view(s.ptr, s.len);
}
gh_str text(const std::string& s) {
  return {s.data(), s.size()};
}

std::string answer_of(const Script::Reply& reply) {
  if (reply.status > 0) return std::to_string(reply.status);
  return reply.status == GH_E_REFUSED ? "refused" : std::string(error_name(reply.status));
}

void call_back(gh_http_fn done, void* user, const Script::Reply& reply, std::int32_t code, std::uint32_t worker) {
  static constexpr char kGone[] = "nobody waits for it any more";
  static constexpr char kScripted[] = "a failure of the check's script";
  gh_http_response r{};
  r.struct_size = sizeof r;
  r.status = code != GH_OK ? code : reply.status;
  std::vector<gh_kv> headers;
  if (code != GH_OK) {
    r.error = {kGone, sizeof kGone - 1};
  } else if (r.status < 0) {
    r.url = text(reply.url);
    r.error = {kScripted, sizeof kScripted - 1};
  } else {
    for (const auto& [name, value] : reply.headers) headers.push_back({text(name), text(value)});
    r.headers = {headers.data(), headers.size()};
    r.body = text(reply.body);
    r.url = text(reply.url);
  }
  done(user, &r, worker);
}

}  // namespace

void Stage::answer_fetches(Script script, std::function<void(const Fetched&)> told) {
  script_ = std::move(script);
  told_ = std::move(told);
}

std::string Stage::failed_fetch() const {
  const std::lock_guard lock(mutex_);
  return failed_fetch_;
}

void Stage::tell(const Fetched& fetched, bool failed) {
  const std::lock_guard lock(mutex_);
  const std::string key = fetched.method + " " + fetched.url;
  if (failed && failed_fetch_.empty()) failed_fetch_ = key + " was answered by " + fetched.answer;
  if (fetched_.size() >= kMostTold || std::find(fetched_.begin(), fetched_.end(), key) != fetched_.end()) return;
  fetched_.push_back(key);
  if (told_) told_(fetched);
}

Script::Reply Stage::reply_to(const gh_http_request& given, const client::FetchRequest& request) {
  Script::Reply out;
  const std::string method(view(given.method)), url = request.url.text();
  if (services_ == Services::Fail) {
    out.status = GH_E_CONNECT;
    return out;
  }
  const Script::Reply* scripted = script_.find(method, view(given.url));
  if (scripted == nullptr) scripted = script_.find(method, url);
  std::string note;
  if (!request.url.https && (given.flags & GH_FETCH_ALLOW_HTTP) == 0) {
    out.status = GH_E_REFUSED;  // whatever the operator grants
    note = ", since it lacks GH_FETCH_ALLOW_HTTP";
  } else if (scripted == nullptr) {
    out.status = GH_E_CONNECT;
    note = ", for want of a reply";
  } else if (scripted->body.size() > request.max_body_bytes) {
    out.status = GH_E_TOO_LARGE;
    note = ", above its max_response_bytes";
  } else {
    out = *scripted;
    if (request.method == http::Method::Head) out.body.clear();
  }
  out.url = url;
  tell({method, url.substr(0, 1000), answer_of(out) + note}, out.status < 200 || out.status > 299);
  return out;
}

std::int32_t Stage::fetch(const gh_http_request* given, gh_http_fn done, void* user) {
  const auto request = plugin::read_fetch(given);
  if (!request || done == nullptr) return GH_E_INVALID;
  if (refusal() != GH_OK) return refusal();
  later(given->call_id, {}, false, GH_OK,
        [done, user, reply = reply_to(*given, *request)](std::int32_t code, std::uint32_t worker) {
          call_back(done, user, reply, code, worker);
        });
  return GH_OK;
}

}  // namespace gatehouse::conformance
