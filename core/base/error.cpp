#include "base/error.hpp"

namespace gatehouse {

std::string Where::text() const {
  std::string out = file;
  if (line != 0) {
    if (!out.empty()) out += ':';
    out += std::to_string(line);
    if (column != 0) out += ':' + std::to_string(column);
  }
  return out;
}

std::string Error::what() const {
  const std::string place = where.text();
  return place.empty() ? text : place + ": " + text;
}

std::string_view name(Code code) noexcept {
  switch (code) {
    case Code::Invalid:
      return "invalid";
    case Code::NotFound:
      return "not_found";
    case Code::Conflict:
      return "conflict";
    case Code::Unsupported:
      return "unsupported";
    case Code::Limit:
      return "limit";
    case Code::Refused:
      return "refused";
    case Code::Timeout:
      return "timeout";
    case Code::Unavailable:
      return "unavailable";
    case Code::Io:
      return "io";
    case Code::Internal:
      return "internal";
  }
  return "internal";
}

}  // namespace gatehouse
