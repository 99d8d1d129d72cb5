#include <gatehouse/abi.h>
#include <gatehouse/kit/sigv4/encode.hpp>
#include <gatehouse/kit/sigv4/path.hpp>

#include "hex.hpp"

namespace gatehouse::kit::sigv4 {

namespace {

/// Reads a path as http::Target normalises escapes: those of unreserved characters decoded, the others in upper case.
class Escapes {
 public:
  explicit Escapes(std::string_view path) noexcept : path_(path) {}
  /// The next byte; -1 at the end.
  int next() noexcept {
    if (pending_ > 0) {
      const char digit = path_[at_ - pending_--];
      return digit >= 'a' && digit <= 'f' ? digit - 'a' + 'A' : static_cast<unsigned char>(digit);
    }
    if (at_ >= path_.size()) return -1;
    if (path_[at_] != '%' || at_ + 2 >= path_.size() || hex_digit(path_[at_ + 1]) < 0 || hex_digit(path_[at_ + 2]) < 0)
      return static_cast<unsigned char>(path_[at_++]);
    const char byte = escaped_byte(path_, at_);
    at_ += 3;
    if (is_unreserved(byte)) return byte;
    pending_ = 2;
    return '%';
  }

 private:
  std::string_view path_;
  std::size_t at_ = 0;
  std::size_t pending_ = 0;  // hex digits before at_ that are still to be given
};

bool is_same(std::string_view signed_path, std::string_view routed, bool collapse) noexcept {
  Escapes given(signed_path);
  for (std::size_t i = 0; i < routed.size(); ++i) {
    if (collapse && i > 0 && routed[i] == '/' && routed[i - 1] == '/') continue;
    if (given.next() != static_cast<unsigned char>(routed[i])) return false;
  }
  return given.next() < 0;
}

}  // namespace

void append_canonical_path(std::string& out, std::string_view wire_path) {
  if (wire_path.empty())
    out += '/';
  else
    append_encoded(out, wire_path, true);
}

bool normalise_as_signers_do(std::string_view path, std::string& out) {
  // Most paths have neither, and are looked at once.
  bool changes = false;
  for (std::size_t at = path.find('/'); at != std::string_view::npos && !changes; at = path.find('/', at + 1)) {
    const std::string_view rest = path.substr(at + 1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    changes = (segment.empty() && !rest.empty()) || segment == "." || segment == "..";
  }
  if (!changes) return false;
  out.clear();
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = path.find('/', at), end = slash == std::string_view::npos ? path.size() : slash;
    const std::string_view segment = path.substr(at, end - at);
    at = end + 1;
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      const std::size_t last = out.rfind('/');
      out.resize(last == std::string::npos ? 0 : last);
    } else {
      (out += '/') += segment;
    }
  }
  if (out.empty() || path.back() == '/') out += '/';
  return true;
}

std::optional<std::uint32_t> form_of(std::string_view signed_path, std::string_view routed) noexcept {
  if (is_same(signed_path, routed, false)) return GH_PATH_NORMALISED;
  if (is_same(signed_path, routed, true)) return GH_PATH_SLASHES_COLLAPSED;
  return std::nullopt;
}

}  // namespace gatehouse::kit::sigv4
