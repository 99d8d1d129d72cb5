#pragma once
#include <cstdint>
#include <string_view>

#include "http/body.hpp"
#include "http/response.hpp"
#include "net/buffer.hpp"
#include "net/stream.hpp"

namespace gatehouse::server {

/// What the request and the server say about the response to it.
struct ResponseShape {
  bool to_head = false;     // the request was HEAD
  bool old_client = false;  // HTTP/1.0
  bool keep_alive = true;
  bool with_trailers = false;  // the client said `TE: trailers`
  std::string_view date_line;  // `Date: ...` CRLF
  std::string_view server_name;
};

/// Puts one response on the wire: its head is built into a block of the pool, then goes out in one system call with the
/// first bytes of the body, which are never copied (but for small chunks). [loop]
class ResponseWriter {
 public:
  enum class Result : std::uint8_t {
    Done,     // all of it went to the kernel
    Blocked,  // the client has to read first
    Waiting,  // for the body: its sink will be told
    Yield,    // others' turn; more can be written at once
    Gone,     // the client is gone
    Failed,   // the body failed or ended too early
  };

  /// False when `head` is not fit to be sent: a name or value that would break out of its line, an impossible status.
  /// Then nothing is kept, and begin() may be called again.
  bool begin(const http::ResponseHead& head, http::BodySource* body, const ResponseShape& shape, net::BufferPool& pool);
  Result write(net::Stream& stream);
  void reset() noexcept;

  /// After begin(): whom the body tells that it goes on.
  void set_sink(http::BodySink& sink) noexcept {
    if (body_ != nullptr) body_->set_sink(&sink);
  }
  /// The body may go away: nothing more is taken from it.
  void drop_body() noexcept {
    if (body_ != nullptr) body_->set_sink(nullptr);
    body_ = nullptr;
  }

  /// Sends `text`, a constant, ahead of the response: what does not fit into the socket now goes out later.
  void send_ahead(net::Stream& stream, std::string_view text);
  /// Tries again; false when the client is gone.
  bool flush_ahead(net::Stream& stream);
  /// After begin(): the end of the connection is what ends the body.
  bool ends_with_connection() const noexcept { return framing_ == Framing::Close; }
  bool closes() const noexcept { return closes_; }
  std::uint64_t bytes_sent() const noexcept { return sent_; }
  std::uint64_t body_bytes_sent() const noexcept { return body_sent_; }

 private:
  enum class Framing : std::uint8_t { None, Length, Chunked, Close };
  enum class Gathered : std::uint8_t { Data, Flush, Waiting, Ended, Failed };
  Gathered gather(std::string_view& data);
  Gathered gather_chunk(std::string_view& data);
  Gathered end_chunks();
  net::Buffer& out();
  void account(std::size_t n, std::size_t data_size);

  net::BufferPool* pool_ = nullptr;
  net::Buffer out_;
  http::BodySource* body_ = nullptr;
  std::string_view owed_;
  std::int64_t left_ = 0;
  std::size_t chunk_left_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t body_sent_ = 0;
  Framing framing_ = Framing::None;
  bool ended_ = false;
  bool closes_ = false;
  bool with_trailers_ = false;
};

}  // namespace gatehouse::server
