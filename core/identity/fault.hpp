#pragma once
#include <string>

#include "base/error.hpp"

namespace gatehouse::identity {

/// Why something was refused, in the words of the IAM and STS APIs: `NoSuchEntity`, `EntityAlreadyExists`,
/// `LimitExceeded`, `DeleteConflict`, `MalformedPolicyDocument`, `ValidationError`, `AccessDenied`, `ServiceFailure`.
/// The message may be shown to the caller; it holds no secret.
struct Fault {
  std::string code;
  std::string message;
};

template <class T>
using Outcome = tl::expected<T, Fault>;

inline tl::unexpected<Fault> refuse(std::string code, std::string message) {
  return tl::unexpected<Fault>(Fault{std::move(code), std::move(message)});
}

}  // namespace gatehouse::identity
