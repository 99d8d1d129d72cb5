#include "http/parser.hpp"
#include "http/scan.hpp"

namespace gatehouse::http {

bool HeadResume::worth_judging(std::string_view bytes, std::size_t head_bytes) noexcept {
  if (judged_ == 0 || bytes.size() >= 2 * std::size_t{judged_} || bytes.size() >= head_bytes) return true;
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* at = begin + scanned_;
  while ((at = scan::find_control(at, end, begin)) != end) {
    // A LF behind a CR is looked at from the CR, so one that is met here is alone unless the scan began behind its CR.
    if (*at == '\n' && at != begin && at[-1] == '\r') {
      ++at;
      continue;
    }
    if (*at != '\r') return true;
    if (end - at < 2) break;
    if (at[1] != '\n' || !line_seen_) return true;
    if (end - at < 3) break;
    if (at[2] == '\r') {
      if (end - at < 4) break;
      return true;
    }
    at += 2;
  }
  scanned_ = static_cast<std::uint32_t>(at - begin);
  return false;
}

void HeadResume::judged(std::string_view bytes) noexcept {
  judged_ = static_cast<std::uint32_t>(bytes.size());
  // The last three bytes may be the beginning of the end of the head.
  scanned_ = judged_ > 3 ? judged_ - 3 : 0;
  line_seen_ = line_seen_ || bytes.find('\n') != std::string_view::npos;
}

}  // namespace gatehouse::http
