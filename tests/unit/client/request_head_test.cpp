#include "client/request_head.hpp"

#include <gtest/gtest.h>

namespace gatehouse::client {
namespace {

class Counted final : public http::BodySource {
 public:
  explicit Counted(std::int64_t length) : length_(length) {}
  State pull() override { return State::End; }
  std::string_view data() const noexcept override { return {}; }
  void consume(std::size_t) noexcept override {}
  void set_sink(http::BodySink*) noexcept override {}
  std::int64_t length() const noexcept override { return length_; }
  http::BodyError error() const noexcept override { return http::BodyError::None; }
  void set_limit(std::int64_t) noexcept override {}

 private:
  std::int64_t length_;
};

std::string write(const OutboundRequest& request, std::string_view host = "up:1") {
  net::BufferPool pool;
  const std::size_t size = request_head_size(request, host);
  net::Buffer out = pool.acquire(size);
  write_request_head(request, host, Framing::of(request), out);
  EXPECT_LE(out.size(), size);
  return std::string(out.data());
}

struct Case {
  const char* name;
  http::Method method;
  std::int64_t length;  // -2: no body
  const char* head;
};
const Case kCases[] = {
    {"GET has no framing", http::Method::Get, -2, "GET /a?b HTTP/1.1\r\nHost: up:1\r\n\r\n"},
    {"an empty body of GET is none", http::Method::Get, 0, "GET /a?b HTTP/1.1\r\nHost: up:1\r\n\r\n"},
    {"POST without body says so", http::Method::Post, -2,
     "POST /a?b HTTP/1.1\r\nHost: up:1\r\nContent-Length: 0\r\n\r\n"},
    {"PUT without body says so", http::Method::Put, 0, "PUT /a?b HTTP/1.1\r\nHost: up:1\r\nContent-Length: 0\r\n\r\n"},
    {"PATCH without body says so", http::Method::Patch, 0,
     "PATCH /a?b HTTP/1.1\r\nHost: up:1\r\nContent-Length: 0\r\n\r\n"},
    {"DELETE without body says nothing", http::Method::Delete, 0, "DELETE /a?b HTTP/1.1\r\nHost: up:1\r\n\r\n"},
    {"a known length", http::Method::Post, 9223372036854775807,
     "POST /a?b HTTP/1.1\r\nHost: up:1\r\nContent-Length: 9223372036854775807\r\n\r\n"},
    {"GET with a body", http::Method::Get, 3, "GET /a?b HTTP/1.1\r\nHost: up:1\r\nContent-Length: 3\r\n\r\n"},
    {"an unknown length", http::Method::Post, -1,
     "POST /a?b HTTP/1.1\r\nHost: up:1\r\nTransfer-Encoding: chunked\r\n\r\n"},
};

TEST(RequestHead, Framing) {
  for (const Case& c : kCases) {
    Counted body(c.length);
    OutboundRequest request;
    request.method = c.method;
    request.target = "/a?b";
    request.body = c.length == -2 ? nullptr : &body;
    EXPECT_EQ(write(request), c.head) << c.name;
  }
}

TEST(RequestHead, KeepsEndToEndLinesInOrderAndItsOwnOut) {
  http::Headers headers;
  for (const auto& [name, value] : {std::pair{"X-A", "1"},
                                    {"Host", "evil"},
                                    {"connection", "close"},
                                    {"X-a", "2"},
                                    {"Content-Length", "7"},
                                    {"transfer-encoding", "chunked"},
                                    {"TE", "trailers"},
                                    {"Trailer", "x"},
                                    {"Upgrade", "h2c"},
                                    {"Keep-Alive", "9"},
                                    {"Expect", "100-continue"},
                                    {"Proxy-Connection", "x"},
                                    {"Proxy-Authorization", "Basic x"},
                                    {"Empty", ""}})
    headers.add(name, value);
  headers.add({"X-Listed", "1", http::HeaderId::Other, true});
  OutboundRequest request;
  request.target = "/";
  request.headers = &headers;
  EXPECT_EQ(write(request), "GET / HTTP/1.1\r\nHost: up:1\r\nX-A: 1\r\nX-a: 2\r\nEmpty: \r\n\r\n");
}

TEST(RequestHead, IsAsLargeAsItMustBe) {
  http::Headers headers;
  const std::string value(5000, 'v');
  for (int i = 0; i < 100; ++i) headers.add("x-large", value);
  OutboundRequest request;
  request.target = "/";
  request.headers = &headers;
  EXPECT_EQ(write(request).size(), 100 * (5000 + 11) + std::string("GET / HTTP/1.1\r\nHost: up:1\r\n\r\n").size());
}

}  // namespace
}  // namespace gatehouse::client
