#include "gatehouse/kit/jose/host_doors.hpp"

#include <gtest/gtest.h>
#include <gatehouse/testing/services.hpp>

#include <optional>
#include <utility>

#include "keys_fixture.hpp"

namespace gatehouse::kit::jose {
namespace {

TEST(MaxAge, JW_52) {
  const std::pair<const char*, std::int64_t> rows[] = {{"", -1},
                                                       {"public", -1},
                                                       {"max-age=60", 60},
                                                       {"public, MAX-AGE=60, x=y", 60},
                                                       {"max-age=\"60\"", 60},
                                                       {"max-age=60, max-age=30", 30},
                                                       {"no-store", 0},
                                                       {"max-age=60, no-cache", 0},
                                                       {"max-age=", 0},
                                                       {"max-age=-5", 0},
                                                       {"max-age=1e9", 0},
                                                       {"max-age=99999999999999999999", 1LL << 31},
                                                       {"s-maxage=60", -1},
                                                       {",,,", -1}};
  for (const auto& [text, seconds] : rows) EXPECT_EQ(max_age_of(text), seconds) << text;
}

class HostDoors : public ::testing::Test {
 protected:
  void run() {
    while (!fakes_.jobs.empty()) {
      const auto job = std::move(fakes_.jobs.front());
      fakes_.jobs.pop_front();
      job.run(GH_OK, 0);
    }
  }
  void pass(std::uint64_t ms) {
    fakes_.now_ns += ms * 1'000'000;
    auto dues = std::move(fakes_.dues);
    fakes_.dues.clear();
    for (auto& due : dues)
      due.at_ns <= fakes_.now_ns ? fakes_.soon(std::move(due.job)) : fakes_.dues.push_back(std::move(due));
    run();
  }
  void serve(std::int32_t status, std::string body, gatehouse::testing::TestRequest::Pairs headers = {}) {
    fakes_.served.push_back({"GET", kKeys, status, std::move(body), std::move(headers), false});
  }
  KeySource::Response get(const FetchRules& rules = {}, const std::string& url = kKeys) {
    std::optional<KeySource::Response> out;
    EXPECT_TRUE(doors_of(host_, rules).fetch(url, 1500, 2000, [&out](KeySource::Response response) {
      EXPECT_FALSE(out);
      out = std::move(response);
    }));
    EXPECT_FALSE(out) << "not at once";
    run();
    EXPECT_TRUE(out);
    return out.value_or(KeySource::Response());
  }

  gatehouse::testing::Services fakes_;
  const Host host_{&fakes_.c};
};

TEST_F(HostDoors, JW_5A_WhatIsAskedOfTheHost) {
  serve(200, "body", {{"cache-control", "max-age=60"}});
  const KeySource::Response response = get();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "body");
  EXPECT_EQ(response.failure, "");
  EXPECT_EQ(response.max_age_s, 60);
  const auto& asked = fakes_.fetched.back();
  EXPECT_EQ(asked.timeout_ms, 1500u);
  EXPECT_EQ(asked.max_response_bytes, 2000u);
  EXPECT_EQ(asked.max_redirects, 0u);
  EXPECT_EQ(asked.flags, 0u) << "neither plain HTTP nor private addresses";
  FetchRules rules;
  rules.allow_http = rules.allow_private = true;
  rules.ca_pem = "ca";
  get(rules);
  EXPECT_EQ(fakes_.fetched.back().flags, GH_FETCH_ALLOW_HTTP | GH_FETCH_ALLOW_PRIVATE);
  EXPECT_EQ(fakes_.fetched.back().ca_pem, "ca");
}

TEST_F(HostDoors, JW_52_AllLinesOfCacheControlCount) {
  serve(200, "body", {{"cache-control", "public"}, {"x", "y"}, {"cache-control", "max-age=7"}});
  EXPECT_EQ(get().max_age_s, 7);
  serve(200, "body", {{"cache-control", "max-age=7"}, {"cache-control", ""}, {"cache-control", "no-store"}});
  EXPECT_EQ(get().max_age_s, 0);
  serve(200, "body");
  EXPECT_EQ(get().max_age_s, -1);
}

TEST_F(HostDoors, JW_59_WhatDoesNotComeHasAReason) {
  EXPECT_NE(get().failure, "");
  serve(200, std::string(2001, 'x'));
  EXPECT_NE(get().failure, "");
  serve(302, "", {{"location", "https://elsewhere.example"}});
  EXPECT_EQ(get().status, 302);
  serve(GH_E_TLS, "");
  EXPECT_EQ(get().status, 0);
  const auto none = [](const KeySource::Response&) { FAIL(); };
  fakes_.failing[GH_SVC_HTTP] = GH_E_LIMIT;
  EXPECT_FALSE(doors_of(host_, {}).fetch(kKeys, 1500, 2000, none));
}

TEST_F(HostDoors, TimersAndTheClock) {
  const KeySource::Doors doors = doors_of(host_, {});
  EXPECT_EQ(doors.now_ms(), 1000);
  int fired = 0;
  const std::uint64_t one = doors.after(10, [&fired] { ++fired; });
  const std::uint64_t two = doors.after(10, [&fired] { fired += 10; });
  EXPECT_NE(one, 0u);
  EXPECT_NE(two, one);
  doors.cancel(two);
  run();
  pass(10);
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(doors.now_ms(), 1010);
  fakes_.failing[GH_SVC_TIMER] = GH_E_LIMIT;
  EXPECT_EQ(doors.after(10, [] {}), 0u);
  for (int i = 0; i < 1000; ++i) {
    const double x = doors.random();
    ASSERT_TRUE(x >= 0 && x < 1);
  }
}

TEST_F(HostDoors, JW_52_ASourceBehindThem) {
  serve(200, set_of({"a"}));
  KeySourceRules rules;
  rules.issuer = kIssuer;
  rules.jwks_uri = kKeys;
  const auto source = std::make_shared<KeySource>(rules, doors_of(host_, {}));
  source->start();
  run();
  Refusal said = Refusal::Missing;
  source->find("a", [&](const KeySource::Found& found) { said = found.refusal; });
  EXPECT_EQ(said, Refusal::None);
  pass(2 * 3600 * 1000);
  EXPECT_EQ(fakes_.fetched.size(), 2u);
  source->stop();
  run();
  EXPECT_TRUE(fakes_.dues.empty());
}

}  // namespace
}  // namespace gatehouse::kit::jose
