#pragma once
#include <gatehouse/kit/sigv4/fault.hpp>

#include <string>
#include <utility>

namespace gatehouse::kit::sigv4 {

/// Fills it in; false, so that whoever refuses can say so in one line.
inline bool refuse(Refusal& why, Fault fault, std::string message = {}, std::string reason = {}) {
  why.fault = fault;
  why.message = message.empty() ? std::string(fixed_message(fault)) : std::move(message);
  why.reason = std::move(reason);
  return false;
}

}  // namespace gatehouse::kit::sigv4
