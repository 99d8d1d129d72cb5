#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>

namespace gatehouse::net {
namespace {

class ResolverTest : public testing::Test {
 protected:
  Result<Resolver::Addresses> resolve(std::string_view host) {
    std::optional<Result<Resolver::Addresses>> answer;
    resolver_->resolve(host, [&](Result<Resolver::Addresses> result) { answer = std::move(result); });
    EXPECT_FALSE(answer.has_value()) << "answered from inside the call";
    for (int i = 0; i < 1000 && !answer; ++i) loop_.turn(50);
    return answer ? *answer : Result<Resolver::Addresses>(fail(Code::Timeout, "no answer"));
  }
  Loop loop_;
  Executor executor_{1};
  std::shared_ptr<Executor::Share> share_ = executor_.share("dns", 1, 1);
  std::unique_ptr<SystemResolver> resolver_ = std::make_unique<SystemResolver>(loop_, share_);
};

TEST_F(ResolverTest, NumericNeedsNoThread) {
  const auto v4 = resolve("10.1.2.3");
  ASSERT_TRUE(v4);
  ASSERT_EQ(v4->size(), 1u);
  EXPECT_EQ(v4->front().text(), "10.1.2.3");
  const auto v6 = resolve("2001:db8::1");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->front().text(), "2001:db8::1");
  EXPECT_EQ(share_->running() + share_->queued(), 0u);
}

TEST_F(ResolverTest, LocalhostIsLoopbackOnceEach) {
  const auto found = resolve("localhost");
  ASSERT_TRUE(found) << found.error().text;
  for (std::size_t i = 0; i < found->size(); ++i) {
    EXPECT_TRUE((*found)[i].is_loopback());
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE((*found)[i], (*found)[j]);
  }
}

TEST_F(ResolverTest, RefusesWhatIsNeitherNameNorAddress) {
  for (const std::string_view host : {"", "a b", "127.1", "0x7f000001", "2130706433", "a/b", "[::1]", "0x7f.1"}) {
    const auto found = resolve(host);
    ASSERT_FALSE(found) << host;
    EXPECT_EQ(found.error().code, Code::Invalid) << host;
  }
  EXPECT_EQ(resolve(std::string(254, 'a')).error().code, Code::Invalid);
}

TEST_F(ResolverTest, UnknownNameIsAnError) {
  const auto found = resolve("no-such-host.invalid");
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().code == Code::NotFound || found.error().code == Code::Unavailable) << found.error().text;
}

TEST_F(ResolverTest, AFullShareIsALimit) {
  const auto go = std::make_shared<std::promise<void>>();
  ASSERT_TRUE(share_->run([go] { go->get_future().wait(); }));
  ASSERT_TRUE(share_->run([] {}));
  const auto found = resolve("localhost");
  go->set_value();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::Limit);
}

TEST_F(ResolverTest, NoAnswerAfterDestruction) {
  const auto go = std::make_shared<std::promise<void>>();
  ASSERT_TRUE(share_->run([go] { go->get_future().wait(); }));
  resolver_->resolve("localhost", [](auto) { FAIL(); });
  resolver_->resolve("127.0.0.1", [](auto) { FAIL(); });
  resolver_.reset();
  go->set_value();
  bool done = false;
  while (!share_->run([&] { loop_.post([&] { done = true; }); })) loop_.turn(1);
  while (!done) loop_.turn(50);
}

}  // namespace
}  // namespace gatehouse::net
