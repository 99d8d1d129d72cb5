#include "server/exchange_pool.hpp"

#include "server/connection.hpp"

namespace gatehouse::server {

void ServerExchange::respond(const http::ResponseHead& head, http::BodySource* source) {
  if (answered || owner == nullptr) return;
  answered = true;
  owner->respond(head, source);
}

void ServerExchange::abort() noexcept {
  if (owner == nullptr || !started) return;
  answered = aborted = true;
  owner->schedule();
}

void ServerExchange::close_after() noexcept {
  close_wanted = true;
}

void ServerExchange::on_body() {
  if (owner != nullptr) owner->schedule();
}

void ServerExchange::clear() noexcept {
  arena.reset();
  parser.reset();
  writer.reset();
  handler_data = nullptr;
  on_unpinned = nullptr;
  bytes_sent = body_bytes_sent = bytes_received = 0;
  status = 0;
  body_deadline_ms = write_deadline_ms = -1;
  started = answered = aborted = close_wanted = false;
}

void ServerExchange::unpinned() noexcept {
  if (owner != nullptr) return;
  if (pool_ == nullptr) {
    in.abandon();
    const auto slab = std::move(slab_);
    slab->destroy(this);
    return;
  }
  ServerExchange* const last = pool_->pinned_.back();
  pool_->pinned_[index_] = last;
  last->index_ = index_;
  pool_->pinned_.pop_back();
  pool_->slab_->destroy(this);
}

ExchangePool::ExchangePool() : slab_(std::make_shared<base::SlabOf<ServerExchange>>()) {}

ExchangePool::~ExchangePool() {
  for (ServerExchange* exchange : pinned_) {
    exchange->pool_ = nullptr;
    exchange->slab_ = slab_;
  }
}

void ExchangePool::give_back(ServerExchange* exchange) noexcept {
  exchange->owner = nullptr;
  exchange->request_body.detach();
  exchange->writer.reset();
  if (!exchange->pinned()) {
    slab_->destroy(exchange);
    return;
  }
  exchange->index_ = pinned_.size();
  pinned_.push_back(exchange);
}

}  // namespace gatehouse::server
