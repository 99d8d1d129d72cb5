#include "http/headers.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace gatehouse::http {
namespace {

const std::pair<const char*, HeaderId> kNames[] = {
    {"Accept", HeaderId::Accept},
    {"Access-Control-Request-Headers", HeaderId::AccessControlRequestHeaders},
    {"Access-Control-Request-Method", HeaderId::AccessControlRequestMethod},
    {"Authorization", HeaderId::Authorization},
    {"Connection", HeaderId::Connection},
    {"Content-Encoding", HeaderId::ContentEncoding},
    {"Content-Length", HeaderId::ContentLength},
    {"Content-Type", HeaderId::ContentType},
    {"Cookie", HeaderId::Cookie},
    {"Date", HeaderId::Date},
    {"Expect", HeaderId::Expect},
    {"Forwarded", HeaderId::Forwarded},
    {"Host", HeaderId::Host},
    {"Keep-Alive", HeaderId::KeepAlive},
    {"Origin", HeaderId::Origin},
    {"Proxy-Authenticate", HeaderId::ProxyAuthenticate},
    {"Proxy-Authorization", HeaderId::ProxyAuthorization},
    {"Proxy-Connection", HeaderId::ProxyConnection},
    {"Server", HeaderId::Server},
    {"TE", HeaderId::Te},
    {"Trailer", HeaderId::Trailer},
    {"Transfer-Encoding", HeaderId::TransferEncoding},
    {"Upgrade", HeaderId::Upgrade},
    {"User-Agent", HeaderId::UserAgent},
    {"Via", HeaderId::Via},
    {"x-amzn-RequestId", HeaderId::XAmznRequestId},
    {"X-Forwarded-For", HeaderId::XForwardedFor},
    {"X-Forwarded-Host", HeaderId::XForwardedHost},
    {"X-Forwarded-Port", HeaderId::XForwardedPort},
    {"X-Forwarded-Proto", HeaderId::XForwardedProto},
};

TEST(HeaderId, KnowsEveryNameInEveryCase) {
  std::set<HeaderId> seen;
  for (const auto& [text, id] : kNames) {
    std::string name = text;
    EXPECT_EQ(header_id(name), id) << name;
    EXPECT_EQ(header_id(base::lower(name)), id) << name;
    for (char& c : name)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
    EXPECT_EQ(header_id(name), id) << name;
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(HeaderId::XForwardedProto));
}

// Comparing by whole words must not take a neighbour in the code table for the letter.
TEST(HeaderId, DiffersAtEveryByte) {
  for (const auto& [text, id] : kNames) {
    const std::string name = text;
    for (std::size_t at = 0; at < name.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string other = name;
        other[at] = static_cast<char>(byte);
        const bool same = base::equal_ignoring_case(other, name);
        ASSERT_EQ(header_id(other) == id, same) << other;
      }
    }
    EXPECT_EQ(header_id(name.substr(1)), HeaderId::Other) << name;
    EXPECT_EQ(header_id(name + "s"), HeaderId::Other) << name;
  }
}

TEST(HeaderId, IsOtherForTheRest) {
  for (const std::string_view name : {"", "X", "Accept-Encoding", "X-Request-Id", "Hosts", "Set-Cookie"})
    EXPECT_EQ(header_id(name), HeaderId::Other) << name;
  EXPECT_EQ(header_id(std::string(33, 'x')), HeaderId::Other);
  EXPECT_EQ(header_id(std::string(100'000, 'x')), HeaderId::Other);
}

TEST(Headers, KeepsLinesInOrderUpToItsBound) {
  Headers headers;
  for (std::size_t i = 0; i < Headers::kMax; ++i) ASSERT_TRUE(headers.add(i % 2 == 0 ? "X-A" : "Cookie", "v"));
  EXPECT_FALSE(headers.add("X-A", "one more"));
  EXPECT_EQ(headers.size(), Headers::kMax);
  EXPECT_EQ(headers.count(HeaderId::Cookie), Headers::kMax / 2);
  headers.clear();
  EXPECT_EQ(headers.size(), 0U);
  EXPECT_EQ(headers.find("x-a"), nullptr);
}

TEST(Headers, FindsTheFirstLineOfAName) {
  Headers headers;
  headers.add("X-One", "1");
  headers.add("COOKIE", "2");
  headers.add("cookie", "3");
  headers.add("x-one", "4");
  EXPECT_EQ(headers.find("x-ONE")->value, "1");
  EXPECT_EQ(headers.find("Cookie")->value, "2");
  EXPECT_EQ(headers.value(HeaderId::Cookie), "2");
  EXPECT_EQ(headers.value(HeaderId::Host), "");
  EXPECT_EQ(headers.find("X-Two"), nullptr);
  EXPECT_EQ(headers.count(HeaderId::Cookie), 2U);
}

TEST(Headers, CopiesWhatItHolds) {
  Headers a;
  a.add("X-One", "1");
  Headers b = a;
  b.add("X-Two", "2");
  EXPECT_EQ(a.size(), 1U);
  a = b;
  const Headers& same = a;
  a = same;
  ASSERT_EQ(a.size(), 2U);
  EXPECT_EQ(a.begin()[1].name, "X-Two");
}

TEST(HasToken, ReadsAList) {
  const struct {
    std::string_view list, token;
    bool has;
  } cases[] = {
      {"close", "close", true},       {"Close", "cLOSE", true},       {"a, close", "close", true},
      {"close,a", "close", true},     {",,\tclose ,", "close", true}, {"closed", "close", false},
      {"a close", "close", false},    {"", "close", false},           {",", "", false},
      {"x-close, y", "close", false}, {"close;q=1", "close", false},
  };
  for (const auto& c : cases) EXPECT_EQ(has_token(c.list, c.token), c.has) << c.list;
}

TEST(HopByHop, IsWhatTheConnectionOwns) {
  const std::set<std::string> own = {"Connection",
                                     "Keep-Alive",
                                     "Proxy-Authenticate",
                                     "Proxy-Authorization",
                                     "Proxy-Connection",
                                     "TE",
                                     "Trailer",
                                     "Transfer-Encoding",
                                     "Upgrade"};
  for (const auto& [name, id] : kNames) EXPECT_EQ(is_hop_by_hop({name, {}, id, false}), own.count(name) == 1) << name;
  EXPECT_TRUE(is_hop_by_hop({"X-Mine", {}, HeaderId::Other, true}));
  EXPECT_TRUE(is_hop_by_hop({"Cookie", {}, HeaderId::Cookie, true}));
  EXPECT_FALSE(is_hop_by_hop({"X-Mine", {}, HeaderId::Other, false}));
}

}  // namespace
}  // namespace gatehouse::http
