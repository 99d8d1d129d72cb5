#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "routing/table.hpp"

namespace gatehouse::routing {

inline std::vector<RouteKey> keys(const std::vector<std::string>& texts, PathPattern::Syntax syntax) {
  std::vector<RouteKey> out;
  for (const std::string& text : texts) {
    auto key = RouteKey::parse(text, syntax);
    if (!key) {
      ADD_FAILURE() << text << ": " << key.error().text;
      continue;
    }
    out.push_back(std::move(*key));
  }
  return out;
}

/// The routes of a test and what requests find in them, as text: `GET /a/{b} b=1`, or "" for nothing.
template <class Table, PathPattern::Syntax kSyntax>
class Routes {
 public:
  explicit Routes(const std::vector<std::string>& texts) : texts_(texts), table_(Table::compile(keys(texts, kSyntax))) {
    EXPECT_TRUE(table_) << table_.error().text;
  }
  std::string find(std::string_view request, bool fallthrough = true) const {
    const std::size_t blank = request.find(' ');
    http::Method method{};
    EXPECT_TRUE(http::parse_method(request.substr(0, blank), method)) << request;
    Match match;
    bool is_found = false;
    if constexpr (kSyntax == PathPattern::Syntax::Rest)
      is_found = table_->find(method, request.substr(blank + 1), fallthrough, match);
    else
      is_found = table_->find(method, request.substr(blank + 1), match);
    if (!is_found) return "";
    std::string out = texts_.at(match.route);
    for (std::uint32_t i = 0; i < match.capture_count; ++i)
      out += " " + std::string(match.captures[i].name) + "=" + std::string(match.captures[i].value);
    return out;
  }
  const Table& table() const { return *table_; }

 private:
  std::vector<std::string> texts_;
  Result<Table> table_;
};
using RestRoutes = Routes<RestTable, PathPattern::Syntax::Rest>;
using HttpRoutes = Routes<HttpTable, PathPattern::Syntax::Http>;

template <class Table>
Error refusal(const std::vector<std::string>& texts, PathPattern::Syntax syntax) {
  auto table = Table::compile(keys(texts, syntax));
  EXPECT_FALSE(table);
  return table ? Error{} : table.error();
}

struct Lookup {
  const char* request;
  const char* expected;
};

}  // namespace gatehouse::routing
