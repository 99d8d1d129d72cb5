#include "integration/request_parameters.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "integration/headers.hpp"

namespace gatehouse::integration {
namespace {

using access::ApiType;

/// AT-95.
constexpr std::array<std::string_view, 20> kHttpNames{"authorization",
                                                      "connection",
                                                      "content-encoding",
                                                      "content-length",
                                                      "content-location",
                                                      "forwarded",
                                                      "keep-alive",
                                                      "origin",
                                                      "proxy-authenticate",
                                                      "proxy-authorization",
                                                      "te",
                                                      "trailer",
                                                      "trailers",
                                                      "transfer-encoding",
                                                      "upgrade",
                                                      "via",
                                                      "x-forwarded-for",
                                                      "x-forwarded-host",
                                                      "x-forwarded-proto",
                                                      "x-forwarded-port"};
constexpr std::array<std::string_view, 4> kHttpPrefixes{"access-control-", "apigw-", "x-amz-", "x-amzn-"};

/// RFC 9110, 5.6.2.
bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const char l = base::to_lower(c);
    return base::is_digit(c) || (l >= 'a' && l <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_refused_by_aws(std::string_view name) {
  const std::string lower = base::lower(name);
  return std::find(kHttpNames.begin(), kHttpNames.end(), lower) != kHttpNames.end() ||
         std::any_of(kHttpPrefixes.begin(), kHttpPrefixes.end(),
                     [&](std::string_view prefix) { return lower.starts_with(prefix); });
}

}  // namespace

Result<void> RequestParameters::add(ApiType type, std::string_view target, std::string_view value,
                                    const std::vector<std::string>& path_parameters) {
  struct Form {
    std::string_view prefix;
    Action action;
    bool rest;
  };
  static constexpr std::array<Form, 4> kForms{{{"integration.request.header.", Action::Overwrite, true},
                                               {"overwrite:header.", Action::Overwrite, false},
                                               {"append:header.", Action::Append, false},
                                               {"remove:header.", Action::Remove, false}}};
  const bool rest = type == ApiType::Rest;
  const std::string shown = "request parameter `" + std::string(target.substr(0, 200)) + "`";
  const auto bad = [&](const std::string& why) { return fail(Code::Invalid, shown + " " + why); };
  const auto form = std::find_if(kForms.begin(), kForms.end(),
                                 [&](const Form& one) { return one.rest == rest && target.starts_with(one.prefix); });
  if (form == kForms.end())
    return bad(rest ? "is none that a REST API has here: write `integration.request.header.NAME`; paths and queries "
                      "are not mapped"
                    : "is none that an HTTP API has here: write `overwrite:header.NAME`, `append:header.NAME` or "
                      "`remove:header.NAME`; paths and queries are not mapped");
  Entry entry;
  entry.action = form->action;
  entry.name = target.substr(form->prefix.size());
  entry.id = http::header_id(entry.name);
  if (!is_token(entry.name)) return bad("has no header name behind `" + std::string(form->prefix) + "`");
  if (is_header_of_the_gateway(entry.name, rest, form->action == Action::Append))
    return bad("names a header that the gateway writes or judges itself");
  if (!rest && is_refused_by_aws(entry.name)) return bad("names a header that HTTP APIs cannot map");
  for (const Entry& other : entries_)
    if (same_header_to_cgi(other.name, entry.name))
      return bad("is another for `" + other.name + "`: upstreams behind CGI cannot tell them apart");
  if (entries_.size() == kMost) return bad("is one too many: at most " + std::to_string(kMost) + " are possible");
  if (form->action == Action::Remove) {
    if (!value.empty() && value != "''") return bad("takes no value: write `''`");
  } else {
    auto read = MappedValue::parse(type, value, path_parameters);
    if (!read) return bad("has a value that it cannot have: " + read.error().text);
    entry.value = std::move(*read);
  }
  entries_.push_back(std::move(entry));
  return {};
}

bool RequestParameters::use_authorizer() const noexcept {
  return std::any_of(entries_.begin(), entries_.end(), [](const Entry& one) { return one.value.is_of_authorizer(); });
}

bool RequestParameters::keep_out(const http::Header& header) const noexcept {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& one) {
    if (one.action == Action::Append && base::equal_ignoring_case(header.name, one.name)) return false;
    return same_header_to_cgi(header.name, one.name);
  });
}

bool RequestParameters::append(const access::Facts& facts, const access::Answer& identity, base::Arena& arena,
                               http::Headers& out, std::string_view& why) const {
  for (const Entry& one : entries_) {
    if (one.action == Action::Remove) continue;
    const auto value = one.value.resolve(facts, identity, arena);
    if (!value) {
      why = arena.join({"what the authorizer said for header `", one.name, "` cannot stand in a header"});
      return false;
    }
    if (value->empty()) continue;
    if (!out.add({one.name, *value, one.id, false, false})) {
      why = "more header lines than can be forwarded";
      return false;
    }
  }
  return true;
}

}  // namespace gatehouse::integration
