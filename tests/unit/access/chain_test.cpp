#include "access/chain.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <memory>

#include "fakes.hpp"

namespace gatehouse::access {
namespace {

constexpr std::int64_t kMs = 1'000'000;

IdentitySource source(std::string_view text) {
  return *IdentitySource::parse(ApiType::Http, text);
}

TEST(AccessChain, WithoutAuthorizersTheRouteIsOpen) {
  Request r;
  r.start({});
  ASSERT_EQ(r.decisions, 1);
  EXPECT_EQ(r.last->verdict, Verdict::Allowed);
  EXPECT_EQ(r.last->by, nullptr);
  EXPECT_FALSE(r.chain.pending());
  EXPECT_EQ(r.traced(), "");
}

TEST(AccessChain, AMissingIdentityStepOpensNothing) {
  Request r;
  AccessPlan plan;
  plan.has_identity = true;
  r.start(plan);
  EXPECT_EQ(r.last->verdict, Verdict::NotAllowed);
}

TEST(AccessChain, AsksInOrderAndStopsAtTheFirstObjection) {
  FakeAuthorizer ip("ip", Category::Network, say(AnswerKind::Abstain));
  FakeAuthorizer policy("policy", Category::Resource, say(AnswerKind::Deny, "explicit_deny"));
  FakeAuthorizer gate("gate", Category::Identity, say(AnswerKind::Allow));
  Request r;
  r.start(plan_of({&ip, &policy, &gate}));
  ASSERT_EQ(r.decisions, 1);
  EXPECT_EQ(r.last->verdict, Verdict::Denied);
  EXPECT_EQ(r.last->by, &policy);
  EXPECT_EQ(gate.asked, 0);
  EXPECT_EQ(r.traced(), "network abstain ip abstain\nresource deny policy explicit_deny\n");
}

TEST(AccessChain, EachAnswerAtOnceOrLaterIsTheSame) {
  for (const AnswerKind kind :
       {AnswerKind::Allow, AnswerKind::Deny, AnswerKind::Unauthorized, AnswerKind::Abstain, AnswerKind::Failed}) {
    for (const Category category : {Category::Network, Category::Resource, Category::Identity}) {
      FakeAuthorizer at_once("a", category, say(kind, "c"));
      Request first;
      first.start(plan_of({&at_once}));

      FakeAuthorizer later("a", category);
      Request second;
      second.start(plan_of({&later}));
      EXPECT_TRUE(second.chain.pending());
      EXPECT_EQ(second.decisions, 0);
      EXPECT_THAT(second.waits, testing::ElementsAre(10'000));
      later.answer(say(kind, "c"));

      EXPECT_TRUE(first.waits.empty());
      for (const Request* r : {&first, &second}) {
        ASSERT_EQ(r->decisions, 1);
        EXPECT_FALSE(r->chain.pending());
      }
      EXPECT_EQ(first.last->verdict, second.last->verdict);
      EXPECT_EQ(first.traced(), second.traced());
    }
  }
}

TEST(AccessChain, SeveralThatAnswerLater) {
  FakeAuthorizer ip("ip", Category::Network);
  FakeAuthorizer now("now", Category::Network, say(AnswerKind::Allow));
  FakeAuthorizer gate("gate", Category::Identity);
  AccessPlan plan = plan_of({&ip, &now, &gate});
  plan.steps[0].timeout_ms = 50;
  plan.steps[2].timeout_ms = 70;
  Request r;
  r.start(plan);
  EXPECT_EQ(now.asked, 0);
  ip.answer(say(AnswerKind::Allow));
  EXPECT_EQ(now.asked, 1);
  EXPECT_EQ(gate.asked, 1);
  EXPECT_EQ(r.decisions, 0);
  EXPECT_THAT(r.waits, testing::ElementsAre(50, 70));
  Answer answer = say(AnswerKind::Allow);
  answer.principal_id = "ann";
  gate.answer(answer);
  ASSERT_EQ(r.decisions, 1);
  EXPECT_EQ(r.last->verdict, Verdict::Allowed);
  EXPECT_EQ(r.last->by, &gate);
  EXPECT_EQ(r.last->identity.principal_id, "ann");
}

TEST(AccessChain, DeadlinesCountFromWhenEachIsAsked) {
  for (const std::int64_t now : {std::int64_t{0}, std::int64_t{5'000'000}}) {
    FakeAuthorizer a("a", Category::Network);
    FakeAuthorizer b("b", Category::Identity);
    AccessPlan plan = plan_of({&a, &b});
    plan.steps[0].timeout_ms = 100;
    plan.steps[1].timeout_ms = 10;
    Request r;
    r.now = now;
    r.start(plan);
    EXPECT_EQ(a.deadline, 1'000 + 100 * kMs);
    a.answer(say(AnswerKind::Allow));
    EXPECT_EQ(b.deadline, now != 0 ? now + 10 * kMs : 1'000 + 110 * kMs);
  }
}

TEST(AccessChain, TimeoutsThatMakeNoSenseAreBounded) {
  for (const std::int64_t given : {std::int64_t{0}, std::int64_t{-5}, std::numeric_limits<std::int64_t>::max()}) {
    FakeAuthorizer a("a", Category::Network);
    AccessPlan plan = plan_of({&a});
    plan.steps[0].timeout_ms = given;
    Request r;
    r.start(plan);
    ASSERT_EQ(r.waits.size(), 1u);
    EXPECT_GE(r.waits[0], 1);
    EXPECT_LE(r.waits[0], 86'400'000);
    EXPECT_EQ(a.deadline, 1'000 + r.waits[0] * kMs);
  }
}

TEST(AccessChain, NoAnswerInTimeIsFailed) {
  FakeAuthorizer ip("ip", Category::Network, say(AnswerKind::Allow));
  FakeAuthorizer gate("gate", Category::Identity);
  Request r;
  r.start(plan_of({&ip, &gate}));
  r.chain.expire();
  ASSERT_EQ(r.decisions, 1);
  EXPECT_EQ(r.last->verdict, Verdict::Failed);
  EXPECT_EQ(r.last->decisive.code, "deadline");
  EXPECT_EQ(r.last->by, &gate);
  EXPECT_THAT(gate.cancelled, testing::ElementsAre(gate.questions[0]));
  EXPECT_THAT(r.traced(), testing::HasSubstr("identity failed gate deadline"));
  EXPECT_FALSE(r.chain.pending());
  // Too late, and again, and a timer that fires although nobody waits.
  gate.answer(say(AnswerKind::Allow));
  gate.answer(say(AnswerKind::Allow));
  r.chain.expire();
  EXPECT_EQ(r.decisions, 1);
  EXPECT_EQ(gate.cancelled.size(), 1u);
}

TEST(AccessChain, AnAnswerInsideCancelIsNotHeard) {
  FakeAuthorizer gate("gate", Category::Identity);
  gate.on_cancel = [](Question& q) { q.answered(say(AnswerKind::Allow)); };
  Request r;
  r.start(plan_of({&gate}));
  r.chain.expire();
  ASSERT_EQ(r.decisions, 1);
  EXPECT_EQ(r.last->verdict, Verdict::Failed);
  Request s;
  s.start(plan_of({&gate}));
  s.chain.cancel();
  EXPECT_EQ(s.decisions, 0);
}

TEST(AccessChain, CancelEndsIt) {
  FakeAuthorizer gate("gate", Category::Identity);
  Request r;
  r.start(plan_of({&gate}));
  r.chain.cancel();
  EXPECT_FALSE(r.chain.pending());
  EXPECT_THAT(gate.cancelled, testing::ElementsAre(gate.questions[0]));
  gate.answer(say(AnswerKind::Allow));
  r.chain.expire();
  r.chain.cancel();
  EXPECT_EQ(r.decisions, 0);
  EXPECT_EQ(gate.cancelled.size(), 1u);
}

TEST(AccessChain, CancelInsideAuthorize) {
  for (const bool answers : {false, true}) {
    FakeAuthorizer gate("gate", Category::Identity);
    FakeAuthorizer next("next", Category::Network, say(AnswerKind::Allow));
    Request r;
    gate.inside = [&](Question& q) {
      if (answers) q.answered(say(AnswerKind::Allow));
      r.chain.cancel();
    };
    r.start(plan_of({&gate, &next}));
    EXPECT_EQ(r.decisions, 0);
    EXPECT_EQ(next.asked, 0);
    EXPECT_FALSE(r.chain.pending());
    EXPECT_EQ(gate.cancelled.size(), answers ? 0u : 1u);
  }
}

// A second answer must never be taken for the next authorizer's.
TEST(AccessChain, AnsweringTwiceLaterDoesNotAnswerForTheNext) {
  FakeAuthorizer ip("ip", Category::Network);
  FakeAuthorizer gate("gate", Category::Identity);
  Request r;
  r.start(plan_of({&ip, &gate}));
  ip.answer(say(AnswerKind::Allow));
  ip.answer(say(AnswerKind::Allow));
  EXPECT_EQ(r.decisions, 0);
  EXPECT_TRUE(r.chain.pending());
  gate.answer(say(AnswerKind::Deny));
  ip.answer(say(AnswerKind::Allow));
  gate.answer(say(AnswerKind::Allow));
  ASSERT_EQ(r.decisions, 1);
  EXPECT_EQ(r.last->verdict, Verdict::Denied);
}

TEST(AccessChain, AnsweringTwiceAtOnceIsFailed) {
  FakeAuthorizer gate("gate", Category::Identity);
  gate.answers_at_once({say(AnswerKind::Allow), say(AnswerKind::Allow)});
  Request r;
  r.start(plan_of({&gate}));
  ASSERT_EQ(r.decisions, 1);
  EXPECT_EQ(r.last->verdict, Verdict::Failed);
  EXPECT_EQ(r.last->decisive.code, "answered_twice");
}

TEST(AccessChain, LA_21_OneOfSeveralValuesIsNotAsked) {
  for (const char* name : {"header.X-Token", "querystring.token"}) {
    FakeAuthorizer gate("gate", Category::Identity, say(AnswerKind::Allow));
    AccessPlan plan = plan_of({&gate});
    auto parsed = IdentitySource::parse(ApiType::Rest, std::string("method.request.") + name);
    ASSERT_TRUE(parsed);
    plan.steps[0].identity_sources.push_back(std::move(*parsed));
    Request r;
    r.exchange.request.headers.add("X-Token", "good");
    r.exchange.request.headers.add("x-token", "evil");
    r.target.raw_query = "token=evil&token=good";
    r.start(plan);
    ASSERT_EQ(r.decisions, 1);
    EXPECT_EQ(r.last->verdict, Verdict::Unauthorized);
    EXPECT_EQ(gate.asked, 0);
    EXPECT_EQ(r.traced(),
              "identity unauthorized gate identity_source_repeated method.request." + std::string(name) + "\n");
  }
}

TEST(AccessChain, LA_26_AnAbsentSourceIsUnauthorizedWithoutAsking) {
  FakeAuthorizer gate("gate", Category::Identity, say(AnswerKind::Allow));
  AccessPlan plan = plan_of({&gate});
  plan.steps[0].identity_sources = {source("$request.header.X-There"), source("$request.header.X-Token"),
                                    source("$request.header.X-Other")};
  plan.steps[0].require_identity_sources = true;
  Request r;
  r.exchange.request.headers.add("X-There", "1");
  r.start(plan);
  ASSERT_EQ(r.decisions, 1);
  EXPECT_EQ(r.last->verdict, Verdict::Unauthorized);
  EXPECT_EQ(r.last->by, &gate);
  EXPECT_EQ(gate.asked, 0);
  EXPECT_EQ(r.traced(), "identity unauthorized gate identity_source_absent $request.header.X-Token\n");
}

TEST(AccessChain, LA_25_AbsentSourcesThatAreNotRequiredAreAskedAbout) {
  FakeAuthorizer gate("gate", Category::Identity, say(AnswerKind::Allow));
  AccessPlan plan = plan_of({&gate});
  plan.steps[0].identity_sources = {source("$request.header.X-Token")};
  Request r;
  r.start(plan);
  EXPECT_EQ(r.last->verdict, Verdict::Allowed);
  ASSERT_EQ(gate.identity.size(), 1u);
  EXPECT_FALSE(gate.identity[0].present);
}

TEST(AccessChain, LA_22_EachStepSeesItsOwnSourcesInOrder) {
  FakeAuthorizer ip("ip", Category::Network, say(AnswerKind::Allow));
  FakeAuthorizer none("none", Category::Resource, say(AnswerKind::Allow));
  FakeAuthorizer gate("gate", Category::Identity, say(AnswerKind::Allow));
  AccessPlan plan = plan_of({&ip, &none, &gate});
  plan.steps[0].identity_sources = {source("$request.header.X-Net")};
  plan.steps[2].identity_sources = {source("$request.querystring.q"), source("$request.header.X-Net")};
  plan.steps[2].require_identity_sources = true;
  Request r;
  r.exchange.request.headers.add("X-Net", "n");
  r.target.raw_query = "q=1";
  r.start(plan);
  EXPECT_EQ(r.last->verdict, Verdict::Allowed);
  ASSERT_EQ(ip.identity.size(), 1u);
  EXPECT_EQ(ip.identity[0].value, "n");
  EXPECT_TRUE(none.identity.empty());
  ASSERT_EQ(gate.identity.size(), 2u);
  EXPECT_EQ(gate.identity[0].value, "1");
  EXPECT_EQ(gate.identity[1].value, "n");
}

TEST(AccessChain, AnAbsentSourceOfANetworkAuthorizerIsDenied) {
  FakeAuthorizer ip("ip", Category::Network, say(AnswerKind::Allow));
  AccessPlan plan = plan_of({&ip});
  plan.steps[0].identity_sources = {source("$request.header.X-Net")};
  plan.steps[0].require_identity_sources = true;
  Request r;
  r.start(plan);
  EXPECT_EQ(r.last->verdict, Verdict::Denied);
}

TEST(AccessChain, IsReusable) {
  FakeAuthorizer gate("gate", Category::Identity);
  const AccessPlan plan = plan_of({&gate});
  Request r;
  r.start(plan);
  gate.answer(say(AnswerKind::Deny));
  EXPECT_EQ(r.last->verdict, Verdict::Denied);
  r.start(plan);
  // The first request's question says something: it is not the second's.
  gate.questions[0]->answered(say(AnswerKind::Allow));
  EXPECT_EQ(r.decisions, 1);
  gate.answer(say(AnswerKind::Unauthorized));
  EXPECT_EQ(r.decisions, 2);
  EXPECT_EQ(r.last->verdict, Verdict::Unauthorized);
  r.start({});
  EXPECT_EQ(r.last->verdict, Verdict::Allowed);
  EXPECT_EQ(r.last->identity.kind, AnswerKind::Failed);
}

TEST(AccessChain, MayBeStartedAgainOrDestroyedInDecided) {
  FakeAuthorizer deny("deny", Category::Identity, say(AnswerKind::Deny));
  FakeAuthorizer later("later", Category::Identity);
  const AccessPlan first = plan_of({&deny});
  const AccessPlan second = plan_of({&later});
  Request r;
  r.on_decided = [&] {
    r.on_decided = nullptr;
    r.start(second);
  };
  r.start(first);
  EXPECT_TRUE(r.chain.pending());
  auto heap = std::make_unique<Request>();
  Request* raw = heap.get();
  raw->on_decided = [&] { heap.reset(); };
  raw->start(second);
  later.answer(say(AnswerKind::Allow));
  EXPECT_EQ(heap, nullptr);
}

TEST(AccessChain, AQuestionLendsTheExchange) {
  FakeAuthorizer gate("gate", Category::Identity);
  Request r;
  r.start(plan_of({&gate}));
  Question& question = *gate.questions[0];
  EXPECT_EQ(&question.arena(), &r.exchange.arena);
  question.pin();
  EXPECT_TRUE(r.exchange.pinned());
  r.chain.expire();
  question.unpin();
  EXPECT_FALSE(r.exchange.pinned());
  EXPECT_EQ(r.exchange.unpinned_calls, 1);
}

// Authorizers that answer inside authorize() are taken one after the other, not one inside the other.
TEST(AccessChain, ManyStepsDoNotRecurse) {
  FakeAuthorizer ip("ip", Category::Network);
  int depth = 0;
  int deepest = 0;
  ip.inside = [&](Question& question) {
    deepest = std::max(deepest, ++depth);
    question.answered(say(AnswerKind::Allow));
    --depth;
  };
  AccessPlan plan;
  for (int i = 0; i < 50'000; ++i) {
    Step step;
    step.authorizer = &ip;
    plan.steps.push_back(step);
  }
  Request r;
  r.start(plan);
  EXPECT_EQ(r.last->verdict, Verdict::Allowed);
  EXPECT_EQ(ip.asked, 50'000);
  EXPECT_EQ(deepest, 1);
}

}  // namespace
}  // namespace gatehouse::access
