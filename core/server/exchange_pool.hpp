#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/slab.hpp"
#include "http/exchange.hpp"
#include "http/parser.hpp"
#include "net/buffer.hpp"
#include "server/request_body.hpp"
#include "server/response_writer.hpp"

namespace gatehouse::server {

class Connection;
class ExchangePool;

/// Everything that a request needs while it is under way, and that an idle connection does without. [loop]
class ServerExchange final : public http::Exchange, public http::BodySink {
 public:
  explicit ServerExchange(ExchangePool& pool) noexcept : pool_(&pool) {}
  virtual ~ServerExchange() = default;

  http::BodySource& body() noexcept override { return request_body; }
  void respond(const http::ResponseHead& head, http::BodySource* source) override;
  void abort() noexcept override;
  void close_after() noexcept override;
  bool responded() const noexcept override { return answered; }
  void on_body() override;

  Connection* owner = nullptr;  // null: the connection went on without it
  net::Buffer in;               // the head, and what came with it
  http::RequestParser parser;
  RequestBody request_body;
  ResponseWriter writer;
  http::ConnectionFacts facts;
  std::array<char, 48> peer_text{};
  http::MemoryBody refusal;
  std::int64_t body_deadline_ms = -1;
  std::int64_t write_deadline_ms = -1;
  std::int64_t taken = 0;  // bytes of the response that the client had acknowledged when that was set
  bool started = false;    // the handler has it and was not told its end
  bool answered = false;
  bool aborted = false;
  bool close_wanted = false;

  /// Ready for another request; the bytes in `in` stay.
  void clear() noexcept;

 private:
  friend class ExchangePool;
  void unpinned() noexcept override;
  ExchangePool* pool_;                                  // null: the pool is gone
  std::size_t index_ = 0;                               // in the pool's list of pinned ones
  std::shared_ptr<base::SlabOf<ServerExchange>> slab_;  // where this stands, once the pool is gone
};

/// The exchanges of one worker, in a slab. Those that are pinned when it is destroyed go with their last pin.
class ExchangePool {
 public:
  ExchangePool();
  ~ExchangePool();
  ExchangePool(const ExchangePool&) = delete;
  ExchangePool& operator=(const ExchangePool&) = delete;
  ServerExchange* take() { return slab_->make(*this); }
  void trim() noexcept { slab_->trim(); }
  /// The connection is done with it. While it is pinned it stays as it is.
  void give_back(ServerExchange* exchange) noexcept;

 private:
  friend class ServerExchange;
  std::shared_ptr<base::SlabOf<ServerExchange>> slab_;
  std::vector<ServerExchange*> pinned_;
};

}  // namespace gatehouse::server
