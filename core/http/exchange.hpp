#pragma once
#include <cstdint>
#include <string_view>

#include "base/arena.hpp"
#include "base/ip.hpp"
#include "http/body.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace gatehouse::http {

/// What is true of a connection for as long as it lives.
struct ConnectionFacts {
  base::IpAddress peer;  // unspecified for a Unix socket
  std::uint16_t peer_port = 0;
  std::string_view peer_text;  // of the address alone; "unix:" for a Unix socket
  std::uint16_t local_port = 0;
  std::string_view listener;  // its name in the configuration
  bool tls = false;
  std::uint64_t id = 0;  // unique in the process
};

class Exchange;

/// How an exchange ended, for the log.
enum class Ending : std::uint8_t {
  Complete,    // the whole response went to the kernel
  ClientGone,  // the client closed or reset before that
  Truncated,   // the response body failed half way; the connection was closed so that the client can tell
  Timeout,     // the client did not take the response in time
  Refused,     // the listener itself answered (400, 408, 413, 431, 501, ...): start() was never called
};

/// The server's side of what happens to a request: `gateway` and `admin` are handlers. [loop]
class Handler {
 public:
  /// The head is there. The handler sees to it that respond() or abort() is called once, now or later.
  virtual void start(Exchange& exchange) = 0;
  /// Exactly once for each start(), never from inside start(), respond() or abort(): the response is out, or nobody
  /// waits for it any more. Whatever goes on for this
  /// exchange is cancelled here. After the return nothing of the exchange may be touched, unless it is pinned.
  virtual void finished(Exchange& exchange, Ending ending) noexcept = 0;
  /// A request that the parser refused: the handler may count and log it. `what` says why, for the log.
  virtual void refused(const ConnectionFacts&, int status, std::string_view what) noexcept {
    static_cast<void>(status);
    static_cast<void>(what);
  }

 protected:
  ~Handler() = default;
};

/// One request and its one response. Made by the server, given to the Handler; lives on one loop. The server keeps the
/// request's bytes still until the exchange is over (and longer, while pinned).
class Exchange {
 public:
  RequestHead request;
  const ConnectionFacts* connection = nullptr;
  base::Arena arena;                  // for whatever lives as long as the exchange
  std::int64_t start_ns = 0;          // monotonic, when the head was complete
  void* handler_data = nullptr;       // the Handler's own; null at start()
  std::uint64_t bytes_sent = 0;       // head and body, as framed
  std::uint64_t body_bytes_sent = 0;  // payload of the response body
  std::uint64_t bytes_received = 0;   // payload of the request body
  std::uint16_t status = 0;           // what was sent; 0 = nothing yet

  /// The request's body; never null. Reading it is the handler's choice: what is left unread when the response is out
  /// is discarded up to a small bound, else the connection closes.
  virtual BodySource& body() noexcept = 0;

  /// Sends the response: once. `body` is pulled until its end and must live until finished(); null: no body. A body of
  /// known length() gets Content-Length, another chunked (or, for HTTP/1.0, the end of the connection). For HEAD and
  /// for 1xx, 204, 304 the body is not sent, and the Content-Length header that `head` gives, if any, is kept.
  /// The views in `head` need to be good during the call only.
  virtual void respond(const ResponseHead& head, BodySource* body) = 0;
  /// Closes the connection without a further byte.
  virtual void abort() noexcept = 0;
  /// Closes the connection once this response is out.
  virtual void close_after() noexcept = 0;
  /// True once respond() or abort() was called.
  virtual bool responded() const noexcept = 0;

  /// Keeps the exchange's memory (request bytes, arena) after finished(), until as many unpin() calls: for an
  /// authorizer that overran its deadline and still reads. [loop]
  void pin() noexcept { ++pins_; }
  void unpin() noexcept {
    if (--pins_ != 0) return;
    if (on_unpinned != nullptr) on_unpinned(*this);
    unpinned();
  }
  bool pinned() const noexcept { return pins_ != 0; }
  /// Told when the last pin goes, while the memory is still there: a handler that keeps things of its own for as long
  /// as the exchange is pinned sets it in finished(). Null at start().
  void (*on_unpinned)(Exchange&) noexcept = nullptr;

 protected:
  ~Exchange() = default;
  /// The last pin is gone. The server frees the exchange if it is over.
  virtual void unpinned() noexcept = 0;
  std::uint32_t pins_ = 0;
};

}  // namespace gatehouse::http
