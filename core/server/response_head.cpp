#include "server/response_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <ctime>

#include "base/text.hpp"

namespace gatehouse::server {
namespace {

// RFC 9110, 5.6.2: 1 for a byte of a token.
constexpr auto kToken = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 128; ++c) table[static_cast<std::size_t>(c)] = base::is_digit(static_cast<char>(c));
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = table[static_cast<std::size_t>(c - 32)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<std::size_t>(c)] = true;
  return table;
}();

bool is_token(std::string_view text) noexcept {
  bool good = !text.empty();
  for (const char c : text) good = good && kToken[static_cast<unsigned char>(c)];
  return good;
}

bool is_control(unsigned char c) noexcept {
  return (c < 0x20 && c != '\t') || c == 0x7F;
}

bool is_value(std::string_view text) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  const char* const at = text.data();
  const std::size_t size = text.size();
  // The high bit of a byte says: below 0x20, or 0x7F. A borrow can only mark too much, and HTAB is marked, too: then
  // the bytes are looked at one by one.
  const auto suspect = [at](std::size_t from) {
    std::uint64_t word;
    std::memcpy(&word, at + from, 8);
    const std::uint64_t del = word ^ (kOnes * 0x7F);
    return (((word - kOnes * 0x20) & ~word) | ((del - kOnes) & ~del)) & kHigh;
  };
  if (size >= 8) {
    std::uint64_t found = suspect(size - 8);
    for (std::size_t from = 0; from + 8 < size; from += 8) found |= suspect(from);
    if (found == 0) return true;
  }
  return std::none_of(text.begin(), text.end(), [](char c) { return is_control(static_cast<unsigned char>(c)); });
}

bool is_line(const http::Header& line) noexcept {
  return is_token(line.name) && is_value(line.value);
}

bool is_number(std::string_view text) noexcept {
  for (const char c : text)
    if (!base::is_digit(c)) return false;
  return !text.empty() && text.size() <= 19;
}

class Writer {
 public:
  explicit Writer(char* at) noexcept : at_(at) {}
  void text(std::string_view t) noexcept {
    std::memcpy(at_, t.data(), t.size());
    at_ += t.size();
  }
  void number(std::int64_t n) noexcept { at_ = std::to_chars(at_, at_ + 20, n).ptr; }
  void line(std::string_view name, std::string_view value) noexcept {
    text(name);
    *at_++ = ':';
    *at_++ = ' ';
    text(value);
    *at_++ = '\r';
    *at_++ = '\n';
  }
  char* at() const noexcept { return at_; }

 private:
  char* at_;
};

// Everything that is not a header line of the handler's: status line, date, framing and the blank line.
constexpr std::size_t kFixed = 256;

}  // namespace

bool is_writable(const http::ResponseHead& head) noexcept {
  if (head.status < 200 || head.status > 999 || !is_value(head.reason)) return false;
  for (const http::Header& line : head.headers.all())
    if (!is_line(line)) return false;
  return true;
}

net::Buffer build_head(const http::ResponseHead& head, const HeadFraming& framing, net::BufferPool& pool) {
  std::size_t size = kFixed + head.reason.size() + framing.server_name.size();
  for (const http::Header& line : head.headers.all()) size += line.name.size() + line.value.size() + 4;
  net::Buffer out = pool.acquire(size);
  Writer to(out.bytes());
  to.text("HTTP/1.1 ");
  to.number(head.status);
  to.text(" ");
  to.text(head.reason.empty() ? http::reason_phrase(head.status) : head.reason);
  to.text("\r\n");
  bool dated = false;
  bool named = framing.server_name.empty();
  bool length_kept = false;
  for (const http::Header& line : head.headers.all()) {
    if (http::is_hop_by_hop(line)) continue;
    if (line.id == http::HeaderId::ContentLength) {
      if (!framing.keep_given_length || length_kept || !is_number(line.value)) continue;
      length_kept = true;
    }
    dated = dated || line.id == http::HeaderId::Date;
    named = named || line.id == http::HeaderId::Server;
    to.line(line.name, line.value);
  }
  if (!dated) to.text(framing.date_line);
  if (!named) to.line("Server", framing.server_name);
  if (framing.chunked) {
    to.text("Transfer-Encoding: chunked\r\n");
  } else if (framing.content_length >= 0 && !length_kept) {
    to.text("Content-Length: ");
    to.number(framing.content_length);
    to.text("\r\n");
  }
  if (!framing.connection.empty()) to.line("Connection", framing.connection);
  to.text("\r\n");
  out.filled(static_cast<std::size_t>(to.at() - out.bytes()));
  return out;
}

bool append_line(net::Buffer& out, const http::Header& line) noexcept {
  if (!is_line(line) || out.room().size() < line.name.size() + line.value.size() + 4) return false;
  Writer to(out.room().data());
  to.line(line.name, line.value);
  out.filled(static_cast<std::size_t>(to.at() - out.room().data()));
  return true;
}

std::string_view DateLine::at(std::int64_t unix_ms) noexcept {
  const std::int64_t second = unix_ms / 1000;
  if (second != second_) {
    static constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
    static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    second_ = second;
    const std::time_t when = second;
    std::tm parts{};
    ::gmtime_r(&when, &parts);
    char* at = text_;
    const auto put = [&at](std::string_view text) {
      std::memcpy(at, text.data(), text.size());
      at += text.size();
    };
    const auto two = [&at](int n) {
      *at++ = static_cast<char>('0' + n / 10 % 10);
      *at++ = static_cast<char>('0' + n % 10);
    };
    put("Date: ");
    put(kDays.substr(static_cast<std::size_t>(parts.tm_wday) * 3, 3));
    put(", ");
    two(parts.tm_mday);
    put(" ");
    put(kMonths.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3));
    put(" ");
    two((parts.tm_year + 1900) / 100);
    two(parts.tm_year % 100);
    put(" ");
    two(parts.tm_hour);
    put(":");
    two(parts.tm_min);
    put(":");
    two(parts.tm_sec);
    put(" GMT\r\n");
  }
  return {text_, 37};
}

}  // namespace gatehouse::server
