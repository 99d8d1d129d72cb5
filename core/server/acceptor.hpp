#pragma once
#include <cstdint>
#include <memory>

#include "net/loop.hpp"
#include "net/timer.hpp"
#include "server/connection.hpp"
#include "server/server.hpp"
#include "server/worker.hpp"

namespace gatehouse::server {

/// Takes connections off one listening socket for one worker, a bounded number a turn. [loop]
class Acceptor final : private net::Watcher {
 public:
  Acceptor(Worker& worker, std::shared_ptr<ListenSocket> socket);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  Result<void> start();
  /// Takes everything that waits in the queue now.
  void empty_queue();
  const std::shared_ptr<ListenSocket>& socket() const noexcept { return socket_; }

 private:
  enum class Accepted : std::uint8_t { One, None, Exhausted };
  void on_events(std::uint32_t events) override;
  void accept_some(int most);
  Accepted accept_one();

  Worker& worker_;
  std::shared_ptr<ListenSocket> socket_;
  std::shared_ptr<const ListenerFacts> facts_;
  net::Chore more_;
  net::Timer retry_;
  bool watching_ = false;
};

}  // namespace gatehouse::server
