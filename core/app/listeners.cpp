#include "app/listeners.hpp"

namespace gatehouse::app {
namespace {

bool is_unix(const std::string& address) {
  return address.starts_with("unix:");
}

}  // namespace

bool Listeners::open(const config::Config& config, const Listeners& before, std::uint32_t workers,
                     config::Diagnostics& diagnostics) {
  for (const config::Listener& from : config.listeners) {
    const auto kept = before.bound_.find(from.name);
    if (kept != before.bound_.end() && kept->second.address == from.address) {
      bound_[from.name] = kept->second;
      continue;
    }
    Bound bound;
    bound.address = from.address;
    server::ListenerSettings settings;
    settings.name = from.name;
    settings.address = from.address;
    settings.backlog = static_cast<int>(from.backlog);
    if (auto free = before.is_free(settings); !free) {
      diagnostics.error(std::move(free.error()).at(from.where));
      continue;
    }
    for (std::uint32_t i = 0; i < workers; ++i) {
      if (i > 0 && is_unix(from.address)) {
        bound.sockets.push_back(bound.sockets.front());
        continue;
      }
      auto socket = server::ListenSocket::open(settings);
      if (!socket) {
        diagnostics.error(std::move(socket.error()).at(from.where));
        break;
      }
      settings.address = (*socket)->address();  // port 0: the others join the port that the system chose
      bound.sockets.push_back(std::move(*socket));
    }
    bound_[from.name] = std::move(bound);
  }
  return diagnostics.ok();
}

// Workers share a port by SO_REUSEPORT, and so would another gateway of the same user: two would take turns answering.
// Only a socket that does not ask to share tells.
Result<void> Listeners::is_free(const server::ListenerSettings& settings) const {
  if (is_unix(settings.address)) return {};
  for (const auto& [name, bound] : bound_)
    for (const auto& socket : bound.sockets)
      if (socket->address() == settings.address) return {};  // ours: a listener that changes its name
  server::ListenerSettings alone = settings;
  alone.reuse_port = false;
  alone.backlog = 1;
  const auto probe = server::ListenSocket::open(alone);
  if (!probe) return tl::unexpected(probe.error());
  return {};
}

std::vector<std::pair<std::string, std::string>> Listeners::addresses() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, bound] : bound_) out.emplace_back(name, bound.sockets.front()->address());
  return out;
}

std::vector<std::shared_ptr<server::ListenSocket>> Listeners::of_worker(std::size_t index) const {
  std::vector<std::shared_ptr<server::ListenSocket>> out;
  for (const auto& [name, bound] : bound_) out.push_back(bound.sockets[index]);
  return out;
}

}  // namespace gatehouse::app
