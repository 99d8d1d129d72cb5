#include "conformance/script.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "plugin/json.hpp"

namespace gatehouse::conformance {
namespace {

using plugin::Json;

struct Failure {
  std::string_view name;
  std::int32_t status;
};
constexpr Failure kFailures[] = {{"dns", GH_E_DNS}, {"address_refused", GH_E_ADDRESS}, {"connect", GH_E_CONNECT},
                                 {"tls", GH_E_TLS}, {"timeout", GH_E_TIMEOUT},         {"too_large", GH_E_TOO_LARGE}};
constexpr std::size_t kMostReplies = 1000;

tl::unexpected<Error> wrong(std::size_t index, const std::string& what) {
  return fail(Code::Invalid, "reply " + std::to_string(index + 1) + ": " + what);
}

Result<Pairs> read_headers(const Json& headers, std::size_t index) {
  Pairs out;
  for (std::size_t i = 0; i < headers.children.size(); ++i) {
    const Json& value = headers.children[i];
    const std::string name = base::lower(headers.names[i]);
    if (value.kind == Json::Kind::String)
      out.emplace_back(name, value.text);
    else if (value.kind == Json::Kind::Array)
      for (const Json& one : value.children) {
        if (one.kind != Json::Kind::String) return wrong(index, "header `" + name + "` is no text");
        out.emplace_back(name, one.text);
      }
    else
      return wrong(index, "header `" + name + "` is no text and no list of texts");
  }
  return out;
}

Result<Script::Reply> read_reply(const Json& json, std::size_t index) {
  if (json.kind != Json::Kind::Object) return wrong(index, "is no object: {\"url\": ..., \"status\": ...}");
  Script::Reply out;
  bool has_error = false;
  for (std::size_t i = 0; i < json.names.size(); ++i) {
    const std::string& name = json.names[i];
    const Json& value = json.children[i];
    const bool is_text = value.kind == Json::Kind::String;
    if (name == "method" && is_text) {
      out.method = value.text;
    } else if (name == "url" && is_text) {
      out.url = value.text;
    } else if (name == "status" && value.kind == Json::Kind::Number) {
      const auto status = base::parse_integer<std::int32_t>(value.text);
      if (!status || *status < 200 || *status > 599) return wrong(index, "`status` is not from 200 to 599");
      out.status = *status;
    } else if (name == "headers" && value.kind == Json::Kind::Object) {
      auto headers = read_headers(value, index);
      if (!headers) return tl::unexpected(headers.error());
      out.headers = std::move(*headers);
    } else if (name == "body") {
      if (is_text)
        out.body = value.text;
      else
        plugin::append_json(out.body, value);
    } else if (name == "error" && is_text) {
      const auto* const known = std::find_if(std::begin(kFailures), std::end(kFailures),
                                             [&](const Failure& f) { return f.name == value.text; });
      if (known == std::end(kFailures))
        return wrong(index,
                     "unknown error `" + value.text + "`: dns, address_refused, connect, tls, timeout or too_large");
      out.status = known->status;
      has_error = true;
    } else {
      return wrong(index,
                   "`" + name + "` is unknown here or of the wrong kind: method, url, status, headers, body, error");
    }
  }
  if (out.url.empty()) return wrong(index, "`url` is missing");
  if (out.status == 0) return wrong(index, "it has neither `status` nor `error`");
  if (has_error && (json.member("status") != nullptr || !out.headers.empty() || json.member("body") != nullptr))
    return wrong(index, "an `error` is no response: it has no status, headers or body");
  return out;
}

}  // namespace

Result<Script> Script::parse(std::string_view json) {
  Script out;
  if (json.empty()) return out;
  auto list = plugin::parse_json(json);
  if (!list) return tl::unexpected(list.error());
  if (list->kind != Json::Kind::Array) return fail(Code::Invalid, "it is no list of replies: [{\"url\": ...}]");
  if (list->children.size() > kMostReplies)
    return fail(Code::Limit, "more than " + std::to_string(kMostReplies) + " replies");
  for (std::size_t i = 0; i < list->children.size(); ++i) {
    auto reply = read_reply(list->children[i], i);
    if (!reply) return tl::unexpected(reply.error());
    out.replies_.push_back(std::move(*reply));
  }
  return out;
}

const Script::Reply* Script::find(std::string_view method, std::string_view url) const noexcept {
  for (const Reply& r : replies_) {
    if (!r.method.empty() && r.method != method) continue;
    const std::string_view wanted = r.url;
    if (wanted == url || (wanted.ends_with('*') && url.starts_with(wanted.substr(0, wanted.size() - 1)))) return &r;
  }
  return nullptr;
}

std::string_view error_name(std::int32_t status) noexcept {
  for (const Failure& f : kFailures)
    if (f.status == status) return f.name;
  return {};
}

}  // namespace gatehouse::conformance
