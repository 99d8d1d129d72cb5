#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "unit/http/feed.hpp"

namespace gatehouse::http {
namespace {

using testing_feed::get;
using testing_feed::line;
using testing_feed::Verdict;
using testing_feed::whole;

// The views of the head stay good: the bytes are kept.
RequestHead accepted(std::string text) {
  static std::deque<std::string> kept;
  const std::string& bytes = kept.emplace_back(std::move(text));
  RequestHead head;
  const Verdict v = whole<RequestParser>(bytes, head);
  EXPECT_EQ(v.state, ParseState::Complete) << v.fault.what << " in " << bytes;
  EXPECT_EQ(head.head_bytes, bytes.size());
  return head;
}

TEST(RequestParser, ReadsEveryPart) {
  const std::string bytes =
      "POST /pets/7?x=1&y HTTP/1.1\r\n"
      "Host: api.example.com:8080\r\n"
      "X-Custom_Name.1!:\t a, \tb \t\r\n"
      "Empty:\r\n"
      "Blank: \t \r\n"
      "Latin: D\xfcsseldorf\r\n"
      "X-Custom_Name.1!: c:d\r\n"
      "content-LENGTH:  0042 \r\n"
      "\r\n";
  const RequestHead head = accepted(bytes);
  EXPECT_EQ(head.method, Method::Post);
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.target, "/pets/7?x=1&y");
  EXPECT_EQ(head.authority, "api.example.com:8080");
  EXPECT_EQ(head.content_length, 42);
  EXPECT_FALSE(head.chunked);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.has_body());
  const std::vector<std::pair<std::string_view, std::string_view>> expected = {{"Host", "api.example.com:8080"},
                                                                               {"X-Custom_Name.1!", "a, \tb"},
                                                                               {"Empty", ""},
                                                                               {"Blank", ""},
                                                                               {"Latin", "D\xfcsseldorf"},
                                                                               {"X-Custom_Name.1!", "c:d"},
                                                                               {"content-LENGTH", "0042"}};
  ASSERT_EQ(head.headers.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(head.headers.all()[i].name, expected[i].first);
    EXPECT_EQ(head.headers.all()[i].value, expected[i].second);
    EXPECT_EQ(head.headers.all()[i].id, header_id(expected[i].first));
  }
  EXPECT_EQ(head.headers.begin()[1].value.data(), head.target.data() + bytes.find("a, \tb") - 5) << "zero copy";
}

TEST(RequestParser, TakesTheSevenMethods) {
  const std::pair<const char*, Method> cases[] = {
      {"GET", Method::Get},       {"HEAD", Method::Head},   {"POST", Method::Post},      {"PUT", Method::Put},
      {"DELETE", Method::Delete}, {"PATCH", Method::Patch}, {"OPTIONS", Method::Options}};
  for (const auto& [text, method] : cases) EXPECT_EQ(accepted(line(text + std::string(" / HTTP/1.1"))).method, method);
}

TEST(RequestParser, ReadsTheFormsOfATarget) {
  const struct {
    const char *request_line, *target, *authority;
  } cases[] = {
      {"GET / HTTP/1.1", "/", "a"},
      {"GET //b/../c?d?e HTTP/1.1", "//b/../c?d?e", "a"},
      {"GET /\"<>\\^`{|} HTTP/1.1", "/\"<>\\^`{|}", "a"},
      {"OPTIONS * HTTP/1.1", "*", "a"},
      {"OPTIONS /x HTTP/1.1", "/x", "a"},
      {"GET http://a HTTP/1.1", "/", "a"},
      {"GET http://a/ HTTP/1.1", "/", "a"},
      {"GET HTTPS://A:443/c?d HTTP/1.1", "/c?d", "A:443"},
      {"GET http://a:80/c@d HTTP/1.1", "/c@d", "a:80"},
      {"GET http://a/http://c/ HTTP/1.1", "/http://c/", "a"},
  };
  for (const auto& c : cases) {
    const RequestHead head = accepted(line(c.request_line));
    EXPECT_EQ(head.target, c.target);
    EXPECT_EQ(head.authority, c.authority);
    EXPECT_EQ(head.headers.value(HeaderId::Host), "a");
  }
}

TEST(RequestParser, HostNamesWhatAnAbsoluteTargetNames) {
  const struct {
    const char *target, *host;
    bool same;
  } cases[] = {
      {"http://b.example/", "b.example", true},
      {"http://b.example", "B.Example", true},
      {"http://B.EXAMPLE:80/", "b.example", true},
      {"http://b.example/", "b.example:80", true},
      {"http://b.example:80/", "b.example:80", true},
      {"https://b.example/", "b.example:443", true},
      {"HTTPS://b.example:443/", "b.example", true},
      {"http://[::1]:80/", "[::1]", true},
      {"http://b.example:8080/", "b.example:8080", true},
      {"http://b.example/", "a.example", false},
      {"http://b.example/", "b.example.", false},
      {"http://b.example/", "xb.example", false},
      {"http://b.example:8080/", "b.example", false},
      {"http://b.example/", "b.example:8080", false},
      {"http://b.example/", "b.example:443", false},
      {"https://b.example/", "b.example:80", false},
      {"http://[::80]/", "[:]", false},
      {"http://[::1]/", "[::2]", false},
      {"http://b.example:180/", "b.example:1", false},
  };
  for (const auto& c : cases)
    for (const char* version : {"1.1", "1.0"}) {
      const std::string bytes =
          "GET " + std::string(c.target) + " HTTP/" + version + "\r\nHost: " + c.host + "\r\n\r\n";
      RequestHead head;
      EXPECT_EQ(whole<RequestParser>(bytes, head).state, c.same ? ParseState::Complete : ParseState::Refused) << bytes;
    }
  // Nobody can read another name where there is none.
  EXPECT_EQ(accepted("GET http://b.example/ HTTP/1.0\r\n\r\n").authority, "b.example");
}

TEST(RequestParser, JudgesConnectionFromEveryLine) {
  const struct {
    const char* name;
    const char* version;
    const char* lines;
    bool keep_alive, upgrade;
  } cases[] = {
      {"1.1 stays", "1.1", "", true, false},
      {"1.1 close", "1.1", "Connection: close\r\n", false, false},
      {"case and blanks", "1.1", "connection:\tCLOSE\t\r\n", false, false},
      {"in a list with empty members", "1.1", "Connection: ,, x ,close,\r\n", false, false},
      {"in a second line", "1.1", "Connection: x\r\nA: b\r\nConnection: close\r\n", false, false},
      {"close wins", "1.1", "Connection: close, keep-alive\r\n", false, false},
      {"close wins from another line", "1.1", "Connection: keep-alive\r\nConnection: close\r\n", false, false},
      {"a longer option is another", "1.1", "Connection: closed\r\n", true, false},
      {"an empty list", "1.1", "Connection:\r\n", true, false},
      {"1.0 closes", "1.0", "", false, false},
      {"1.0 stays when asked", "1.0", "Connection: Keep-Alive\r\n", true, false},
      {"1.0 close wins", "1.0", "Connection: keep-alive, close\r\n", false, false},
      {"upgrade", "1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", true, true},
      {"upgrade in a list", "1.1", "Upgrade: websocket\r\nConnection: keep-alive, upgrade\r\n", true, true},
      {"upgrade without Connection", "1.1", "Upgrade: websocket\r\n", true, false},
      {"Connection without Upgrade", "1.1", "Connection: upgrade\r\n", true, false},
      {"no upgrade from 1.0", "1.0", "Connection: upgrade\r\nUpgrade: websocket\r\n", false, false},
  };
  for (const auto& c : cases) {
    const RequestHead head =
        accepted("GET / HTTP/" + std::string(c.version) + "\r\nHost: a\r\n" + std::string(c.lines) + "\r\n");
    EXPECT_EQ(head.keep_alive, c.keep_alive) << c.name;
    EXPECT_EQ(head.upgrade, c.upgrade) << c.name;
  }
}

TEST(RequestParser, MarksTheLinesThatConnectionNames) {
  const RequestHead head =
      accepted(get("X-A: 1\r\n"
                   "Connection: close, x-a\r\n"
                   "Cookie: c\r\n"
                   "X-B: 2\r\n"
                   "X-D: 10.0.0.1\r\n"
                   "Connection: x-d,X-C\r\n"
                   "TE: trailers\r\n"
                   "x-a: 3\r\n"
                   "X-AB: 4\r\n"));
  std::vector<std::string> forwarded;
  for (const Header& h : head.headers)
    if (!is_hop_by_hop(h)) forwarded.emplace_back(h.name);
  EXPECT_EQ(forwarded, (std::vector<std::string>{"Host", "Cookie", "X-B", "X-AB"}));
}

TEST(RequestParser, BoundsTheOptionsOfConnection) {
  const auto with_options = [](int n) {
    std::string list;
    for (int i = 0; i < n; ++i) list += i == n / 2 ? "\r\nConnection: x" : ",x";
    return get("Connection: x" + list + "\r\n");
  };
  accepted(with_options(63));
  RequestHead head;
  EXPECT_EQ(whole<RequestParser>(with_options(64), head).state, ParseState::Refused);
}

TEST(RequestParser, ReadsExpect) {
  EXPECT_TRUE(accepted(get("Expect: 100-continue\r\nContent-Length: 1\r\n")).expect_continue);
  EXPECT_TRUE(accepted(get("expect: 100-Continue\r\n")).expect_continue);
  EXPECT_FALSE(accepted(get("")).expect_continue);
  EXPECT_FALSE(accepted("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expect_continue) << "RFC 9110, 10.1.1";
}

TEST(RequestParser, ReadsTheFraming) {
  const struct {
    const char* lines;
    std::int64_t length;
    bool chunked, body;
  } cases[] = {
      {"", -1, false, false},
      {"Content-Length: 0\r\n", 0, false, false},
      {"Content-Length: 7\r\n", 7, false, true},
      {"Content-Length: 999999999999999999\r\n", 999999999999999999, false, true},
      {"Transfer-Encoding: chunked\r\n", -1, true, true},
      {"TRANSFER-ENCODING: \tChUnKeD \r\n", -1, true, true},
  };
  for (const auto& c : cases) {
    const RequestHead head = accepted(get(c.lines));
    EXPECT_EQ(head.content_length, c.length) << c.lines;
    EXPECT_EQ(head.chunked, c.chunked) << c.lines;
    EXPECT_EQ(head.has_body(), c.body) << c.lines;
  }
}

TEST(RequestParser, LetsHttp10LackAHost) {
  const RequestHead head = accepted("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(head.minor_version, 0);
  EXPECT_EQ(head.authority, "");
}

TEST(RequestParser, SkipsFourEmptyLinesAndCountsThem) {
  const RequestHead head = accepted("\r\n\r\n\r\n\r\n" + line("GET / HTTP/1.1"));
  EXPECT_EQ(head.target, "/");
}

TEST(RequestParser, LeavesWhatFollowsTheHead) {
  const std::string first = line("GET /1 HTTP/1.1");
  const std::string bytes = first + line("GET /2 HTTP/1.1");
  RequestHead head;
  ParseFault fault;
  RequestParser parser;
  ASSERT_EQ(parser.parse(bytes, {}, head, fault), ParseState::Complete);
  ASSERT_EQ(head.head_bytes, first.size());
  parser.reset();
  ASSERT_EQ(parser.parse(std::string_view(bytes).substr(head.head_bytes), {}, head, fault), ParseState::Complete);
  EXPECT_EQ(head.target, "/2");
}

TEST(RequestParser, ClearsWhatTheLastRequestLeftInTheHead) {
  RequestHead head;
  const std::string full =
      "OPTIONS http://a/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close, upgrade\r\n"
      "Upgrade: x\r\nExpect: 100-continue\r\n\r\n";
  ASSERT_EQ(whole<RequestParser>(full, head).state, ParseState::Complete);
  const std::string bare = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  ASSERT_EQ(whole<RequestParser>(bare, head).state, ParseState::Complete);
  EXPECT_EQ(head.method, Method::Get);
  EXPECT_EQ(head.authority, "");
  EXPECT_EQ(head.headers.size(), 1U);
  EXPECT_FALSE(head.chunked);
  EXPECT_FALSE(head.upgrade);
  EXPECT_FALSE(head.expect_continue);
  EXPECT_TRUE(head.keep_alive);
}

TEST(RequestParser, CompletesWithTheLastByteHoweverTheHeadArrives) {
  const std::string bytes = "\r\n" + get("Content-Length: 3\r\nX: y\r\n");
  for (std::size_t first = 1; first <= bytes.size(); ++first) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, bytes.size()}) {
      RequestHead head;
      std::unique_ptr<std::string> last;
      const Verdict v = testing_feed::in_steps<RequestParser>(bytes, first, step, head, last);
      ASSERT_EQ(v.state, ParseState::Complete) << v.fault.what;
      EXPECT_EQ(v.fed, bytes.size());
      EXPECT_EQ(head.head_bytes, bytes.size());
      EXPECT_EQ(head.content_length, 3);
      EXPECT_EQ(head.headers.size(), 3U);
    }
  }
}

// A peer that sends nonsense must not hold its connection until the head's deadline.
TEST(RequestParser, RefusesAtTheByteThatIsWrong) {
  const std::pair<std::string, std::size_t> cases[] = {
      {"G(T / HTTP/1.1\r\n", 2},
      {"GET / HTTP/1.1\n\n\n\n\n\n\n\n", 15},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: \x01zzzzzzzzzzzzzzzzzzzzzzz", 29},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: 1\nzzzzzzzzzzzzzzzzzzzzzz", 30},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: 1\rzzzzzzzzzzzzzzzzzzzzzz", 31},
      {"BREW / HTTP/1.1\r\nHost: a\r\nX: 1", 16},
  };
  for (const auto& [bytes, at] : cases) {
    RequestHead head;
    std::unique_ptr<std::string> last;
    const Verdict v = testing_feed::in_steps<RequestParser>(bytes, 1, 1, head, last);
    EXPECT_EQ(v.state, ParseState::Refused);
    EXPECT_LE(v.fed, 2 * at) << bytes;
    EXPECT_GE(v.fed, at) << bytes;
  }
  RequestHead head;
  std::unique_ptr<std::string> last;
  EXPECT_EQ(testing_feed::in_steps<RequestParser>("GET / HTTP/1.1\n\n", 1, 1, head, last).fed, 15U);
}

struct LimitCase {
  const char* name;
  std::string head;
  HeadLimits limits;
  int status;  // 0: accepted
};

std::string filler(std::size_t n) {
  return std::string(n, 'x');
}
std::string many_lines(int n) {
  std::string lines;
  for (int i = 1; i < n; ++i) lines += "X: y\r\n";
  return get(lines);
}

const LimitCase kLimits[] = {
    // `GET /x HTTP/1.1` is 14 bytes and the filler
    {"longest request line", line("GET /" + filler(86) + " HTTP/1.1"), {100, 1000, 10}, 0},
    {"request line too long", line("GET /" + filler(87) + " HTTP/1.1"), {100, 1000, 10}, 414},
    {"no end of the request line", "GET /" + filler(500), {100, 1000, 10}, 414},
    {"endless method", filler(500), {100, 1000, 10}, 414},
    {"request line longer than all", "GET /" + filler(2000), {8192, 1000, 10}, 414},
    {"longest head", get("X: " + filler(68) + "\r\n"), {100, 100, 10}, 0},
    {"head too long", get("X: " + filler(69) + "\r\n"), {100, 100, 10}, 431},
    {"head without an end", "GET / HTTP/1.1\r\nX: " + filler(500), {100, 100, 10}, 431},
    {"name without an end", "GET / HTTP/1.1\r\n" + filler(500), {100, 100, 10}, 431},
    {"empty lines count", "\r\n\r\n" + get("X: " + filler(65) + "\r\n"), {100, 100, 10}, 431},
    {"most lines", many_lines(10), {100, 1000, 10}, 0},
    {"too many lines", many_lines(11), {100, 1000, 10}, 431},
    {"as many lines as there is room for", many_lines(128), {8192, 10240, 1000}, 0},
    {"more lines than there is room for", many_lines(129), {8192, 10240, 1000}, 431},
    {"a fault before the limit comes first", "GET / HTTP/1.1\r\nX Y: " + filler(500), {100, 100, 10}, 400},
    {"a fault behind the limit does not", "GET / HTTP/1.1\r\nX: " + filler(500) + "\n", {100, 100, 10}, 431},
};

TEST(RequestParser, HoldsTheLimits) {
  for (const LimitCase& c : kLimits) {
    RequestHead head;
    const Verdict all = whole<RequestParser>(c.head, head, c.limits);
    EXPECT_EQ(all.state, c.status == 0 ? ParseState::Complete : ParseState::Refused) << c.name;
    if (c.status != 0) {
      EXPECT_EQ(all.fault.status, c.status) << c.name;
    }
    std::unique_ptr<std::string> last;
    const Verdict bytewise = testing_feed::in_steps<RequestParser>(c.head, 1, 1, head, last, c.limits);
    EXPECT_EQ(bytewise.state, all.state) << c.name;
    EXPECT_LE(bytewise.fed, std::max<std::size_t>(c.limits.head_bytes, 16)) << c.name << ": bounded buffering";
    if (c.status != 0) {
      EXPECT_EQ(bytewise.fault.what, all.fault.what) << c.name;
    }
  }
}

// Judging starts over each time, so how often it is asked for is what it costs.
TEST(HeadResume, AsksForLinearWorkInAll) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) bytes += "X-Line: \t" + filler(100) + "\r\n";
  HeadResume resume;
  std::size_t judged = 0;
  for (std::size_t n = 1; n <= bytes.size(); ++n) {
    const std::string_view part = std::string_view(bytes).substr(0, n);
    if (!resume.worth_judging(part, 1 << 20)) continue;
    judged += n;
    resume.judged(part);
  }
  EXPECT_LT(judged, 3 * bytes.size());
  EXPECT_TRUE(resume.worth_judging(bytes + "\r\n", 1 << 20)) << "the end of the head";
  EXPECT_TRUE(resume.worth_judging(bytes + "\x01", 1 << 20)) << "a byte that no head holds";
  EXPECT_TRUE(resume.worth_judging(bytes + "a", bytes.size() + 1)) << "the limit";
}

}  // namespace
}  // namespace gatehouse::http
