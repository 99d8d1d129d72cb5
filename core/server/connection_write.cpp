#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "server/connection.hpp"

// The outgoing half of a connection: the response, and what comes behind it.
namespace gatehouse::server {

bool Connection::keeps_alive(const http::BodySource* source) const noexcept {
  const ServerExchange& x = *exchange_;
  const ServerSettings& settings = worker_.settings;
  const RequestBody& body = x.request_body;
  if (!x.request.keep_alive || x.close_wanted || body.failed() || body.owes_continue()) return false;
  if (settings.requests_per_connection != 0 && requests_ >= settings.requests_per_connection) return false;
  // A large body that nobody has asked for will not be read.
  if (!body.begun() && source != &body && body.payload_left() > static_cast<std::int64_t>(settings.discard_bytes))
    return false;
  // A pipelined request whose first byte is here is still served.
  return !worker_.draining || (body.complete() && !body.rest().empty());
}

void Connection::respond(const http::ResponseHead& head, http::BodySource* source) {
  ServerExchange& x = *exchange_;
  ResponseShape shape;
  shape.to_head = x.request.method == http::Method::Head;
  shape.old_client = x.request.minor_version == 0;
  shape.keep_alive = keeps_alive(source);
  if (const http::Header* te = x.request.headers.find(http::HeaderId::Te))
    shape.with_trailers = http::has_token(te->value, "trailers");
  shape.date_line = worker_.date_line();
  shape.server_name = worker_.settings.server_name;
  if (x.writer.begin(head, source, shape, worker_.buffers)) {
    x.status = head.status;
    x.writer.set_sink(x);
  } else {
    base::log(base::Level::Warn, "a response was dropped: its status or one of its header lines cannot be sent",
              {{"status", std::to_string(head.status)}});
    http::ResponseHead error;
    error.status = x.status = 500;
    error.headers.add("Content-Type", "application/json");
    x.refusal.assign(R"({"message":"Internal Server Error"})");
    x.writer.begin(error, &x.refusal, shape, worker_.buffers);
  }
  if (!running_) schedule();
}

Connection::Step Connection::write() {
  ServerExchange& x = *exchange_;
  const std::uint64_t before = x.writer.bytes_sent();
  const ResponseWriter::Result result = x.writer.write(stream_);
  const std::uint64_t sent = x.writer.bytes_sent() - before;
  worker_.metrics.bytes_out.add(sent);
  switch (result) {
    case ResponseWriter::Result::Done:
      return response_done();
    case ResponseWriter::Result::Blocked:
      if (sent != 0 || x.write_deadline_ms < 0) await_client();
      arm_for_exchange();
      return Step::Wait;
    case ResponseWriter::Result::Waiting:
      x.write_deadline_ms = -1;
      arm_for_exchange();
      return Step::Wait;
    case ResponseWriter::Result::Yield:
      x.write_deadline_ms = -1;
      schedule();
      return Step::Wait;
    case ResponseWriter::Result::Gone:
      kill(http::Ending::ClientGone);
      return Step::Wait;
    case ResponseWriter::Result::Failed:
      break;
  }
  // An end that comes too early is seen as such, unless the end of the connection is the only end there is.
  const bool reset = x.writer.ends_with_connection();
  finish(http::Ending::Truncated);
  x.request.keep_alive = true;
  return reset ? closed(true) : begin_linger();
}

Connection::Step Connection::response_done() {
  ServerExchange& x = *exchange_;
  finish(http::Ending::Complete);
  if (x.writer.closes() || x.close_wanted || x.request_body.failed() || x.request_body.owes_continue())
    return begin_linger();
  if (x.request_body.complete()) return next_request();
  if (x.request_body.payload_left() > static_cast<std::int64_t>(worker_.settings.discard_bytes)) return begin_linger();
  budget_left_ = static_cast<std::uint32_t>(
      std::min<std::size_t>(worker_.settings.discard_bytes, std::numeric_limits<std::uint32_t>::max()));
  state_ = State::Discarding;
  return Step::Again;
}

void Connection::finish(http::Ending ending) noexcept {
  ServerExchange& x = *exchange_;
  x.body_deadline_ms = x.write_deadline_ms = -1;
  worker_.loop.timers().disarm(timer_);
  x.request_body.set_sink(nullptr);
  x.writer.drop_body();
  x.bytes_sent = x.writer.bytes_sent();
  x.body_bytes_sent = x.writer.body_bytes_sent();
  x.bytes_received = x.request_body.received();
  if (std::exchange(x.started, false)) worker_.handler.finished(x, ending);
  // What is left of the request may take its time to be discarded; what was made of it need not wait.
  if (!x.pinned()) x.arena.reset();
}

Connection::Step Connection::next_request() {
  ServerExchange& x = *exchange_;
  net::Buffer rest = x.request_body.take_rest();
  if (!x.pinned()) {
    if (!rest.empty()) x.in = std::move(rest);
    x.in.consume(0);
    x.clear();
  } else {
    const std::string_view bytes = rest.empty() ? x.in.data() : rest.data();
    ServerExchange* const fresh = worker_.exchanges.take();
    fresh->in = worker_.buffers.acquire(
        std::max({net::BufferPool::kSmall, std::size_t{worker_.settings.head.head_bytes} + 1, bytes.size()}));
    fresh->in.append(bytes);
    fresh->owner = this;
    release_exchange();
    exchange_ = fresh;
  }
  state_ = State::Head;
  head_timed_ = false;
  return Step::Again;
}

}  // namespace gatehouse::server
