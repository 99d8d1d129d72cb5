#pragma once
#include <memory>
#include <vector>

#include "net/loop.hpp"

namespace gatehouse::plugin {

/// The loops of the workers, by index: where answers and callbacks go that come from another thread.
struct Workers {
  struct Worker {
    net::Loop* loop = nullptr;  // on other threads: only while the mailbox says that it is there
    std::shared_ptr<net::Mailbox> mailbox;
  };
  std::vector<Worker> all;
};

}  // namespace gatehouse::plugin
