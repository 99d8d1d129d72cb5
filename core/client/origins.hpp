#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "client/client.hpp"
#include "client/url.hpp"
#include "net/timer.hpp"

namespace gatehouse::client {

/// Where fetches of one worker go to: an Upstream for each scheme, host, port, trust and address rule, made when it is
/// first asked for and forgotten (its connections closed) when nobody has asked for some time. [loop]
class Origins {
 public:
  static constexpr std::size_t kMax = 128;
  static constexpr std::int64_t kUnusedMs = 120'000;

  Origins(net::Loop& loop, Client& client);

  struct Origin {
    std::shared_ptr<const Upstream> upstream;
    std::size_t users = 0;
    std::int64_t used_ms = 0;
  };
  /// Counts one user. Limit: every place is taken by an origin in use.
  Result<Origin*> take(const Url& url, const std::shared_ptr<const net::TlsClientContext>& tls, AddressRule rule);
  void give_back(Origin& origin) noexcept;
  std::size_t size() const noexcept { return all_.size(); }

 private:
  using Key = std::tuple<std::string, bool, const net::TlsClientContext*, AddressRule>;
  bool make_room();
  void forget_unused();
  void tell_client();

  net::Loop& loop_;
  Client& client_;
  std::map<Key, Origin> all_;
  net::Timer tidy_;
};

}  // namespace gatehouse::client
