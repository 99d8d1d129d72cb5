#include "client/trust.hpp"

#include <algorithm>

namespace gatehouse::client {

Result<Trust::Context> Trust::system() {
  const std::lock_guard lock(mutex_);
  if (system_ == nullptr) {
    auto made = net::TlsClientContext::make({});
    if (!made) return made;
    system_ = std::move(*made);
  }
  return system_;
}

Result<void> Trust::refresh() {
  {
    const std::lock_guard lock(mutex_);
    if (system_ == nullptr) return {};
  }
  auto made = net::TlsClientContext::make({});
  if (!made) return tl::unexpected<Error>(std::move(made.error()));
  const std::lock_guard lock(mutex_);
  system_ = std::move(*made);
  return {};
}

Result<Trust::Context> Trust::of_pem(std::string_view pem) {
  const base::Sha256 digest = base::sha256(pem);
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const auto& one) { return one.first == digest; });
  if (found != kept_.end()) {
    std::rotate(found, found + 1, kept_.end());
    return kept_.back().second;
  }
  net::TlsClientSettings settings;
  settings.ca_pem = pem;
  if (settings.ca_pem.empty()) return fail(Code::Invalid, "reading authorities from PEM text: it is empty");
  auto made = net::TlsClientContext::make(settings);
  if (!made) return made;
  if (kept_.size() == kMaxKept) kept_.pop_front();
  kept_.emplace_back(digest, *made);
  return made;
}

}  // namespace gatehouse::client
