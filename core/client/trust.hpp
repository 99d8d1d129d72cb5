#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "net/tls.hpp"

namespace gatehouse::client {

/// Whom fetches trust: TLS contexts that verify, by their authorities, made once and shared by all workers. [any]
class Trust {
 public:
  using Context = std::shared_ptr<const net::TlsClientContext>;
  static constexpr std::size_t kMaxKept = 64;

  /// The system's authorities, read at the first use: so ask once at [setup], for it reads files.
  Result<Context> system();
  /// Reads the system's authorities anew when they were read before; keeps the old ones when that fails. What was given
  /// out stays as it is. [setup]
  Result<void> refresh();
  /// Certificates as PEM text, and no others. The last kMaxKept are kept.
  Result<Context> of_pem(std::string_view pem);

 private:
  std::mutex mutex_;
  Context system_;
  std::deque<std::pair<base::Sha256, Context>> kept_;  // the one used last is the last one
};

}  // namespace gatehouse::client
