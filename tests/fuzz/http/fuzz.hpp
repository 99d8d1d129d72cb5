#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "http/parser.hpp"

/// What the targets of this room share.
namespace gatehouse::http::fuzz {

inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Bytes on the heap without slack, so that ASan sees each read past them.
class Exact {
 public:
  explicit Exact(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
    bytes.copy(bytes_.get(), size_);
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

inline bool inside(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

inline void check_lines(const Headers& headers, std::string_view whole, std::size_t limit) {
  check(headers.size() <= limit, "no more lines than the limit");
  for (const Header& h : headers) {
    check(!h.name.empty() && inside(h.name, whole) && inside(h.value, whole), "views point into the bytes");
    check(h.id == header_id(h.name), "the id is the name's");
    for (const char c : h.value) check(c != '\r' && c != '\n' && c != '\0', "a value holds no line end and no NUL");
  }
}

/// Whole, in two parts at a place that the first bytes choose, and byte by byte: the verdict is the same.
template <class Parser, class Head, class CheckHead>
void judge_head(const std::uint8_t* data, std::size_t size, CheckHead check_head) {
  if (size < 2) return;
  const std::size_t choice = static_cast<std::size_t>(data[0]) << 8 | data[1];
  const Exact bytes({reinterpret_cast<const char*>(data) + 2, size - 2});
  const HeadLimits limits{64 + static_cast<std::uint32_t>(choice % 64), 512, 16};

  Head head;
  ParseFault fault;
  Parser parser;
  const ParseState whole = parser.parse(bytes.view(), limits, head, fault);
  if (whole == ParseState::Complete) {
    check(head.head_bytes <= bytes.view().size() && head.head_bytes <= limits.head_bytes, "head_bytes");
    check_lines(head.headers, bytes.view(), limits.header_count);
    check(!(head.chunked && head.content_length >= 0), "one framing");
    check_head(head, bytes.view());
  }
  if (whole == ParseState::Refused) check(fault.status >= 400 && !fault.what.empty(), "a refusal says why");

  for (const std::size_t step : {bytes.view().size(), std::size_t{1}}) {
    Parser again;
    Head other;
    ParseFault other_fault;
    ParseState state = ParseState::NeedMore;
    std::size_t fed = bytes.view().empty() ? 0 : choice % bytes.view().size();
    for (;;) {
      const Exact part(bytes.view().substr(0, fed));
      state = again.parse(part.view(), limits, other, other_fault);
      if (state != ParseState::NeedMore || fed == bytes.view().size()) break;
      fed = step == 1 ? fed + 1 : bytes.view().size();
    }
    if (whole == ParseState::Refused && state == ParseState::NeedMore) {
      const Exact ended(std::string(bytes.view()) + "\r\n\r\n");
      state = again.parse(ended.view(), limits, other, other_fault);
    }
    check(state == whole, "the verdict does not depend on how the bytes arrive");
    if (whole == ParseState::Refused)
      check(fault.what == other_fault.what && fault.status == other_fault.status, "nor does the reason");
    if (whole == ParseState::Complete) {
      check(head.head_bytes == other.head_bytes && head.headers.size() == other.headers.size() &&
                head.content_length == other.content_length && head.chunked == other.chunked &&
                head.keep_alive == other.keep_alive,
            "nor does what was read");
    }
  }
}

}  // namespace gatehouse::http::fuzz
