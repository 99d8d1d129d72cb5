// The chunked decoder against a slow, obvious twin.
#include <gtest/gtest.h>

#include "property/http/generate.hpp"
#include "property/http/naive_head.hpp"

namespace gatehouse::http {
namespace {

using testing_generate::Generator;

struct Decoded {
  enum class State { End, Refused, Unfinished } state = State::Unfinished;
  std::string payload, trailers;
  std::size_t used = 0;
};

/// `;name`, `;name=token`, `;name="quoted"`, any number of them.
bool is_extension_list(std::string text) {
  while (!text.empty()) {
    if (text[0] != ';') return false;
    text.erase(0, 1);
    const std::size_t name = std::min(text.find_first_of("=;"), text.size());
    if (!naive::is_token(text.substr(0, name))) return false;
    text.erase(0, name);
    if (text.empty() || text[0] == ';') continue;
    text.erase(0, 1);
    if (text.empty()) return false;
    if (text[0] != '"') {
      const std::size_t value = std::min(text.find(';'), text.size());
      if (!naive::is_token(text.substr(0, value))) return false;
      text.erase(0, value);
      continue;
    }
    std::size_t end = 1;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size() || naive::has_control(text.substr(0, end))) return false;
    text.erase(0, end + 1);
  }
  return true;
}

Decoded naive_decode(const std::string& stream) {
  Decoded out;
  std::string rest = stream;
  const auto refused = [&out] {
    out.state = Decoded::State::Refused;
    return out;
  };
  std::string line;
  bool bare = false;
  for (;;) {
    if (!naive::take_line(rest, line, bare)) return out;
    if (bare) return refused();
    const std::size_t digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
    if (digits == 0 || digits > 15 || !is_extension_list(line.substr(digits))) return refused();
    const std::size_t size = std::stoull(line.substr(0, digits), nullptr, 16);
    if (size == 0) break;
    out.payload += rest.substr(0, size);
    if (rest.size() > size && rest[size] != '\r') return refused();
    if (rest.size() > size + 1 && rest[size + 1] != '\n') return refused();
    if (rest.size() < size + 2) return out;
    rest.erase(0, size + 2);
  }
  for (;;) {
    if (!naive::take_line(rest, line, bare)) return out;
    if (bare) return refused();
    if (line.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || !naive::is_token(line.substr(0, colon)) || naive::has_control(line))
      return refused();
    const std::string name = naive::lower(line.substr(0, colon));
    for (const char* early : {"host", "content-length", "trailer", "connection", "te", "transfer-encoding", "upgrade",
                              "authorization", "cookie", "expect"})
      if (name == early) return refused();
    out.trailers += line + "\r\n";
  }
  out.state = Decoded::State::End;
  out.used = stream.size() - rest.size();
  return out;
}

Decoded fast_decode(const std::string& stream, Generator& generate) {
  ChunkedDecoder decoder;
  Decoded out;
  std::size_t at = 0;
  std::size_t arrived = 0;
  for (;;) {
    std::size_t used = 0;
    std::size_t size = 0;
    const auto state = decoder.next(std::string_view(stream).substr(at, arrived - at), used, size);
    at += used;
    if (state == ChunkedDecoder::State::Data) {
      const std::size_t n = 1 + generate.below(size);
      out.payload += stream.substr(at, n);
      decoder.consumed(n);
      at += n;
    } else if (state == ChunkedDecoder::State::NeedMore) {
      if (arrived == stream.size()) return out;
      arrived += 1 + generate.below(stream.size() - arrived);
    } else {
      out.state = state == ChunkedDecoder::State::End ? Decoded::State::End : Decoded::State::Refused;
      out.trailers = decoder.trailer_bytes();
      out.used = at;
      return out;
    }
  }
}

TEST(ChunkedProperty, IsDecodedAsTheTwinDecodesIt) {
  int ends = 0;
  constexpr int kStreams = 30'000;
  for (int seed = 0; seed < kStreams; ++seed) {
    Generator generate(static_cast<std::uint32_t>(seed));
    const std::string stream = generate.chunked();
    const Decoded slow = naive_decode(stream);
    const Decoded fast = fast_decode(stream, generate);
    if (slow.state == Decoded::State::Unfinished)
      ASSERT_NE(fast.state, Decoded::State::End) << "seed " << seed << ": " << stream;
    else
      ASSERT_EQ(fast.state, slow.state) << "seed " << seed << ": " << stream;
    if (slow.state != Decoded::State::End) continue;
    ++ends;
    ASSERT_EQ(fast.payload, slow.payload) << "seed " << seed;
    ASSERT_EQ(fast.trailers, slow.trailers) << "seed " << seed;
    ASSERT_EQ(fast.used, slow.used) << "seed " << seed;
  }
  EXPECT_GT(ends, kStreams / 10);
  EXPECT_LT(ends, kStreams * 9 / 10);
}

}  // namespace
}  // namespace gatehouse::http
