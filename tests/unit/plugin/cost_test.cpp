// What a request costs that a NONBLOCKING plugin judges: the whole chain, with ten headers. Allocations are counted
// here; instructions by `valgrind --tool=callgrind --toggle-collect='ask_once*'` over a release build's
// Cost.Instructions.
#include "access/chain.hpp"
#include "support.hpp"
#include "support/count_news.hpp"

/// One request, by a name that callgrind can be told.
extern "C" __attribute__((noinline)) void ask_once(gatehouse::access::AccessChain& chain,
                                                   const gatehouse::access::AccessPlan& plan,
                                                   gatehouse::access::Facts& facts, gatehouse::http::Exchange& exchange,
                                                   gatehouse::base::Trace& trace,
                                                   gatehouse::access::AccessChain::Owner& owner) {
  chain.start(plan, facts, exchange, trace, 0, owner);
}

namespace gatehouse::plugin::test {
namespace {

struct Owner final : access::AccessChain::Owner {
  void decided(const access::Decision& decision) override { verdict = decision.verdict; }
  void wait(std::int64_t) override {}
  std::int64_t now_ns() noexcept override { return 0; }
  access::Verdict verdict{};
};

class Cost : public HostTest {
 protected:
  /// Allocations of `requests` requests, in all.
  std::size_t run(const std::shared_ptr<access::Authorizer>& who, int requests, access::Verdict expected) {
    access::AccessPlan plan;
    plan.has_identity = true;
    access::Step step;
    step.authorizer = who.get();
    auto source = access::IdentitySource::parse(access::ApiType::Http, "$request.header.x-token");
    EXPECT_TRUE(source);
    step.identity_sources.push_back(*source);
    plan.steps.push_back(std::move(step));
    Asked asked;
    const char* const headers[][2] = {{"Host", "api.example.com"},
                                      {"User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"},
                                      {"Accept", "application/json"},
                                      {"Accept-Language", "en-US,en;q=0.5"},
                                      {"Accept-Encoding", "gzip, deflate, br"},
                                      {"Content-Type", "application/json"},
                                      {"Cookie", "a=b; c=d"},
                                      {"X-Request-Id", "0123456789abcdef"},
                                      {"Referer", "https://example.com/"},
                                      {"X-Token", "s3cret-token-value"}};
    for (const auto& h : headers) asked.header(h[0], h[1]);
    access::AccessChain chain;
    base::Trace trace;
    Owner owner;
    std::size_t most = 0;
    for (int i = 0; i < requests; ++i) {
      asked.exchange.arena.reset();
      trace.clear();
      const std::size_t before = gatehouse::test::news();
      ask_once(chain, plan, asked.facts, asked.exchange, trace, owner);
      if (i > 0) most = std::max(most, gatehouse::test::news() - before);  // the first fills the table
      EXPECT_EQ(owner.verdict, expected);
    }
    return most;
  }
};

TEST_F(Cost, ANonblockingPluginTakesNoMemoryFromTheHeap) {
  const std::size_t before = gatehouse::test::news();
  const auto one = std::make_unique<int>(1);
  if (gatehouse::test::news() == before) GTEST_SKIP() << "a sanitizer allocates here";
  make_host({example_plugins()});
  EXPECT_EQ(run(make(authorizer("com.example.shared-token", R"({"token": "s3cret-token-value"})")), 100,
                access::Verdict::Allowed),
            0u);
}

TEST_F(Cost, Instructions) {
  make_host({example_plugins()});
  run(make(authorizer("com.example.shared-token", R"({"token": "s3cret-token-value"})")), 1000,
      access::Verdict::Allowed);
}

}  // namespace
}  // namespace gatehouse::plugin::test
