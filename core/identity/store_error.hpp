#pragma once
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "identity/fault.hpp"

namespace gatehouse::identity {

/// What functions of Tables throw. Store catches it, undoes the transaction and gives the fault to its caller.
class StoreError final : public std::exception {
 public:
  enum class Kind : std::uint8_t {
    Refused,  // the tables do not hold such a thing: the caller's to mend
    Failed,   // the database said no
    Lost,     // the connection is gone
    Repeat,   // another transaction came in between; again, it may pass
  };
  StoreError(Kind kind, Fault fault) : kind_(kind), fault_(std::move(fault)) {}
  Kind kind() const noexcept { return kind_; }
  const Fault& fault() const noexcept { return fault_; }
  const char* what() const noexcept override { return fault_.message.c_str(); }

 private:
  Kind kind_;
  Fault fault_;
};

}  // namespace gatehouse::identity
