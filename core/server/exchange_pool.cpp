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
    delete this;
    return;
  }
  ServerExchange* const last = pool_->pinned_.back();
  pool_->pinned_[index_] = last;
  last->index_ = index_;
  pool_->pinned_.pop_back();
  pool_->keep(this);
}

ExchangePool::~ExchangePool() {
  for (ServerExchange* exchange : free_) delete exchange;
  for (ServerExchange* exchange : pinned_) exchange->pool_ = nullptr;
}

ServerExchange* ExchangePool::take() {
  if (free_.empty()) {
    free_.reserve(kKept);
    return new ServerExchange(*this);
  }
  ServerExchange* const exchange = free_.back();
  free_.pop_back();
  return exchange;
}

void ExchangePool::give_back(ServerExchange* exchange) noexcept {
  exchange->owner = nullptr;
  exchange->request_body.detach();
  exchange->writer.reset();
  if (!exchange->pinned()) {
    keep(exchange);
    return;
  }
  exchange->index_ = pinned_.size();
  pinned_.push_back(exchange);
}

void ExchangePool::keep(ServerExchange* exchange) noexcept {
  exchange->in.release();
  exchange->clear();
  if (free_.size() == kKept)
    delete exchange;
  else
    free_.push_back(exchange);
}

}  // namespace gatehouse::server
