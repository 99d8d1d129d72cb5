#pragma once
#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "http/parser.hpp"

/// Feeding a parser as a network would.
namespace gatehouse::http::testing_feed {

struct Verdict {
  ParseState state = ParseState::NeedMore;
  ParseFault fault;
  std::size_t fed = 0;  // bytes that had come when the verdict fell
};

template <class Parser, class Head>
Verdict whole(std::string_view bytes, Head& head, const HeadLimits& limits = {}) {
  Parser parser;
  Verdict v;
  v.state = parser.parse(bytes, limits, head, v.fault);
  v.fed = bytes.size();
  return v;
}

/// In steps of `step` bytes, the first of `first`. Each call sees a new buffer and a new head, so a view that was kept
/// from an earlier call would be found by ASan. The last buffer is kept in `last`, as `head` views it.
template <class Parser, class Head>
Verdict in_steps(std::string_view bytes, std::size_t first, std::size_t step, Head& head,
                 std::unique_ptr<std::string>& last, const HeadLimits& limits = {}) {
  Parser parser;
  Verdict v;
  for (v.fed = std::min(first, bytes.size());; v.fed = std::min(v.fed + step, bytes.size())) {
    last = std::make_unique<std::string>(bytes.substr(0, v.fed));
    head = Head();
    v.state = parser.parse(*last, limits, head, v.fault);
    if (v.state != ParseState::NeedMore || v.fed == bytes.size()) return v;
  }
}

inline std::string get(std::string_view lines) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
}
inline std::string line(std::string_view request_line) {
  return std::string(request_line) + "\r\nHost: a\r\n\r\n";
}

/// A head that is refused.
struct Refused {
  const char* name;
  std::string head;
  int status;
};
inline void PrintTo(const Refused& c, std::ostream* out) {
  *out << c.name;
}

}  // namespace gatehouse::http::testing_feed
