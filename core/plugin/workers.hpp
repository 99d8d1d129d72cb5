#pragma once
#include <memory>
#include <vector>

#include "client/fetch_client.hpp"
#include "client/trust.hpp"
#include "net/loop.hpp"

namespace gatehouse::plugin {

/// The loops of the workers, by index: where answers and callbacks go that come from another thread.
struct Workers {
  struct Worker {
    net::Loop* loop = nullptr;  // on other threads: only while the mailbox says that it is there
    std::shared_ptr<net::Mailbox> mailbox;
    client::FetchClient* fetches = nullptr;  // its own thread's alone; lives as long as the loop turns. Null: none
  };
  std::vector<Worker> all;
  const std::shared_ptr<client::Trust> trust = std::make_shared<client::Trust>();
};

}  // namespace gatehouse::plugin
