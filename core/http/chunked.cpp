#include <algorithm>
#include <limits>

#include "http/parser.hpp"
#include "http/scan.hpp"

namespace gatehouse::http {
namespace {

constexpr std::uint8_t kMaxSizeDigits = 16;
// Extensions are paid for by payload: who sends many of them around little data is refused.
constexpr std::uint32_t kMaxOverhead = 16384;

/// Names that frame, route or authorize a message come too late in a trailer (RFC 9110, 6.5.1).
bool may_trail(const Header& line) noexcept {
  switch (line.id) {
    case HeaderId::Authorization:
    case HeaderId::ContentLength:
    case HeaderId::Cookie:
    case HeaderId::Expect:
    case HeaderId::Forwarded:
    case HeaderId::Host:
    case HeaderId::XForwardedFor:
    case HeaderId::XForwardedHost:
    case HeaderId::XForwardedPort:
    case HeaderId::XForwardedProto:
      return false;
    default:
      return !is_hop_by_hop(line);
  }
}

}  // namespace

void ChunkedDecoder::reset() noexcept {
  expect_ = Expect::SizeFirst;
  digits_ = 0;
  trailer_lines_ = 0;
  overhead_ = line_start_ = name_size_ = 0;
  left_ = 0;
  trailer_.clear();
  fault_ = {};
}

ChunkedDecoder::State ChunkedDecoder::next(std::string_view bytes, std::size_t& used, std::size_t& size) {
  used = size = 0;
  while (expect_ != Expect::Broken && expect_ != Expect::Done) {
    if (used == bytes.size()) return State::NeedMore;
    if (expect_ == Expect::Data && left_ != 0) {
      size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - used));
      return State::Data;
    }
    if (!step(bytes[used])) break;
    ++used;
  }
  return expect_ == Expect::Done ? State::End : State::Refused;
}

bool ChunkedDecoder::broken(std::string_view why) noexcept {
  expect_ = Expect::Broken;
  fault_ = why;
  return false;
}

bool ChunkedDecoder::step(char c) {
  switch (expect_) {
    case Expect::SizeFirst:
    case Expect::Size:
      return step_size(c);
    case Expect::SizeLf:
      return c == '\n' ? end_size_line() : broken("bare CR in a chunk's size line");
    case Expect::Data:
      if (c != '\r') return broken("chunk longer than its size");
      expect_ = Expect::DataLf;
      return true;
    case Expect::DataLf:
      if (c != '\n') return broken("bare CR behind a chunk");
      expect_ = Expect::SizeFirst;
      return true;
    case Expect::TrailerFirst:
    case Expect::TrailerName:
    case Expect::TrailerValue:
      return step_trailer(c);
    case Expect::TrailerLf:
      return c == '\n' ? end_trailer_line() : broken("bare CR in a trailer line");
    case Expect::EndLf:
      if (c != '\n') return broken("bare CR in a trailer line");
      expect_ = Expect::Done;
      return true;
    default:
      return step_extension(c);
  }
}

bool ChunkedDecoder::step_size(char c) {
  const int digit = base::hex_value(c);
  if (expect_ == Expect::SizeFirst) {
    if (digit < 0) return broken("bad chunk size");
    left_ = 0;
    digits_ = 0;
    expect_ = Expect::Size;
  }
  if (digit >= 0) {
    if (++digits_ > kMaxSizeDigits) return broken("chunk size too long");
    left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
    return true;
  }
  if (left_ > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return broken("chunk too large");
  if (c == '\r')
    expect_ = Expect::SizeLf;
  else if (c == ';')
    expect_ = Expect::ExtensionNameFirst;
  else
    return broken("bad chunk size");
  return true;
}

bool ChunkedDecoder::step_extension(char c) {
  constexpr std::string_view kBad = "bad chunk extension";
  if (++overhead_ > kMaxOverhead) return broken("too many chunk extensions");
  switch (expect_) {
    case Expect::ExtensionNameFirst:
    case Expect::ExtensionValueFirst:
      if (c == '"' && expect_ == Expect::ExtensionValueFirst)
        expect_ = Expect::ExtensionQuoted;
      else if (!scan::is_token_byte(c))
        return broken(kBad);
      else
        expect_ = expect_ == Expect::ExtensionNameFirst ? Expect::ExtensionName : Expect::ExtensionValue;
      return true;
    case Expect::ExtensionQuoted:
      if (scan::is_control(c)) return broken(kBad);
      if (c == '"') expect_ = Expect::ExtensionEnd;
      if (c == '\\') expect_ = Expect::ExtensionEscape;
      return true;
    case Expect::ExtensionEscape:
      if (scan::is_control(c)) return broken(kBad);
      expect_ = Expect::ExtensionQuoted;
      return true;
    default:
      break;
  }
  if (c == '\r')
    expect_ = Expect::SizeLf;
  else if (c == ';')
    expect_ = Expect::ExtensionNameFirst;
  else if (c == '=' && expect_ == Expect::ExtensionName)
    expect_ = Expect::ExtensionValueFirst;
  else if (!scan::is_token_byte(c) || expect_ == Expect::ExtensionEnd)
    return broken(kBad);
  return true;
}

bool ChunkedDecoder::end_size_line() {
  expect_ = left_ == 0 ? Expect::TrailerFirst : Expect::Data;
  overhead_ -= static_cast<std::uint32_t>(std::min<std::uint64_t>(overhead_, left_));
  return true;
}

bool ChunkedDecoder::keep_trailer(char c) {
  if (trailer_.size() >= kMaxTrailerBytes) return broken("trailer too long");
  trailer_.push_back(c);
  return true;
}

bool ChunkedDecoder::step_trailer(char c) {
  switch (expect_) {
    case Expect::TrailerFirst:
      if (c == '\r') {
        expect_ = Expect::EndLf;
        return true;
      }
      if (!scan::is_token_byte(c)) return broken("bad trailer line");
      if (++trailer_lines_ > kMaxTrailerLines) return broken("too many trailer lines");
      line_start_ = static_cast<std::uint32_t>(trailer_.size());
      expect_ = Expect::TrailerName;
      return keep_trailer(c);
    case Expect::TrailerName:
      if (c == ':') {
        name_size_ = static_cast<std::uint32_t>(trailer_.size()) - line_start_;
        expect_ = Expect::TrailerValue;
      } else if (!scan::is_token_byte(c)) {
        return broken("bad trailer line");
      }
      return keep_trailer(c);
    default:
      if (c == '\r')
        expect_ = Expect::TrailerLf;
      else if (scan::is_control(c))
        return broken("control byte or bare LF in a trailer line");
      return keep_trailer(c);
  }
}

bool ChunkedDecoder::end_trailer_line() {
  if (!keep_trailer('\n')) return false;
  const std::string_view name = std::string_view(trailer_).substr(line_start_, name_size_);
  if (!may_trail({name, {}, header_id(name), false})) return broken("header that must not stand in a trailer");
  expect_ = Expect::TrailerFirst;
  return true;
}

void read_trailers(std::string_view bytes, Headers& out) noexcept {
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, bytes.find('\r'));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !out.add(line.substr(0, colon), base::trim(line.substr(colon + 1)))) return;
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 2));
  }
}

}  // namespace gatehouse::http
