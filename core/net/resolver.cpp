#include "net/resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

namespace gatehouse::net {
namespace {

constexpr std::size_t kMaxName = 253;

// getaddrinfo takes short, octal and hexadecimal IPv4 forms; what is not one of our addresses must be a name.
bool is_host_name(std::string_view host) noexcept {
  if (host.empty() || host.size() > kMaxName) return false;
  bool digits_only = true;
  for (const char c : host) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!digit && !letter && c != '-' && c != '.' && c != '_') return false;
    if (!digit && c != '.') digits_only = false;
  }
  return !digits_only && !(host[0] == '0' && host.size() > 1 && (host[1] == 'x' || host[1] == 'X'));
}

Result<Resolver::Addresses> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    const bool unknown = error == EAI_NONAME || error == EAI_NODATA || error == EAI_FAIL;
    return fail(unknown ? Code::NotFound : Code::Unavailable, "resolving `" + host + "`: " + ::gai_strerror(error));
  }
  Resolver::Addresses out;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    base::IpAddress ip;
    if (at->ai_family == AF_INET) {
      ip = base::IpAddress::v4(ntohl(reinterpret_cast<const sockaddr_in*>(at->ai_addr)->sin_addr.s_addr));
    } else if (at->ai_family == AF_INET6) {
      std::memcpy(ip.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(at->ai_addr)->sin6_addr, 16);
    } else {
      continue;
    }
    if (std::find(out.begin(), out.end(), ip) == out.end()) out.push_back(ip);
  }
  ::freeaddrinfo(found);
  if (out.empty()) return fail(Code::NotFound, "resolving `" + host + "`: no address");
  return out;
}

}  // namespace

// Callbacks stay on the loop: only a number and the name go to the executor's thread.
struct SystemResolver::Pending {
  std::unordered_map<std::uint64_t, Callback> callbacks;
  std::uint64_t next = 0;

  void answer(std::uint64_t id, Result<Addresses> result) {
    const auto at = callbacks.find(id);
    if (at == callbacks.end()) return;
    const Callback callback = std::move(at->second);
    callbacks.erase(at);
    callback(std::move(result));
  }
};

SystemResolver::SystemResolver(Loop& loop, std::shared_ptr<Executor::Share> share)
    : loop_(loop), share_(std::move(share)), pending_(std::make_shared<Pending>()) {}

SystemResolver::~SystemResolver() {
  pending_->callbacks.clear();
}

void SystemResolver::resolve(std::string_view host, Callback answer) {
  const std::uint64_t id = pending_->next++;
  pending_->callbacks.emplace(id, std::move(answer));
  const auto answer_soon = [this, id](Result<Addresses> result) {
    loop_.defer([pending = pending_, id, held = std::move(result)]() mutable { pending->answer(id, std::move(held)); });
  };
  if (const auto numeric = base::IpAddress::parse(host)) return answer_soon(Addresses{*numeric});
  std::string name(host);
  if (!is_host_name(host)) return answer_soon(fail(Code::Invalid, "`" + name + "` is not a host name"));
  // The mailbox keeps `pending` until the loop runs or drops the task: on the loop's thread either way.
  const bool taken = share_->run([mailbox = loop_.mailbox(), weak = std::weak_ptr(pending_), id, name] {
    mailbox->post([weak, id, result = look_up(name)]() mutable {
      if (const auto pending = weak.lock()) pending->answer(id, std::move(result));
    });
  });
  if (!taken) answer_soon(fail(Code::Limit, "resolving `" + name + "`: too many look-ups wait"));
}

}  // namespace gatehouse::net
