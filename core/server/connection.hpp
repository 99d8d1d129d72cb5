#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/ip.hpp"
#include "net/stream.hpp"
#include "net/timer.hpp"
#include "server/exchange_pool.hpp"
#include "server/worker.hpp"

namespace gatehouse::server {

/// What the connections of one listener have in common; outlives the listener.
struct ListenerFacts {
  std::string name;
  std::uint16_t port = 0;
  bool unix_socket = false;
};

/// One client connection speaking HTTP/1.1: reads a head, gives the exchange to the handler, writes the response, and
/// again. Between requests it is this object alone: no buffer, no exchange. [loop]
///
/// Everything happens in run(), which the socket's events, the timer and the worker's end-of-turn round call; what a
/// handler does (respond, abort, a body that comes) only schedules it. So nothing recurses, however requests are
/// pipelined, and a handler is never called back from inside its own call.
class Connection final : public net::Stream::Owner, public BodyInput {
 public:
  Connection(Worker& worker, std::shared_ptr<const ListenerFacts> listener, const base::IpAddress& peer,
             std::uint16_t peer_port, std::uint64_t id) noexcept;
  ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<void> open(int fd);
  /// At the end of this turn: run(). Idempotent.
  void schedule() noexcept;
  void run();
  /// The worker stops: an idle connection closes, another says `Connection: close` and goes after its response.
  void drain();
  void close(bool reset = false) noexcept;
  /// Ends what is under way and closes.
  void kill(http::Ending ending) noexcept;
  void respond(const http::ResponseHead& head, http::BodySource* source);

  net::Io read_body(std::span<char> into) override;
  net::BufferPool& buffers() noexcept override;
  void body_is_awaited() noexcept override;
  void send_continue() override;

 private:
  friend struct Worker;
  enum class State : std::uint8_t { New, Idle, Head, Handling, Writing, Discarding, Lingering, Closed };
  enum class Step : std::uint8_t { Again, Wait };

  void on_readable() override;
  void on_writable() override;
  void on_hangup() override;
  static void on_timer(void* self);
  void expire();

  Step step();
  Step begin_head();
  Step read_head();
  Step head_incomplete();
  Step begin_request();
  Step refuse(int status, std::string_view what);
  Step write();
  Step response_done();
  Step next_request();
  Step discard();
  Step begin_linger();
  Step linger();
  Step become_idle();
  Step closed(bool reset = false) noexcept;
  bool keeps_alive(const http::BodySource* source) const noexcept;
  void fill_facts();
  void finish(http::Ending ending) noexcept;
  void release_exchange() noexcept;
  net::Io read(std::span<char> into);
  void arm(std::int64_t delay_ms) noexcept;
  void arm_for_exchange() noexcept;
  void await_client() noexcept;
  std::int64_t taken() const noexcept;

  Worker& worker_;
  net::Stream stream_;
  net::Timer timer_;
  Connection* previous_ = nullptr;  // in the worker's list of all
  Connection* next_ = nullptr;
  Connection* next_scheduled_ = nullptr;
  ServerExchange* exchange_ = nullptr;
  std::shared_ptr<const ListenerFacts> listener_;
  base::IpAddress peer_;
  std::uint64_t id_;
  std::uint32_t requests_ = 0;
  std::uint32_t budget_left_ = 0;  // bytes still read and dropped, in Discarding and Lingering
  std::uint16_t peer_port_;
  State state_ = State::New;
  bool scheduled_ = false;
  bool running_ = false;
  bool head_timed_ = false;
};
// With its socket's buffers, which the kernel has only while they hold bytes, this is what an idle client costs.
static_assert(sizeof(Connection) <= 256);

}  // namespace gatehouse::server
