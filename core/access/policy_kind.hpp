#pragma once
#include "access/answer.hpp"
#include "policy/policy.hpp"

namespace gatehouse::access {

/// What a document has to be to stand in that role. [any]
constexpr policy::Kind kind_of(PolicyRole role) noexcept {
  switch (role) {
    case PolicyRole::Identity:
      return policy::Kind::Identity;
    case PolicyRole::Boundary:
      return policy::Kind::Boundary;
    case PolicyRole::Session:
      return policy::Kind::Session;
    case PolicyRole::Endpoint:
      return policy::Kind::Endpoint;
    case PolicyRole::Resource:
      break;
  }
  return policy::Kind::Resource;
}

}  // namespace gatehouse::access
