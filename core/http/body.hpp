#pragma once
#include <cstdint>
#include <string_view>

#include "http/headers.hpp"

namespace gatehouse::http {

/// Told by a BodySource that pull() is worth calling again. [loop]
class BodySink {
 public:
  virtual void on_body() = 0;

 protected:
  ~BodySink() = default;
};

/// Why a body failed: the reader answers differently.
enum class BodyError : std::uint8_t {
  None,
  Closed,
  Malformed,
  TooLarge,
  Timeout,
  NoRoom,  // it was to be kept, and there was no room for it
};

/// A message body that is pulled by whoever wants it: nothing is read from the network faster than it is consumed, so
/// memory is bounded by one buffer. Bytes are payload (the framing is gone). One reader, one loop. The pattern:
///
///   for (;;) switch (body.pull()) {
///     case Ready:   n = write(body.data()); body.consume(n); if (n < size) return; break;  // wait for the peer
///     case Waiting: return;                                                                // on_body() will come
///     case End:     ...; return;
///     case Failed:  ...; return;
///   }
class BodySource {
 public:
  enum class State : std::uint8_t { Ready, Waiting, End, Failed };

  /// Looks for bytes, reading from the network if none are at hand. Never calls the sink. The first call on a request
  /// body sends the `100 Continue` that the client waits for.
  virtual State pull() = 0;
  /// The bytes at hand: not empty after Ready; good until the next consume() or pull().
  virtual std::string_view data() const noexcept = 0;
  virtual void consume(std::size_t n) noexcept = 0;
  /// Whom to tell after Waiting; null for nobody. The sink is told from the loop, never from inside a call above.
  virtual void set_sink(BodySink* sink) noexcept = 0;
  /// Bytes in all, when the message says so; -1 when it is chunked or ends with the connection. 0: no body.
  virtual std::int64_t length() const noexcept = 0;
  /// After Failed.
  virtual BodyError error() const noexcept = 0;
  /// The trailer fields, after End; null when there are none.
  virtual const Headers* trailers() const noexcept { return nullptr; }
  /// The most payload bytes that are let through; one more is Failed with TooLarge. Before the first pull().
  virtual void set_limit(std::int64_t bytes) noexcept = 0;

 protected:
  ~BodySource() = default;
};

/// A body that is already in memory (or none). Does not own the bytes.
class MemoryBody final : public BodySource {
 public:
  explicit MemoryBody(std::string_view bytes = {}) noexcept
      : bytes_(bytes), size_(static_cast<std::int64_t>(bytes.size())) {}
  void assign(std::string_view bytes) noexcept {
    bytes_ = bytes;
    size_ = static_cast<std::int64_t>(bytes.size());
  }
  State pull() override { return bytes_.empty() ? State::End : State::Ready; }
  std::string_view data() const noexcept override { return bytes_; }
  void consume(std::size_t n) noexcept override { bytes_.remove_prefix(n); }
  void set_sink(BodySink*) noexcept override {}
  std::int64_t length() const noexcept override { return size_; }
  BodyError error() const noexcept override { return BodyError::None; }
  void set_limit(std::int64_t) noexcept override {}

 private:
  std::string_view bytes_;
  std::int64_t size_;
};

}  // namespace gatehouse::http
