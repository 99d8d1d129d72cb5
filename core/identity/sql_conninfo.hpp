#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::identity {

/// A connection string of PostgreSQL, in either form that libpq has: `host=db dbname=gatehouse sslmode=verify-full` or
/// `postgresql://gatehouse@db/gatehouse?sslmode=verify-full`.
class Conninfo {
 public:
  /// Errors: Invalid. None shows a value.
  static Result<Conninfo> parse(std::string_view text);

  /// Says it where nobody has: how long to wait for a connection, and for a server that has fallen silent.
  void set_timeout(std::int64_t ms);
  /// As Poco's connector takes it, which splits at blanks and knows no URI. Unsupported: a blank within a value.
  Result<std::string> poco() const;
  /// `postgresql:db:5432/gatehouse`: for messages.
  std::string name() const;

  /// Of a keyword; empty when it is not set.
  std::string_view get(std::string_view keyword) const;

 private:
  Result<void> read_keywords(std::string_view text);
  Result<void> read_uri(std::string_view text);
  Result<void> set(std::string keyword, std::string value);

  std::vector<std::pair<std::string, std::string>> parts_;
};

}  // namespace gatehouse::identity
