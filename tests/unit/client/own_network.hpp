#pragma once
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <initializer_list>
#include <string>
#include <thread>

namespace gatehouse::test {

/// Runs `work` on a thread with a network of its own, in which these addresses, whatever they are elsewhere, are this
/// machine's. False when that is not permitted here; `work` was not run then.
inline bool in_own_network(std::initializer_list<const char*> addresses, const std::function<void()>& work) {
  const auto make = [&] {
    if (::unshare(CLONE_NEWNET) != 0) return false;
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
    bool good = fd >= 0 && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    int number = 0;
    for (const char* text : addresses) {
      std::strcpy(request.ifr_name, ("lo:" + std::to_string(++number)).c_str());
      sockaddr_in address{};
      address.sin_family = AF_INET;
      ::inet_pton(AF_INET, text, &address.sin_addr);
      std::memcpy(&request.ifr_addr, &address, sizeof address);
      good = good && ::ioctl(fd, SIOCSIFADDR, &request) == 0;
    }
    ::close(fd);
    return good;
  };
  bool made = false;
  std::thread([&] {
    made = make();
    if (made) work();
  }).join();
  return made;
}

}  // namespace gatehouse::test
