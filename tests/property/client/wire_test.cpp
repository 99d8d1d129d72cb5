#include "unit/client/wire.hpp"

#include <gtest/gtest.h>

#include <random>

#include "client/request_writer.hpp"

// Whatever the cuts, the framing and the pace: what one side sent is what the other one gets, and a response that is
// whole is never taken for a cut one, nor the other way round.
namespace gatehouse::client {
namespace {

using Random = std::mt19937;

std::size_t up_to(Random& random, std::size_t most) {
  return random() % (most + 1);
}

std::string bytes(Random& random, std::size_t size) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

std::string chunked(Random& random, std::string_view body) {
  std::string out;
  char line[32];
  while (!body.empty()) {
    const std::size_t size = std::min(body.size(), 1 + up_to(random, random() % 4 == 0 ? 40'000 : 30));
    std::snprintf(line, sizeof line, random() % 2 == 0 ? "%zx" : "00%zX", size);
    out.append(line)
        .append(random() % 5 == 0 ? ";a=\"b\"" : "")
        .append("\r\n")
        .append(body.substr(0, size))
        .append("\r\n");
    body.remove_prefix(size);
  }
  out += "0\r\n";
  if (random() % 4 == 0) out += "x-sum: 1\r\n";
  return out + "\r\n";
}

std::vector<std::size_t> cuts(Random& random) {
  std::vector<std::size_t> out(1 + up_to(random, 5));
  const std::size_t most = std::size_t{1} << (4 + random() % 13);
  for (std::size_t& cut : out) cut = 1 + up_to(random, most);
  return out;
}

struct Response {
  std::string bytes, body;
  int status = 200;
  bool ends_with_connection = false;
};

Response response(Random& random) {
  Response out;
  for (std::size_t i = up_to(random, 2); i != 0; --i) out.bytes += "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  out.status = 200 + static_cast<int>(up_to(random, 3));
  out.bytes += "HTTP/1.1 " + std::to_string(out.status) + " Some Words\r\n";
  for (std::size_t i = up_to(random, 20); i != 0; --i)
    out.bytes += "x-some-header: " + std::string(up_to(random, 200), 'v') + "\r\n";
  out.body = bytes(random, random() % 3 == 0 ? up_to(random, 200'000) : up_to(random, 2'000));
  switch (random() % 3) {
    case 0:
      out.bytes += "Content-Length: " + std::to_string(out.body.size()) + "\r\n\r\n" + out.body;
      break;
    case 1:
      out.bytes += "Transfer-Encoding: chunked\r\n\r\n" + chunked(random, out.body);
      break;
    default:
      out.bytes += "\r\n" + out.body;
      out.ends_with_connection = true;
  }
  return out;
}

TEST(Property, ResponsesArriveAsTheyWereSent) {
  test::Wire wire;
  Random random(1);
  for (int i = 0; i < 400; ++i) {
    const Response one = response(random);
    OutboundRequest request;
    request.target = "/";
    const auto got = wire.call(request, one.bytes, cuts(random), 1 + up_to(random, 70'000), !one.ends_with_connection);
    ASSERT_TRUE(got.ended) << i << ": " << name(got.error);
    ASSERT_EQ(got.status, one.status) << i;
    ASSERT_TRUE(got.body == one.body) << i << ": " << got.body.size() << " of " << one.body.size();
    ASSERT_EQ(got.kept, !one.ends_with_connection) << i;
    ASSERT_TRUE(wire.clean()) << i;
  }
}

TEST(Property, CutResponsesAreNeverWhole) {
  test::Wire wire;
  Random random(2);
  for (int i = 0; i < 400; ++i) {
    Response one = response(random);
    if (one.ends_with_connection) continue;
    const std::string part = one.bytes.substr(0, up_to(random, one.bytes.size() - 1));
    OutboundRequest request;
    request.target = "/";
    const auto got = wire.call(request, part, cuts(random), 1 + up_to(random, 70'000));
    ASSERT_FALSE(got.ended) << i;
    ASSERT_FALSE(got.kept) << i;
    ASSERT_TRUE(one.body.starts_with(got.body)) << i;
    ASSERT_TRUE(wire.clean()) << i;
  }
}

/// Gives its bytes in pieces; between two it may have nothing at hand.
class Pieces final : public http::BodySource {
 public:
  Pieces(std::string_view text, Random& random, bool known) : text_(text), random_(random), known_(known) {}
  State pull() override {
    if (size_ != 0) return State::Ready;
    if (at_ == text_.size()) return State::End;
    if (random_() % 3 == 0) return State::Waiting;
    size_ = std::min(text_.size() - at_, 1 + up_to(random_, random_() % 3 == 0 ? 60'000 : 50));
    return State::Ready;
  }
  std::string_view data() const noexcept override { return text_.substr(at_, size_); }
  void consume(std::size_t n) noexcept override { at_ += n, size_ -= n; }
  void set_sink(http::BodySink* sink) noexcept override { sink_ = sink; }
  std::int64_t length() const noexcept override { return known_ ? static_cast<std::int64_t>(text_.size()) : -1; }
  http::BodyError error() const noexcept override { return http::BodyError::None; }
  void set_limit(std::int64_t) noexcept override {}
  http::BodySink* sink_ = nullptr;

 private:
  std::string_view text_;
  Random& random_;
  bool known_;
  std::size_t at_ = 0, size_ = 0;
};

// The slow and obvious twin of ChunkedDecoder.
std::string dechunk(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t line = text.find("\r\n");
    if (line == std::string_view::npos) return out + "<cut>";
    const std::size_t size = std::strtoul(std::string(text.substr(0, line)).c_str(), nullptr, 16);
    text.remove_prefix(line + 2);
    if (size == 0) return out + std::string(text.substr(2));
    out.append(text.substr(0, size));
    text.remove_prefix(size + 2);
  }
}

TEST(Property, RequestsArriveAsTheyWereSent) {
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const std::string body = bytes(random, random() % 3 == 0 ? up_to(random, 300'000) : up_to(random, 500));
    const bool known = random() % 2 == 0;
    Pieces pieces(body, random, known);
    net::BufferPool pool;
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    struct Owner final : net::Stream::Owner {
      void on_readable() override {}
      void on_writable() override {}
      void on_hangup() override {}
    } owner;
    net::Loop loop;
    net::Stream stream;
    ASSERT_TRUE(stream.open(loop, ends[0], owner));
    loop.turn(0);
    OutboundRequest request;
    request.method = http::Method::Post;
    request.target = "/";
    request.body = &pieces;
    net::Buffer head = pool.acquire(net::BufferPool::kSmall);
    const Framing framing = Framing::of(request);
    write_request_head(request, "h", framing, head);
    RequestWriter writer;
    writer.begin(std::move(head), framing, &pieces);
    std::string got;
    for (;;) {
      const auto state = writer.run(stream);
      ASSERT_TRUE(state != RequestWriter::State::BodyFailed && state != RequestWriter::State::Broken) << i;
      const bool done = state == RequestWriter::State::Done;
      char space[65536];
      const std::size_t want = done ? sizeof space : 1 + up_to(random, sizeof space - 1);
      for (ssize_t n = 1; n > 0;) {
        n = ::recv(ends[1], space, want, 0);
        if (n > 0) got.append(space, static_cast<std::size_t>(n));
        if (!done) break;
      }
      if (done) break;
      loop.turn(0);
    }
    const std::size_t end = got.find("\r\n\r\n");
    ASSERT_NE(end, std::string::npos);
    const std::string_view payload = std::string_view(got).substr(end + 4);
    ASSERT_TRUE((framing.kind == Framing::Kind::Chunked ? dechunk(payload) : std::string(payload)) == body) << i;
    ASSERT_EQ(writer.written(), got.size());
    ::close(ends[1]);
  }
}

}  // namespace
}  // namespace gatehouse::client
