#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "client/request_head.hpp"
#include "http/body.hpp"
#include "net/buffer.hpp"
#include "net/stream.hpp"

namespace gatehouse::client {

/// Sends one request over one connection: the head and what the body has at hand go out in one system call, the rest as
/// the peer takes it. The body's bytes are never copied. Its trailers are not sent: no authorizer has
/// judged them. [loop]
class RequestWriter {
 public:
  enum class State : std::uint8_t {
    Done,
    Blocked,     // the peer takes no more: run() again when the stream is writable
    WaitBody,    // the body has nothing at hand: run() again when its sink is told
    BodyFailed,  // the body failed, or was not as long as it said
    Broken,      // the connection is gone
  };

  /// `head`: from write_request_head(). `body` may be null when the framing says None.
  void begin(net::Buffer head, const Framing& framing, http::BodySource* body) noexcept;
  State run(net::Stream& stream);
  /// Gives the head's memory back and forgets everything.
  void stop() noexcept;

  bool done() const noexcept { return done_; }
  /// Bytes that the kernel took, of head and body.
  std::uint64_t written() const noexcept { return written_; }
  /// True when it is the body that has nothing to send.
  bool waits_for_body() const noexcept { return body_waiting_ && !pending(); }
  /// True once a body byte was taken: there is no sending it again.
  bool body_taken() const noexcept { return body_taken_; }

 private:
  void pull_body() noexcept;
  void show_rest() noexcept;
  void account(std::size_t n) noexcept;
  bool pending() const noexcept { return !head_.empty() || !before_.empty() || data_left_ != 0 || !after_.empty(); }

  // What is to be sent, in this order.
  net::Buffer head_;
  std::string_view before_;    // a chunk's size line, or the last chunk
  std::size_t data_left_ = 0;  // of body_->data()
  std::string_view after_;     // a chunk's CRLF

  http::BodySource* body_ = nullptr;
  Framing framing_;
  std::int64_t length_left_ = 0;
  std::uint64_t written_ = 0;
  std::array<char, 24> line_{};
  bool body_end_ = true;
  bool data_shown_ = false;
  bool body_waiting_ = false;
  bool body_failed_ = false;
  bool body_taken_ = false;
  bool done_ = false;
};

}  // namespace gatehouse::client
