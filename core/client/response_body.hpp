#pragma once
#include <cstdint>
#include <limits>
#include <string_view>

#include "http/body.hpp"
#include "http/parser.hpp"
#include "net/buffer.hpp"
#include "net/stream.hpp"

namespace gatehouse::client {

/// The body of one response, read from the connection as its owner pulls it: at most one buffer is ever full. The first
/// bytes are those that came behind the head, in the head's own buffer, which never moves; where more are to come than
/// fit behind them, a large buffer is taken. [loop]
class ResponseBody final : public http::BodySource {
 public:
  enum class Kind : std::uint8_t { None, Length, Chunked, UntilClose };

  /// What the call does for its body.
  class Host {
   public:
    /// The last byte has come. `clean`: the stream may carry another response; it did not end with this one, and
    /// nothing came behind it that nobody asked for. The stream is not touched again.
    virtual void body_received(bool clean) noexcept = 0;
    /// It will not come whole. The stream is not touched again.
    virtual void body_broken() noexcept = 0;
    /// Nothing is at hand: the sink is to be told when the stream is readable, or when that takes too long.
    virtual void body_waits() noexcept = 0;

   protected:
    ~Host() = default;
  };

  ResponseBody(net::BufferPool& buffers, Host& host) noexcept : buffers_(buffers), host_(host) {}

  /// `first`: holds the head's bytes (skipped) and what came behind them; stays where it is until reset(). Calls
  /// body_received() at once when nothing is left to be read.
  void begin(net::Stream& stream, net::Buffer& first, Kind kind, std::int64_t length);
  /// Gives the memory back.
  void reset() noexcept;
  bool waiting() const noexcept { return waiting_; }
  /// There is something new to pull for, if only a failure.
  void wake();
  /// It ends here, unless every byte has come.
  void break_off(http::BodyError error);

  State pull() override;
  std::string_view data() const noexcept override { return {at_hand_, size_}; }
  void consume(std::size_t n) noexcept override;
  void set_sink(http::BodySink* sink) noexcept override { sink_ = sink; }
  std::int64_t length() const noexcept override;
  http::BodyError error() const noexcept override { return error_; }
  const http::Headers* trailers() const noexcept override { return trailers_.size() == 0 ? nullptr : &trailers_; }
  void set_limit(std::int64_t bytes) noexcept override { limit_ = bytes; }

 private:
  enum class Look : std::uint8_t { Found, Nothing, Over };
  Look look();
  bool read();
  bool make_room();
  State failed(http::BodyError error) noexcept;
  void received() noexcept;
  net::Buffer& bytes() noexcept { return more_.has_memory() ? more_ : *first_; }
  bool show(std::size_t size) noexcept;
  void drop(std::size_t n) noexcept;

  net::BufferPool& buffers_;
  Host& host_;
  net::Stream* stream_ = nullptr;  // null: nothing more is read
  net::Buffer* first_ = nullptr;
  net::Buffer more_;
  http::ChunkedDecoder decoder_;
  http::Headers trailers_;  // views into decoder_
  http::BodySink* sink_ = nullptr;
  const char* at_hand_ = nullptr;
  std::size_t size_ = 0;
  std::int64_t length_ = 0;
  std::int64_t left_ = 0;  // Length: to be taken by the owner
  std::int64_t limit_ = std::numeric_limits<std::int64_t>::max();
  Kind kind_ = Kind::None;
  http::BodyError error_ = http::BodyError::None;
  bool over_ = false;  // every byte has come
  bool waiting_ = false;
};

}  // namespace gatehouse::client
