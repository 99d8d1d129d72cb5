#include "conformance/records.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::conformance {

void write_record(int fd, char what, std::string_view text) {
  std::string record(1, what);
  const auto size = static_cast<std::uint32_t>(text.size());
  record.append(reinterpret_cast<const char*>(&size), sizeof size);
  record += text;
  for (std::string_view rest = record; !rest.empty();) {
    const ssize_t n = ::write(fd, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool Records::next(Record& out) {
  std::uint32_t size = 0;
  constexpr std::size_t kHead = 1 + sizeof size;
  if (broken_ || bytes_.size() < kHead) return false;
  std::memcpy(&size, bytes_.data() + 1, sizeof size);
  broken_ = size > Record::kMost;
  if (broken_ || bytes_.size() - kHead < size) return false;
  out.what = bytes_.front();
  out.text = bytes_.substr(kHead, size);
  bytes_.erase(0, kHead + size);
  return true;
}

}  // namespace gatehouse::conformance
