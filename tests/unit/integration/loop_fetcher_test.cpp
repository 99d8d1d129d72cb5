#include "integration/loop_fetcher.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "unit/client/fetches.hpp"

namespace gatehouse::integration {
namespace {

using test::at;
using test::Fetches;
using test::RawUpstream;
using test::TlsScript;

class LoopFetching : public ::testing::Test {
 protected:
  LoopFetcher::Options options(bool http, bool private_) {
    return {http, private_, *test::trust().of_pem(test::ca_pem())};
  }
  std::unique_ptr<LoopFetcher> fetcher(const LoopFetcher::Options& options) {
    return std::make_unique<LoopFetcher>(std::vector<LoopFetcher::Worker>{{fetches_.loop.mailbox(), &fetches_.fetcher}},
                                         options);
  }
  JsonFetcher::Answer get(LoopFetcher& from, const std::string& url, std::size_t most = 1000) {
    std::optional<JsonFetcher::Answer> got;
    EXPECT_TRUE(from.fetch(url, 5000, most, [&](JsonFetcher::Answer answer) {
      EXPECT_FALSE(got.has_value()) << "told twice";
      got = std::move(answer);
    }));
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!got && std::chrono::steady_clock::now() < end) fetches_.loop.turn(5);
    EXPECT_TRUE(got.has_value()) << "no end in time";
    return got.value_or(JsonFetcher::Answer{});
  }
  Fetches fetches_;
};

TEST_F(LoopFetching, ADocumentOverTls) {
  TlsScript script{.body = R"({"keys":[]})"};
  script.head = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nCACHE-CONTROL: public\r\n";
  RawUpstream raw{script};
  fetches_.names->set("orders.test", {"127.0.0.1"});
  const auto from = fetcher(options(false, true));
  const auto got = get(*from, at(raw, "https", "orders.test") + "/keys");
  EXPECT_EQ(got.failure, "");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, R"({"keys":[]})");
  EXPECT_EQ(got.cache_control, "max-age=60,public,");
  EXPECT_NE(get(*from, at(raw, "https", "orders.test") + "/keys", 5).failure, "");
}

TEST_F(LoopFetching, PrivateAddressesAndPlainHttpAreRefusedUnlessAllowed) {
  RawUpstream raw{TlsScript{.body = "{}"}};
  fetches_.names->set("orders.test", {"127.0.0.1"});
  const auto strict = fetcher(options(false, false));
  EXPECT_NE(get(*strict, at(raw, "https", "orders.test") + "/keys").failure, "");
  EXPECT_NE(get(*strict, "http://orders.test/keys").failure, "");
  EXPECT_FALSE(strict->fetch("ftp://orders.test/keys", 1000, 1000, [](JsonFetcher::Answer) { FAIL(); }));
  EXPECT_FALSE(strict->fetch("https://user@orders.test/", 1000, 1000, [](JsonFetcher::Answer) { FAIL(); }));
  EXPECT_EQ(raw.connections(), 0);
}

TEST_F(LoopFetching, NobodyIsToldOnceTheFetcherIsGone) {
  fetches_.names->set("orders.test", {"127.0.0.1"});
  RawUpstream raw{TlsScript{.body = "{}"}};
  auto begun = fetcher(options(false, true)), posted = fetcher(options(false, true));
  const auto never = [](JsonFetcher::Answer) { FAIL() << "told"; };
  EXPECT_TRUE(begun->fetch(at(raw, "https", "orders.test") + "/keys", 5000, 1000, never));
  fetches_.loop.turn(0);
  EXPECT_EQ(fetches_.fetcher.under_way(), 1u);
  EXPECT_TRUE(posted->fetch(at(raw, "https", "orders.test") + "/keys", 5000, 1000, never));
  begun.reset();
  posted.reset();
  for (int i = 0; i < 20; ++i) fetches_.loop.turn(5);
  EXPECT_EQ(fetches_.fetcher.under_way(), 0u);
}

TEST_F(LoopFetching, ALoopThatIsClosedTakesNothing) {
  const auto from = fetcher(options(false, true));
  fetches_.loop.close();
  EXPECT_FALSE(from->fetch("https://orders.test/keys", 1000, 1000, [](JsonFetcher::Answer) { FAIL(); }));
  EXPECT_FALSE(LoopFetcher({}, {}).fetch("https://orders.test/", 1000, 1000, [](JsonFetcher::Answer) { FAIL(); }));
}

}  // namespace
}  // namespace gatehouse::integration
