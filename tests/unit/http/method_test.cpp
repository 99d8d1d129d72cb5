#include "http/method.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::http {
namespace {

TEST(Method, NamesAndReadsTheSeven) {
  for (std::size_t i = 0; i < kMethods; ++i) {
    const auto method = static_cast<Method>(i);
    Method read = method == Method::Get ? Method::Put : Method::Get;
    EXPECT_TRUE(parse_method(name(method), read));
    EXPECT_EQ(read, method);
  }
}

TEST(Method, TakesNoOther) {
  for (const std::string_view token : {"", "G", "get", "Get", "GE", "GETT", "PUTS", "POS", "HEAR", "PORT", "PUR", "GOT",
                                       "BATCH", "DELETED", "CONNECT", "TRACE", "PURGE", "SEARCH", "ANY"}) {
    Method read{};
    EXPECT_FALSE(parse_method(token, read)) << token;
  }
}

TEST(Method, KnowsWhatMayBeSentTwice) {
  for (const Method m : {Method::Get, Method::Head, Method::Put, Method::Delete, Method::Options})
    EXPECT_TRUE(is_idempotent(m));
  EXPECT_FALSE(is_idempotent(Method::Post));
  EXPECT_FALSE(is_idempotent(Method::Patch));
}

}  // namespace
}  // namespace gatehouse::http
