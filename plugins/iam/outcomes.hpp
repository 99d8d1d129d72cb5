#pragma once
#include <gatehouse/authorizer.hpp>
#include <gatehouse/kit/sigv4/fault.hpp>

#include <cstddef>

namespace gatehouse::iam {

/// Counts requests by what became of them.
class Outcomes {
 public:
  explicit Outcomes(const Host& host)
      : verified(of(host, "verified")), anonymous(of(host, "anonymous")), failed(of(host, "failed")) {
    for (std::size_t i = 1; i < kit::sigv4::kFaults; ++i)
      faults_[i] = of(host, kit::sigv4::name(static_cast<kit::sigv4::Fault>(i)));
  }
  void refused(kit::sigv4::Fault fault) const noexcept { faults_[static_cast<std::size_t>(fault)].add(); }
  const Counter verified, anonymous, failed;

 private:
  static Counter of(const Host& host, const char* outcome) {
    return host.counter("requests_total", "requests by what their signatures came to", {{"outcome", outcome}});
  }
  Counter faults_[kit::sigv4::kFaults];
};

}  // namespace gatehouse::iam
