#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ip.hpp"
#include "net/executor.hpp"
#include "net/loop.hpp"

namespace gatehouse::net {

/// Names to addresses. A seam: tests answer from a table.
class Resolver {
 public:
  /// In the order to try; never empty.
  using Addresses = std::vector<base::IpAddress>;
  using Callback = std::function<void(Result<Addresses>)>;
  virtual ~Resolver() = default;
  /// [loop] `answer` comes once, on the loop, never from inside this call; not at all once the resolver is destroyed.
  /// `host`: a DNS name or a numeric address, without brackets. Errors: NotFound (no such name), Unavailable (try
  /// again), Invalid (not a host name), Limit (too many look-ups wait).
  virtual void resolve(std::string_view host, Callback answer) = 0;
};

/// The system's resolver (getaddrinfo) on an executor share. Numeric addresses are answered without a thread. Equal
/// addresses are given once. One loop's.
class SystemResolver final : public Resolver {
 public:
  SystemResolver(Loop& loop, std::shared_ptr<Executor::Share> share);
  ~SystemResolver() override;
  void resolve(std::string_view host, Callback answer) override;

 private:
  struct Pending;
  Loop& loop_;
  std::shared_ptr<Executor::Share> share_;
  std::shared_ptr<Pending> pending_;
};

}  // namespace gatehouse::net
