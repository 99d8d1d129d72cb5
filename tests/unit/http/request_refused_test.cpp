#include <gtest/gtest.h>

#include "unit/http/feed.hpp"

namespace gatehouse::http {
namespace {

using testing_feed::get;
using testing_feed::line;
using testing_feed::Refused;
using testing_feed::Verdict;

const Refused kRefused[] = {
    // the request line
    {"no target", line("GET HTTP/1.1"), 400},
    {"HTTP/0.9", line("GET /"), 400},
    {"two blanks behind the method", line("GET  / HTTP/1.1"), 400},
    {"two blanks behind the target", line("GET /  HTTP/1.1"), 400},
    {"tab behind the method", line("GET\t/ HTTP/1.1"), 400},
    {"blank in front", line(" GET / HTTP/1.1"), 400},
    {"blank at the end", line("GET / HTTP/1.1 "), 400},
    {"blank in the target", line("GET /a b HTTP/1.1"), 400},
    {"empty method", line("/ HTTP/1.1"), 400},
    {"bad byte in the method", line("G(T / HTTP/1.1"), 400},
    {"control byte in the target", line("GET /a\x01 HTTP/1.1"), 400},
    {"DEL in the target", line("GET /a\x7f HTTP/1.1"), 400},
    {"high byte in the target", line("GET /\xc3\xa4 HTTP/1.1"), 400},
    {"NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 29), 400},
    {"fragment", line("GET /a#b HTTP/1.1"), 400},
    {"target that begins with nothing we know", line("GET a/b HTTP/1.1"), 400},
    {"authority-form for GET", line("GET a.example:443 HTTP/1.1"), 400},
    {"`*` for GET", line("GET * HTTP/1.1"), 400},
    {"`**`", line("OPTIONS ** HTTP/1.1"), 400},
    {"other scheme", line("GET ftp://a/ HTTP/1.1"), 400},
    {"scheme without slashes", line("GET http:/a HTTP/1.1"), 400},
    {"absolute-form without a host", line("GET http:///a HTTP/1.1"), 400},
    {"absolute-form with only a port", line("GET http://:80/a HTTP/1.1"), 400},
    {"absolute-form with user information", line("GET http://u:p@a/ HTTP/1.1"), 400},
    {"absolute-form with a query and no path", line("GET http://a?x=1 HTTP/1.1"), 400},
    {"absolute-form with a backslash in the host", line("GET http://a\\b/ HTTP/1.1"), 400},
    {"absolute-form without Host", "GET http://a/ HTTP/1.1\r\n\r\n", 400},
    {"absolute-form with a bad Host", "GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"absolute-form beside another Host", "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", 400},
    {"absolute-form beside a Host with another port", "GET http://a/ HTTP/1.1\r\nHost: a:81\r\n\r\n", 400},
    {"other protocol", line("GET / ICE/1.0"), 400},
    {"lower case protocol", line("GET / http/1.1"), 400},
    {"bytes in front of the protocol", line("GET / xHTTP/1.1"), 400},
    {"version of three digits", line("GET / HTTP/1.11"), 400},
    {"version without a dot", line("GET / HTTP/11"), 400},
    {"version with a sign", line("GET / HTTP/+1.1"), 400},
    {"HTTP/2.0", line("GET / HTTP/2.0"), 505},
    {"HTTP/5.6", line("GET / HTTP/5.6"), 505},
    {"HTTP/1.2", line("GET / HTTP/1.2"), 505},
    {"HTTP/0.9 spelled out", line("GET / HTTP/0.9"), 505},
    {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"unknown method", line("BREW / HTTP/1.1"), 501},
    {"lower case method", line("get / HTTP/1.1"), 501},
    {"method with something behind", line("GETX / HTTP/1.1"), 501},
    {"CONNECT", line("CONNECT a:443 HTTP/1.1"), 501},
    {"TRACE", line("TRACE / HTTP/1.1"), 501},
    {"LF alone ends the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
    {"CR alone ends the request line", "GET / HTTP/1.1\rHost: a\r\n\r\n", 400},
    {"LF in front", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"CR in front", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"five empty lines in front", "\r\n\r\n\r\n\r\n\r\n" + line("GET / HTTP/1.1"), 400},
    {"TLS hello", std::string("\x16\x03\x01\x02\x00\x01", 6), 400},
    // header lines
    {"blank before the colon", get("X : 1\r\n"), 400},
    {"tab before the colon", get("X\t: 1\r\n"), 400},
    {"blank in the name", get("X Y: 1\r\n"), 400},
    {"blank before the first name", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"folded line", get("X: 1\r\n 2\r\n"), 400},
    {"line folded with a tab", get("X: 1\r\n\t2\r\n"), 400},
    {"folded with blanks only", get("X: 1\r\n \r\n"), 400},
    {"empty name", get(": 1\r\n"), 400},
    {"no colon", get("X\r\n"), 400},
    {"bad byte in the name", get("X(: 1\r\n"), 400},
    {"high byte in the name", get("X\xe4: 1\r\n"), 400},
    {"NUL in the name", get(std::string("X\0: 1\r\n", 7)), 400},
    {"bare CR in a value", get("X: 1\r2\r\n"), 400},
    {"bare CR at the end of a value", get("X: 1\r\r\n"), 400},
    {"bare LF in a value", get("X: 1\nY: 2\r\n"), 400},
    {"bare LF as the blank line", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"bare CR as the blank line", "GET / HTTP/1.1\r\nHost: a\r\n\rX", 400},
    {"NUL in a value", get(std::string("X: 1\0\r\n", 7)), 400},
    {"form feed in a value", get("X: 1\f2\r\n"), 400},
    {"vertical tab in a value", get("X: \v\r\n"), 400},
    {"ESC in a long value",
     get("X: 0123456789abcdef\x1b"
         "0123456789\r\n"),
     400},
    {"DEL in a value", get("X: 1\x7f\r\n"), 400},
    // Host
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", get("Host: b\r\n"), 400},
    {"two equal Hosts", get("host: a\r\n"), 400},
    {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"blank in Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"path in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"user in Host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
    {"bad Host in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a/b\r\n\r\n", 400},
    // framing
    {"Content-Length with Transfer-Encoding", get("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"Transfer-Encoding with Content-Length", get("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), 400},
    {"two lengths", get("Content-Length: 1\r\nContent-Length: 2\r\n"), 400},
    {"two equal lengths", get("Content-Length: 1\r\ncontent-length: 1\r\n"), 400},
    {"a list of lengths", get("Content-Length: 1, 1\r\n"), 400},
    {"signed length", get("Content-Length: +5\r\n"), 400},
    {"negative length", get("Content-Length: -5\r\n"), 400},
    {"length with a blank inside", get("Content-Length: 4 2\r\n"), 400},
    {"empty length", get("Content-Length:\r\n"), 400},
    {"hexadecimal length", get("Content-Length: 0x10\r\n"), 400},
    {"length that does not fit", get("Content-Length: 9223372036854775808\r\n"), 400},
    {"length of 21 digits", get("Content-Length: 100000000000000000000\r\n"), 400},
    {"identity", get("Transfer-Encoding: identity\r\n"), 400},
    {"empty Transfer-Encoding", get("Transfer-Encoding:\r\n"), 400},
    {"two codings", get("Transfer-Encoding: gzip, chunked\r\n"), 400},
    {"chunked twice in a line", get("Transfer-Encoding: chunked, chunked\r\n"), 400},
    {"chunked in two lines", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"chunked with a parameter", get("Transfer-Encoding: chunked;a=b\r\n"), 400},
    {"chunked with a comma", get("Transfer-Encoding: ,chunked\r\n"), 400},
    {"quoted chunked", get("Transfer-Encoding: \"chunked\"\r\n"), 400},
    {"chunked behind a vertical tab", get("Transfer-Encoding: \vchunked\r\n"), 400},
    {"Transfer-Encoding in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    // Connection and Expect
    {"Connection names Host", get("Connection: host\r\n"), 400},
    {"Connection names Authorization", get("Connection: close, Authorization\r\n"), 400},
    {"Connection names Forwarded", get("Connection: forwarded\r\n"), 400},
    {"Connection names X-Forwarded-For", get("Connection: close, X-Forwarded-For\r\n"), 400},
    {"Connection names X-Forwarded-Proto", get("Connection: x-forwarded-proto\r\n"), 400},
    {"two Authorization lines", get("Authorization: Bearer a\r\nauthorization: Bearer b\r\n"), 400},
    {"two equal Authorization lines", get("Authorization: a\r\nAuthorization: a\r\n"), 400},
    {"Connection names Content-Length", get("Connection: content-length\r\nContent-Length: 1\r\n"), 400},
    {"Connection names Transfer-Encoding", get("Connection: x\r\nConnection: Transfer-Encoding\r\n"), 400},
    {"Connection names a pseudo header", get("Connection: :authority\r\n"), 400},
    {"Connection with a bad option", get("Connection: a b\r\n"), 400},
    {"other expectation", get("Expect: 200-ok\r\n"), 417},
    {"two expectations in a line", get("Expect: 100-continue, x\r\n"), 417},
    {"empty expectation", get("Expect:\r\n"), 417},
    {"other expectation in HTTP/1.0", "GET / HTTP/1.0\r\nExpect: x\r\n\r\n", 417},
};

class RequestRefused : public testing::TestWithParam<Refused> {};

TEST_P(RequestRefused, HoweverItArrives) {
  const Refused& c = GetParam();
  RequestHead head;
  const Verdict whole = testing_feed::whole<RequestParser>(c.head, head);
  ASSERT_EQ(whole.state, ParseState::Refused);
  EXPECT_EQ(whole.fault.status, c.status) << whole.fault.what;
  EXPECT_FALSE(whole.fault.what.empty());
  for (std::size_t first = 1; first <= c.head.size(); ++first) {
    for (const std::size_t step : {std::size_t{1}, c.head.size()}) {
      std::unique_ptr<std::string> bytes;
      const Verdict parts = testing_feed::in_steps<RequestParser>(c.head, first, step, head, bytes);
      ASSERT_EQ(parts.state, ParseState::Refused) << "first " << first << " step " << step;
      EXPECT_EQ(parts.fault.status, whole.fault.status);
      EXPECT_EQ(parts.fault.what, whole.fault.what);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Http, RequestRefused, testing::ValuesIn(kRefused));

}  // namespace
}  // namespace gatehouse::http
