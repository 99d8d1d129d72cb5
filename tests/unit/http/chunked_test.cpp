#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "http/parser.hpp"

namespace gatehouse::http {
namespace {

using State = ChunkedDecoder::State;

struct Decoded {
  State state = State::NeedMore;
  std::string payload;
  std::string trailers;
  std::size_t used = 0;  // bytes of the stream that were taken
  std::string_view fault;
};

/// As a body source does it: at most `step` new bytes a time, at most `take` payload bytes consumed at once.
Decoded decode(std::string_view stream, std::size_t step, std::size_t take = 1'000'000) {
  ChunkedDecoder decoder;
  Decoded out;
  std::size_t arrived = 0;
  for (;;) {
    // An own copy of what is at hand, so that ASan sees each read past it.
    const auto bytes = std::make_unique<std::string>(stream.substr(out.used, arrived - out.used));
    std::size_t used = 0;
    std::size_t size = 0;
    out.state = decoder.next(*bytes, used, size);
    out.used += used;
    if (out.state == State::Data) {
      const std::size_t n = std::min(size, take);
      out.payload.append(*bytes, used, n);
      decoder.consumed(n);
      out.used += n;
      continue;
    }
    if (out.state != State::NeedMore || arrived == stream.size()) break;
    arrived = std::min(stream.size(), arrived + step);
  }
  out.trailers = decoder.trailer_bytes();
  out.fault = decoder.fault();
  return out;
}

struct Good {
  std::string stream;
  std::string payload;
  std::string trailers;
};

const Good kGood[] = {
    {"0\r\n\r\n", "", ""},
    {"000\r\n\r\n", "", ""},
    {"5\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world", ""},
    {"a\r\n0123456789\r\n0\r\n\r\n", "0123456789", ""},
    {"A\r\n0123456789\r\n0\r\n\r\n", "0123456789", ""},
    {"0000000000000005\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n", ""},
    {"5;a\r\nhello\r\n0;b\r\n\r\n", "hello", ""},
    {"5;a=b;c=\"d;\\\"e \t\";f\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"0\r\nA: b\r\n\r\n", "", "A: b\r\n"},
    {"1\r\nx\r\n0\r\nVary: *\r\nETag:\"\xc3\xa4\" \r\nEmpty:\r\n\r\n", "x",
     "Vary: *\r\nETag:\"\xc3\xa4\" \r\nEmpty:\r\n"},
};

TEST(ChunkedDecoder, TakesTheCodingApart) {
  for (const Good& c : kGood) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, c.stream.size()}) {
      for (const std::size_t take : {std::size_t{1}, std::size_t{1000}}) {
        // What follows belongs to the next message.
        const Decoded d = decode(c.stream + "GET /", step, take);
        ASSERT_EQ(d.state, State::End) << c.stream << d.fault;
        EXPECT_EQ(d.payload, c.payload);
        EXPECT_EQ(d.trailers, c.trailers);
        EXPECT_EQ(d.used, c.stream.size());
      }
    }
  }
}

TEST(ChunkedDecoder, GivesWhatIsThereOfALargeChunk) {
  ChunkedDecoder decoder;
  std::size_t used = 0;
  std::size_t size = 0;
  ASSERT_EQ(decoder.next("7fffffffffffffff\r\nabc", used, size), State::Data);
  EXPECT_EQ(used, 18U);
  EXPECT_EQ(size, 3U);
  decoder.consumed(2);
  ASSERT_EQ(decoder.next("cdef", used, size), State::Data);
  EXPECT_EQ(used, 0U);
  EXPECT_EQ(size, 4U);
  decoder.consumed(4);
  EXPECT_EQ(decoder.next("", used, size), State::NeedMore);
}

TEST(ChunkedDecoder, StaysAtItsEnd) {
  ChunkedDecoder decoder;
  std::size_t used = 0;
  std::size_t size = 0;
  ASSERT_EQ(decoder.next("0\r\nA: b\r\n\r\n", used, size), State::End);
  EXPECT_EQ(decoder.next("1\r\n", used, size), State::End);
  EXPECT_EQ(used, 0U);
  decoder.reset();
  EXPECT_EQ(decoder.trailer_bytes(), "");
  EXPECT_EQ(decoder.next("1\r\nx", used, size), State::Data);
}

const std::string kBad[] = {
    "\r\n",
    " 5\r\nhello\r\n0\r\n\r\n",
    "5 \r\nhello\r\n0\r\n\r\n",
    "5\t\r\nhello\r\n0\r\n\r\n",
    "+5\r\nhello\r\n0\r\n\r\n",
    "-5\r\nhello\r\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "5h\r\nhello\r\n0\r\n\r\n",
    "g\r\n",
    "5\nhello\r\n0\r\n\r\n",
    "5\rhello\r\n0\r\n\r\n",
    "5\r\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\n0\r\n\r\n",
    "5\r\nhello\r0\r\n\r\n",
    "5\r\nhello0\r\n\r\n",
    "5\r\nhello!\r\n0\r\n\r\n",
    "3\r\nhello\r\n0\r\n\r\n",
    "00000000000000005\r\nhello\r\n0\r\n\r\n",
    "10000000000000000\r\n",
    "8000000000000000\r\n",
    "ffffffffffffffff\r\n",
    // extensions
    "5;\r\nhello\r\n0\r\n\r\n",
    "5;;a\r\nhello\r\n0\r\n\r\n",
    "5; a\r\nhello\r\n0\r\n\r\n",
    "5;a \r\nhello\r\n0\r\n\r\n",
    "5;a =b\r\nhello\r\n0\r\n\r\n",
    "5;a=\r\nhello\r\n0\r\n\r\n",
    "5;=b\r\nhello\r\n0\r\n\r\n",
    "5;a=b=c\r\nhello\r\n0\r\n\r\n",
    "5;a=\"b\r\nhello\r\n0\r\n\r\n",
    "5;a=\"b\"c\r\nhello\r\n0\r\n\r\n",
    "5;a=\"b\"\"c\"\r\nhello\r\n0\r\n\r\n",
    "5;a=\"b\\\r\nhello\r\n0\r\n\r\n",
    "5;a\nhello\r\n0\r\n\r\n",
    "5;a=\"b\r c\"\r\nhello\r\n0\r\n\r\n",
    "5;a=\"\x01\"\r\nhello\r\n0\r\n\r\n",
    "5;\xe4\r\nhello\r\n0\r\n\r\n",
    // trailers
    "0\r\n\n",
    "0\r\n\rX",
    "0\r\n: b\r\n\r\n",
    "0\r\n A: b\r\n\r\n",
    "0\r\nA : b\r\n\r\n",
    "0\r\nA\r\n\r\n",
    "0\r\nA: b\n\r\n",
    "0\r\nA: b\rc\r\n\r\n",
    "0\r\nA: b\r\n c\r\n\r\n",
    "0\r\nA: \x01\r\n\r\n",
    "0\r\nContent-Length: 5\r\n\r\n",
    "0\r\ntransfer-encoding: chunked\r\n\r\n",
    "0\r\nHost: b\r\n\r\n",
    "0\r\nAuthorization: x\r\n\r\n",
    "0\r\nCookie: x\r\n\r\n",
    "0\r\nConnection: close\r\n\r\n",
    "0\r\nTrailer: a\r\n\r\n",
    "0\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n",
};

TEST(ChunkedDecoder, RefusesTheRest) {
  for (const std::string& stream : kBad) {
    const Decoded all = decode(stream, stream.size());
    EXPECT_EQ(all.state, State::Refused) << stream;
    EXPECT_FALSE(all.fault.empty());
    for (std::size_t step = 1; step < stream.size(); ++step) {
      const Decoded parts = decode(stream, step, step);
      EXPECT_EQ(parts.state, State::Refused) << stream;
      EXPECT_EQ(parts.fault, all.fault) << stream;
      EXPECT_EQ(parts.payload, all.payload) << stream;
    }
  }
}

TEST(ChunkedDecoder, StaysRefused) {
  ChunkedDecoder decoder;
  std::size_t used = 0;
  std::size_t size = 0;
  ASSERT_EQ(decoder.next("x", used, size), State::Refused);
  EXPECT_EQ(decoder.next("0\r\n\r\n", used, size), State::Refused);
}

TEST(ChunkedDecoder, WaitsForTheRest) {
  const std::string stream = "5;a=\"b\"\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t n = 0; n < stream.size(); ++n)
    EXPECT_EQ(decode(std::string_view(stream).substr(0, n), 1).state, State::NeedMore) << n;
}

TEST(ChunkedDecoder, BoundsExtensionsAndTrailers) {
  const auto extension = [](std::size_t n) { return "1;" + std::string(n, 'a') + "\r\nx\r\n0\r\n\r\n"; };
  EXPECT_EQ(decode(extension(16'000), 4096).state, State::End);
  EXPECT_EQ(decode(extension(17'000), 4096).state, State::Refused);

  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "1;abcdefgh\r\nx\r\n";
  EXPECT_EQ(decode(many + "0\r\n\r\n", 4096).state, State::Refused) << "in all, not only in one line";
  std::string paid;
  for (int i = 0; i < 10'000; ++i) paid += "9;abcdefgh\r\n123456789\r\n";
  EXPECT_EQ(decode(paid + "0\r\n\r\n", 4096).state, State::End) << "payload pays for extensions";

  const auto trailer = [](std::size_t n) { return "0\r\nA: " + std::string(n, 'a') + "\r\n\r\n"; };
  EXPECT_EQ(decode(trailer(ChunkedDecoder::kMaxTrailerBytes - 5), 4096).state, State::End);
  EXPECT_EQ(decode(trailer(ChunkedDecoder::kMaxTrailerBytes - 4), 4096).state, State::Refused);
  std::string lines = "0\r\n";
  for (std::size_t i = 0; i < ChunkedDecoder::kMaxTrailerLines; ++i) lines += "A: b\r\n";
  EXPECT_EQ(decode(lines + "\r\n", 4096).state, State::End);
  EXPECT_EQ(decode(lines + "A: b\r\n\r\n", 4096).state, State::Refused);
}

TEST(ReadTrailers, SplitsTheLines) {
  Headers headers;
  read_trailers("Vary: *\r\nETag:\"a\" \r\nEmpty:\r\n", headers);
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers.find("vary")->value, "*");
  EXPECT_EQ(headers.find("etag")->value, "\"a\"");
  EXPECT_EQ(headers.find("empty")->value, "");
  headers.clear();
  read_trailers("", headers);
  EXPECT_EQ(headers.size(), 0U);
}

}  // namespace
}  // namespace gatehouse::http
