#include <gtest/gtest.h>

#include <deque>

#include "unit/http/feed.hpp"

namespace gatehouse::http {
namespace {

using testing_feed::Refused;
using testing_feed::Verdict;
using testing_feed::whole;

std::string ok(std::string_view lines) {
  return "HTTP/1.1 200 OK\r\n" + std::string(lines) + "\r\n";
}
std::string status(std::string_view text) {
  return std::string(text) + "\r\n\r\n";
}

// The views of the head stay good: the bytes are kept.
ResponseHead accepted(std::string text) {
  static std::deque<std::string> kept;
  const std::string& bytes = kept.emplace_back(std::move(text));
  ResponseHead head;
  const Verdict v = whole<ResponseParser>(bytes, head);
  EXPECT_EQ(v.state, ParseState::Complete) << v.fault.what << " in " << bytes;
  EXPECT_EQ(head.head_bytes, bytes.size());
  return head;
}

TEST(ResponseParser, ReadsTheStatusLine) {
  const struct {
    const char* text;
    int minor, status;
    const char* reason;
  } cases[] = {
      {"HTTP/1.1 200 OK", 1, 200, "OK"},
      {"HTTP/1.0 404 Not Found", 0, 404, "Not Found"},
      {"HTTP/1.1 299 ", 1, 299, ""},
      {"HTTP/1.1 599", 1, 599, ""},
      {"HTTP/1.1 100 Continue", 1, 100, "Continue"},
      {"HTTP/1.1 101 Switching Protocols", 1, 101, "Switching Protocols"},
      {"HTTP/1.1 200  a\tb \xc3\xa4 ", 1, 200, " a\tb \xc3\xa4 "},
  };
  for (const auto& c : cases) {
    const std::string bytes = status(c.text);
    const ResponseHead head = accepted(bytes);
    EXPECT_EQ(head.minor_version, c.minor);
    EXPECT_EQ(head.status, c.status);
    EXPECT_EQ(head.reason, c.reason);
  }
}

TEST(ResponseParser, ReadsFramingAndConnection) {
  const struct {
    const char* head;
    std::int64_t length;
    bool chunked, keep_alive;
  } cases[] = {
      {"HTTP/1.1 200 OK\r\n\r\n", -1, false, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 5, false, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", -1, true, true},
      {"HTTP/1.1 200 OK\r\nConnection: x\r\nConnection: Close\r\n\r\n", -1, false, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", 5, false, false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n", 5, false, true},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 5, false, true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 0, false, true},
  };
  for (const auto& c : cases) {
    const ResponseHead head = accepted(c.head);
    EXPECT_EQ(head.content_length, c.length) << c.head;
    EXPECT_EQ(head.chunked, c.chunked) << c.head;
    EXPECT_EQ(head.keep_alive, c.keep_alive) << c.head;
  }
}

TEST(ResponseParser, MarksTheLinesThatConnectionNames) {
  const ResponseHead head = accepted(ok("X-A: 1\r\nConnection: x-a\r\nSet-Cookie: b\r\n"));
  EXPECT_TRUE(is_hop_by_hop(head.headers.all()[0]));
  EXPECT_FALSE(is_hop_by_hop(head.headers.all()[2]));
}

TEST(ResponseParser, ClearsWhatTheLastResponseLeftInTheHead) {
  ResponseHead head;
  const std::string full = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
  ASSERT_EQ(whole<ResponseParser>(full, head).state, ParseState::Complete);
  const std::string bare = "HTTP/1.1 404\r\n\r\n";
  ASSERT_EQ(whole<ResponseParser>(bare, head).state, ParseState::Complete);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.reason, "");
  EXPECT_EQ(head.headers.size(), 0U);
  EXPECT_EQ(head.content_length, -1);
  EXPECT_TRUE(head.keep_alive);
}

TEST(ResponseParser, IgnoresWhatOnlyRequestsMean) {
  accepted(ok("Host: a b\r\nHost: c\r\nExpect: x\r\n"));
}

const HeadLimits kSmall{40, 100, 3};

const Refused kRefused[] = {
    {"HTTP/2", status("HTTP/2.0 200 OK"), 502},
    {"HTTP/1.2", status("HTTP/1.2 200 OK"), 502},
    {"lower case", status("http/1.1 200 OK"), 502},
    {"other protocol", status("ICY 200 OK"), 502},
    {"two blanks before the status", status("HTTP/1.1  200 OK"), 502},
    {"tab before the status", status("HTTP/1.1\t200 OK"), 502},
    {"two digits", status("HTTP/1.1 20 OK"), 502},
    {"four digits", status("HTTP/1.1 2000 OK"), 502},
    {"no digits", status("HTTP/1.1 OK"), 502},
    {"status 000", status("HTTP/1.1 000 OK"), 502},
    {"status 099", status("HTTP/1.1 099 OK"), 502},
    {"status 600", status("HTTP/1.1 600 OK"), 502},
    {"signed status", status("HTTP/1.1 +20 OK"), 502},
    {"status and phrase without a blank", status("HTTP/1.1 200OK"), 502},
    {"tab before the phrase", status("HTTP/1.1 200\tOK"), 502},
    {"control byte in the phrase", status("HTTP/1.1 200 O\x01K"), 502},
    {"bare LF behind the status line", "HTTP/1.1 200 OK\nX: y\r\n\r\n", 502},
    {"bare LF behind the status", "HTTP/1.1 200\nX: y\r\n\r\n", 502},
    {"bare CR behind the status line", "HTTP/1.1 200 OK\rX: y\r\n\r\n", 502},
    {"empty line in front", "\r\n" + ok(""), 502},
    {"blank before a colon", ok("X : y\r\n"), 502},
    {"folded line", ok("X: y\r\n z\r\n"), 502},
    {"bare LF in a value", ok("X: y\nZ: z\r\n"), 502},
    {"bare CR in a value", ok("X: y\rz\r\n"), 502},
    {"NUL in a value", ok(std::string("X: \0\r\n", 6)), 502},
    {"no colon", ok("X\r\n"), 502},
    {"two lengths", ok("Content-Length: 1\r\nContent-Length: 1\r\n"), 502},
    {"a list of lengths", ok("Content-Length: 1, 1\r\n"), 502},
    {"signed length", ok("Content-Length: +1\r\n"), 502},
    {"length and chunked", ok("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 502},
    {"other coding", ok("Transfer-Encoding: gzip\r\n"), 502},
    {"gzip, chunked", ok("Transfer-Encoding: gzip, chunked\r\n"), 502},
    {"chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 502},
    {"chunked 100", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n", 502},
    {"chunked 204", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", 502},
    {"chunked 304", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 502},
    {"204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 502},
    {"103 with a length", "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n", 502},
    {"Connection names Content-Length", ok("Connection: content-length\r\n"), 502},
    {"status line too long", status("HTTP/1.1 200 " + std::string(100, 'x')), 431},
    {"head too long", ok("X: " + std::string(100, 'x') + "\r\n"), 431},
    {"too many lines", ok("X: 1\r\nX: 2\r\nX: 3\r\nX: 4\r\n"), 431},
};

class ResponseRefused : public testing::TestWithParam<Refused> {};

TEST_P(ResponseRefused, HoweverItArrives) {
  const Refused& c = GetParam();
  ResponseHead head;
  const Verdict all = whole<ResponseParser>(c.head, head, kSmall);
  ASSERT_EQ(all.state, ParseState::Refused);
  EXPECT_EQ(all.fault.status, c.status);
  for (std::size_t first = 1; first <= c.head.size(); ++first) {
    std::unique_ptr<std::string> bytes;
    const Verdict parts = testing_feed::in_steps<ResponseParser>(c.head, first, 1, head, bytes, kSmall);
    ASSERT_EQ(parts.state, ParseState::Refused) << "first " << first;
    EXPECT_EQ(parts.fault.what, all.fault.what);
  }
}
INSTANTIATE_TEST_SUITE_P(Http, ResponseRefused, testing::ValuesIn(kRefused));

TEST(Response, KnowsThePhrases) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(401), "Unauthorized");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(504), "Gateway Timeout");
  EXPECT_EQ(reason_phrase(299), "");
  EXPECT_EQ(reason_phrase(-1), "");
}

TEST(Response, KnowsWhatNeverHasABody) {
  for (const int s : {100, 101, 103, 199, 204, 304}) EXPECT_TRUE(never_has_body(s)) << s;
  for (const int s : {200, 201, 205, 206, 301, 400, 500}) EXPECT_FALSE(never_has_body(s)) << s;
}

}  // namespace
}  // namespace gatehouse::http
