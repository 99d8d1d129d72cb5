#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::conformance {

/// What a check and its process say to each other through pipes: a letter, the length of a text, the text.
struct Record {
  static constexpr std::size_t kMost = std::size_t{16} << 20;
  char what = 0;
  std::string text;
};
constexpr char kSettings = 's';
constexpr char kHttp = 'h';     // a Script
constexpr char kAt = 'a';       // how far it has come
constexpr char kFetched = 'f';  // method, URL and answer, each in a line
constexpr char kVerdict = 'v';  // its kind as a digit, then its text

/// The descriptor on which a process reports.
constexpr int kReport = 3;

void write_record(int fd, char what, std::string_view text);

/// Takes whole records off the front of what was read. A text that would be longer than any is `broken`.
class Records {
 public:
  void add(std::string_view bytes) { bytes_ += bytes; }
  bool next(Record& out);
  bool broken() const noexcept { return broken_; }

 private:
  std::string bytes_;
  bool broken_ = false;
};

}  // namespace gatehouse::conformance
