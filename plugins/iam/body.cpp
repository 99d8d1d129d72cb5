#include "body.hpp"

#include <algorithm>
#include <string_view>

namespace gatehouse::iam {

namespace {

bool is(std::string_view given, std::string_view lower) noexcept {
  return given.size() == lower.size() && std::equal(given.begin(), given.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b;
         });
}

/// Only what says something of the connection itself.
bool names_no_header(std::string_view value) noexcept {
  for (std::size_t at = 0; at <= value.size();) {
    std::string_view option = value.substr(at, value.find(',', at) - at);
    at += option.size() + 1;
    while (!option.empty() && (option.front() == ' ' || option.front() == '\t')) option.remove_prefix(1);
    while (!option.empty() && (option.back() == ' ' || option.back() == '\t')) option.remove_suffix(1);
    if (!option.empty() && !is(option, "close") && !is(option, "keep-alive") && !is(option, "upgrade")) return false;
  }
  return true;
}

}  // namespace

bool may_have_body(const Request& request) {
  if (request.http_version().substr(0, 2) != "1.") return true;
  const Fields headers = request.headers();
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers[i];
    if (name == "transfer-encoding") return true;
    if (name == "content-length" && value != "0") return true;
    if (name == "connection" && !names_no_header(value)) return true;
  }
  return false;
}

}  // namespace gatehouse::iam
