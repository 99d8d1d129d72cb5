#pragma once
#include <cstdint>
#include <string_view>

#include "http/body.hpp"
#include "http/parser.hpp"
#include "http/request.hpp"
#include "net/buffer.hpp"
#include "net/stream.hpp"

namespace gatehouse::server {

/// Where a request body's bytes come from: the connection. [loop]
class BodyInput {
 public:
  virtual net::Io read_body(std::span<char> into) = 0;
  virtual net::BufferPool& buffers() noexcept = 0;
  /// The reader wants more than is there: from now on the client is on the clock.
  virtual void body_is_awaited() noexcept = 0;
  /// The reader is about to wait for a client that waits for `100 Continue`.
  virtual void send_continue() = 0;

 protected:
  ~BodyInput() = default;
};

/// The body of one request: what came with its head first, then what the connection brings, framing taken off. Bytes
/// behind the message stay: rest(). The head's bytes, in the same buffer, are never moved. [loop]
class RequestBody final : public http::BodySource {
 public:
  /// `in`: the head's buffer, with the head skipped. Both outlive the body or are taken away with detach().
  void begin(BodyInput& input, net::Buffer& in, const http::RequestHead& head) noexcept;
  /// The connection goes away: every pull() from now on fails.
  void detach() noexcept;

  State pull() override;
  std::string_view data() const noexcept override { return view_; }
  void consume(std::size_t n) noexcept override;
  void set_sink(http::BodySink* sink) noexcept override { sink_ = sink; }
  std::int64_t length() const noexcept override { return framing_ == Framing::Chunked ? -1 : length_; }
  http::BodyError error() const noexcept override { return error_; }
  const http::Headers* trailers() const noexcept override { return has_trailers_ ? &trailers_ : nullptr; }
  void set_limit(std::int64_t bytes) noexcept override { limit_ = bytes; }

  /// The whole message was taken from the connection.
  bool complete() const noexcept { return ended_; }
  bool failed() const noexcept { return error_ != http::BodyError::None; }
  /// pull() came to Waiting, and nothing happened since.
  bool waiting() const noexcept { return waiting_; }
  bool begun() const noexcept { return begun_; }
  /// The client holds its body back until we say so, and we did not.
  bool owes_continue() const noexcept { return expect_ && !ended_; }
  std::int64_t payload_left() const noexcept { return framing_ == Framing::Chunked ? -1 : left_; }
  std::uint64_t received() const noexcept { return received_; }
  /// After complete(): the bytes behind the message.
  std::string_view rest() const noexcept { return more_.has_memory() ? more_.data() : in_->data(); }
  /// The same with their block, when they are not in the head's; else an empty buffer.
  net::Buffer take_rest() noexcept { return std::move(more_); }

  /// Bytes or the end came: tells the sink if it waits.
  void wake();
  /// The body ends here; a sink that waits is told.
  void fail(http::BodyError error);

 private:
  enum class Framing : std::uint8_t { Length, Chunked };
  net::Buffer& current() noexcept { return more_.has_memory() ? more_ : *in_; }
  void drop(std::size_t n) noexcept;
  bool take_length();
  bool take_chunk();
  State read_more();
  State failed_with(http::BodyError error) noexcept;

  BodyInput* input_ = nullptr;
  net::Buffer* in_ = nullptr;
  net::Buffer more_;
  http::ChunkedDecoder decoder_;
  http::BodySink* sink_ = nullptr;
  std::string_view view_;
  std::int64_t length_ = 0;
  std::int64_t left_ = 0;
  std::int64_t limit_ = -1;
  std::uint64_t received_ = 0;
  Framing framing_ = Framing::Length;
  http::BodyError error_ = http::BodyError::None;
  bool begun_ = false;
  bool ended_ = true;
  bool waiting_ = false;
  bool expect_ = false;
  bool has_trailers_ = false;
  http::Headers trailers_;
};

}  // namespace gatehouse::server
