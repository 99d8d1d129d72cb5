#include "http/headers.hpp"

#include <bit>
#include <cstring>

namespace gatehouse::http {
namespace {

constexpr std::size_t kLongest = 32;
static_assert(std::endian::native == std::endian::little, "the words of a name are put together little-endian");

// The words that a name of `size` bytes is compared by; they overlap in the middle, so that each is loaded whole.
constexpr std::size_t words_of(std::size_t size) noexcept {
  return size > 16 ? 4 : size > 8 ? 2 : 1;
}
constexpr std::size_t offset_of(std::size_t word, std::size_t size) noexcept {
  return word < words_of(size) / 2 || word == 0 ? 8 * word : size - 8 * (words_of(size) - word);
}

using Words = std::array<std::uint64_t, 4>;
constexpr Words constant_words(std::string_view text) {
  const auto load = [text](std::size_t at, std::size_t bytes) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[at + i])) << (8 * i);
    return word;
  };
  Words words{};
  if (text.size() >= 8) {
    for (std::size_t i = 0; i < words_of(text.size()); ++i) words[i] = load(offset_of(i, text.size()), 8);
  } else if (text.size() >= 4) {
    words[0] = load(0, 4) | load(text.size() - 4, 4) << 32;
  }
  return words;
}

std::uint64_t load8(const char* at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, at, 8);
  return word;
}
std::uint64_t load4(const char* at) noexcept {
  std::uint32_t word;
  std::memcpy(&word, at, 4);
  return word;
}

struct Known {
  std::string_view name;  // lower case
  HeaderId id;
  Words words;
  Words fold;  // 0x20 where a letter stands: or-ing it makes a letter lower case and leaves all else alone
};

constexpr Known known(std::string_view name, HeaderId id) {
  std::array<char, kLongest> fold{};
  for (std::size_t i = 0; i < name.size(); ++i) fold[i] = name[i] >= 'a' && name[i] <= 'z' ? 0x20 : 0;
  return {name, id, constant_words(name), constant_words({fold.data(), name.size()})};
}

// In the order of their lengths.
constexpr std::array kKnown = {
    known("te", HeaderId::Te),
    known("via", HeaderId::Via),
    known("host", HeaderId::Host),
    known("date", HeaderId::Date),
    known("accept", HeaderId::Accept),
    known("cookie", HeaderId::Cookie),
    known("expect", HeaderId::Expect),
    known("origin", HeaderId::Origin),
    known("server", HeaderId::Server),
    known("trailer", HeaderId::Trailer),
    known("upgrade", HeaderId::Upgrade),
    known("forwarded", HeaderId::Forwarded),
    known("user-agent", HeaderId::UserAgent),
    known("connection", HeaderId::Connection),
    known("keep-alive", HeaderId::KeepAlive),
    known("content-type", HeaderId::ContentType),
    known("authorization", HeaderId::Authorization),
    known("content-length", HeaderId::ContentLength),
    known("x-forwarded-for", HeaderId::XForwardedFor),
    known("content-encoding", HeaderId::ContentEncoding),
    known("proxy-connection", HeaderId::ProxyConnection),
    known("x-amzn-requestid", HeaderId::XAmznRequestId),
    known("x-forwarded-host", HeaderId::XForwardedHost),
    known("x-forwarded-port", HeaderId::XForwardedPort),
    known("transfer-encoding", HeaderId::TransferEncoding),
    known("x-forwarded-proto", HeaderId::XForwardedProto),
    known("proxy-authenticate", HeaderId::ProxyAuthenticate),
    known("proxy-authorization", HeaderId::ProxyAuthorization),
    known("access-control-request-method", HeaderId::AccessControlRequestMethod),
    known("access-control-request-headers", HeaderId::AccessControlRequestHeaders),
};

// kFirst[n]: where the names of n bytes begin in kKnown; they end where those of n + 1 begin.
constexpr auto kFirst = [] {
  std::array<std::uint8_t, kLongest + 2> first{};
  std::size_t at = 0;
  for (std::size_t size = 0; size < first.size(); ++size) {
    while (at < kKnown.size() && kKnown[at].name.size() < size) ++at;
    first[size] = static_cast<std::uint8_t>(at);
  }
  return first;
}();
static_assert([] {
  for (std::size_t i = 1; i < kKnown.size(); ++i)
    if (kKnown[i].name.size() < kKnown[i - 1].name.size()) return false;
  return kKnown.back().name.size() <= kLongest;
}());

}  // namespace

HeaderId header_id(std::string_view name) noexcept {
  const std::size_t size = name.size();
  if (size > kLongest) return HeaderId::Other;
  const Known* at = kKnown.data() + kFirst[size];
  const Known* const end = kKnown.data() + kFirst[size + 1];
  if (at == end) return HeaderId::Other;
  const char* const text = name.data();
  if (size < 4) return base::equal_ignoring_case(name, at->name) ? at->id : HeaderId::Other;
  const std::uint64_t first = size < 8 ? load4(text) | load4(text + size - 4) << 32 : load8(text);
  for (; at != end; ++at) {
    if ((first | at->fold[0]) != at->words[0]) continue;
    bool equal = true;
    for (std::size_t i = 1; i < words_of(size); ++i)
      equal = equal && (load8(text + offset_of(i, size)) | at->fold[i]) == at->words[i];
    if (equal) return at->id;
  }
  return HeaderId::Other;
}

const Header* Headers::find(std::string_view name) const noexcept {
  const HeaderId id = header_id(name);
  if (id != HeaderId::Other) return find(id);
  for (const Header& h : all())
    if (h.id == HeaderId::Other && base::equal_ignoring_case(h.name, name)) return &h;
  return nullptr;
}

std::size_t Headers::count(HeaderId id) const noexcept {
  std::size_t n = 0;
  for (const Header& h : all())
    if (h.id == id) ++n;
  return n;
}

bool has_token(std::string_view list, std::string_view token) noexcept {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (base::equal_ignoring_case(base::trim(list.substr(0, comma)), token)) return !token.empty();
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace gatehouse::http
