#include "access/caching_authorizer.hpp"

#include <gmock/gmock.h>

#include <deque>

#include "access/result_key.hpp"
#include "fakes.hpp"

namespace gatehouse::access {
namespace {

constexpr std::uint32_t kWorkers = 3;

/// The loops' mailboxes, emptied by the test.
class FakePosts final : public WorkerPosts {
 public:
  bool post(std::uint32_t worker, std::function<void()> task) override {
    if (closed) return false;
    EXPECT_LT(worker, kWorkers);
    tasks.push_back(std::move(task));
    return true;
  }
  void run() {
    while (!tasks.empty()) {
      const auto task = std::move(tasks.front());
      tasks.pop_front();
      task();
    }
  }
  std::deque<std::function<void()>> tasks;
  bool closed = false;
};

struct World {
  explicit World(std::int64_t ttl_seconds = 300, ResultCache::Limits limits = {}) {
    CachingAuthorizer::Settings settings;
    settings.ttl_seconds = ttl_seconds;
    settings.limits = limits;
    settings.workers = kWorkers;
    settings.posts = posts;
    settings.clock = &clock;
    settings.registry = &registry;
    caching = CachingAuthorizer::make(inner, std::move(settings));
  }
  std::shared_ptr<FakeAuthorizer> inner = std::make_shared<FakeAuthorizer>("gate", Category::Identity);
  std::shared_ptr<FakePosts> posts = std::make_shared<FakePosts>();
  base::FixedClock clock{1'700'000'000'000};
  base::Registry registry;
  std::shared_ptr<CachingAuthorizer> caching;
};

/// A request on one worker whose identity source has that value.
struct Caller {
  explicit Caller(World& w, std::string token, std::uint32_t worker = 0, std::string stage = "live",
                  std::string api = "a1", std::vector<std::string> sources = {"$request.header.x-token"})
      : world(w), token_(std::move(token)), stage_(std::move(stage)), api_(std::move(api)) {
    request.exchange.request.headers.add("x-token", token_);
    request.facts.worker = worker;
    request.facts.api_id = api_;
    request.facts.stage = stage_;
    request.facts.time_unix_ms = world.clock.unix_ms();
    Step step;
    step.authorizer = world.caching.get();
    for (const std::string& source : sources)
      step.identity_sources.push_back(std::move(*IdentitySource::parse(ApiType::Http, source)));
    AccessPlan plan;
    plan.steps.push_back(std::move(step));
    plan.has_identity = true;
    request.plan = std::move(plan);
    request.chain.start(request.plan, request.facts, request.exchange, request.trace, world.clock.monotonic_ns(),
                        request);
  }
  /// `allowed user-1 cached`, or `pending`.
  std::string said() const {
    if (!request.last) return "pending";
    const base::TraceRecord& record = request.trace.records()[0];
    std::string out(name(request.last->verdict));
    if (!request.last->identity.principal_id.empty()) out += " " + std::string(request.last->identity.principal_id);
    return out + " " + std::string(record.code);
  }
  World& world;
  std::string token_, stage_, api_;
  Request request;
};

Answer who(AnswerKind kind, std::string_view principal, std::int32_t ttl = -1) {
  Answer out = say(kind);
  out.principal_id = principal;
  out.ttl_seconds = ttl;
  return out;
}

std::string ask(World& world, const std::string& token, std::uint32_t worker = 0, const std::string& stage = "live",
                const std::string& api = "a1") {
  return Caller(world, token, worker, stage, api).said();
}

TEST(Caching, LA_A0_HitsOfEveryWorkerUnderTheSameKeyOnly) {
  World w;
  w.inner->answers_at_once({who(AnswerKind::Allow, "user-1")});
  EXPECT_EQ(ask(w, "t"), "allowed user-1 allow");
  EXPECT_EQ(ask(w, "t"), "allowed user-1 cached");
  EXPECT_EQ(ask(w, "t", 1), "allowed user-1 cached");
  EXPECT_EQ(ask(w, "t", 1), "allowed user-1 cached");
  EXPECT_EQ(w.inner->asked, 1);
  EXPECT_EQ(ask(w, "u"), "allowed user-1 allow");
  EXPECT_EQ(ask(w, "t", 0, "test"), "allowed user-1 allow");
  EXPECT_EQ(ask(w, "t", 0, "live", "a2"), "allowed user-1 allow");
  EXPECT_EQ(w.inner->asked, 4);
  EXPECT_EQ(w.caching->size().entries, 4u);
}

// LA-A1: what is one list must not look like another.
TEST(Caching, LA_A1_KeysAreInjective) {
  base::Arena arena;
  const std::vector<std::vector<std::string>> lists = {{"a,b", "c"}, {"a", "b,c"}, {"a,b,c"}, {"a", "b", "c"},
                                                       {"", "abc"},  {"abc", ""},  {"abc"},   {"ab", "c"}};
  std::vector<std::string> keys;
  for (const auto& list : lists) {
    std::vector<IdentityValue> values;
    for (const std::string& one : list) values.push_back({"s", one, true});
    Facts facts;
    facts.api_id = "a";
    facts.stage = "s";
    facts.identity = values;
    keys.emplace_back(result_key(facts, arena));
    EXPECT_TRUE(keys.back().starts_with(result_key_prefix("a", "s", arena)));
    EXPECT_FALSE(keys.back().starts_with(result_key_prefix("as", "", arena)));
  }
  for (std::size_t i = 0; i < keys.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]) << i << " " << j;
}

TEST(Caching, LA_A5_LA_A6_WhatIsKept) {
  struct Case {
    Answer answer;
    bool kept;
  };
  Answer expired = who(AnswerKind::Allow, "u");
  expired.valid_until_unix_ms = 1'699'999'999'999;
  const Case cases[] = {
      {who(AnswerKind::Allow, "u"), true},       {who(AnswerKind::Deny, "u"), true},
      {say(AnswerKind::Unauthorized), false},    {say(AnswerKind::Abstain), false},
      {Answer::failed("plugin", "down"), false}, {who(AnswerKind::Allow, "u", 0), false},
      {who(AnswerKind::Deny, "u", 0), false},    {expired, false},
  };
  for (const Case& c : cases) {
    World w;
    w.inner->answers_at_once({c.answer});
    const std::string first = ask(w, "t");
    const std::string second = ask(w, "t");
    EXPECT_EQ(w.inner->asked, c.kept ? 1 : 2) << first;
    EXPECT_EQ(second.ends_with(" cached"), c.kept) << second;
    EXPECT_EQ(w.caching->size().entries, c.kept ? 1u : 0u);
  }
}

TEST(Caching, LA_A7_TheShortestTimeCountsAndDoesNotSlide) {
  struct Case {
    std::int64_t configured;
    std::int32_t own;
    std::int64_t valid_for_ms;  // 0: no bound
    std::int64_t lives_ms;
  };
  const Case cases[] = {{10, -1, 0, 10'000}, {10, 3, 0, 3'000},     {10, 60, 0, 10'000},
                        {10, -1, 500, 500},  {10, 3, 9'000, 3'000}, {1, -1, 0, 1'000}};
  for (const Case& c : cases) {
    World w(c.configured);
    Answer answer = who(AnswerKind::Allow, "u", c.own);
    if (c.valid_for_ms != 0) answer.valid_until_unix_ms = w.clock.unix_ms() + c.valid_for_ms;
    w.inner->answers_at_once({answer});
    ask(w, "t");
    for (int i = 0; i < 4; ++i) {
      w.clock.advance_ms(c.lives_ms / 4 - (i == 3 ? 1 : 0));
      EXPECT_EQ(ask(w, "t", static_cast<std::uint32_t>(i % 2)), "allowed u cached") << c.lives_ms << " " << i;
    }
    w.clock.advance_ms(1);
    ask(w, "t", 2);
    EXPECT_EQ(w.inner->asked, 2) << c.lives_ms;
    ask(w, "t", 0);
    EXPECT_EQ(w.inner->asked, c.valid_for_ms == 500 ? 3 : 2) << "the fresh answer is for all";
  }
}

TEST(Caching, LA_A9_NothingIsKeptWithoutAUsableKey) {
  World w;
  w.inner->answers_at_once({who(AnswerKind::Allow, "u")});
  Caller none(w, "t", 0, "live", "a1", {});
  Caller again(w, "t", 0, "live", "a1", {});
  EXPECT_EQ(w.inner->asked, 2);
  Caller absent(w, "t", 0, "live", "a1", {"$request.header.x-token", "$request.header.x-none"});
  Caller absent_too(w, "t", 0, "live", "a1", {"$request.header.x-token", "$request.header.x-none"});
  EXPECT_EQ(w.inner->asked, 4);
  EXPECT_EQ(w.caching->size().entries, 0u);
  // A worker that is none of ours: the authorizer behind judges it.
  ask(w, "t", kWorkers);
  EXPECT_EQ(w.inner->asked, 5);
}

TEST(Caching, LA_A2_AllThatWasSaidIsKept) {
  World w;
  const TypedValue context[] = {{"level", "3", ValueType::Number}, {"tenant", "blue", ValueType::String}};
  const TypedValue claims[] = {{"sub", "u", ValueType::String}};
  Answer answer = who(AnswerKind::Deny, "u");
  answer.context = context;
  answer.claims = claims;
  answer.challenge = "Bearer";
  answer.usage_key = "k";
  answer.reason = "because";
  answer.error_text = "text";
  const std::string_view scopes[] = {"orders.read", "orders.write"};
  answer.scopes = scopes;
  answer.message = "words";
  answer.error_type = "SomeException";
  answer.response_type = ResponseType::AccessDenied;
  w.inner->answers_at_once({answer});
  ask(w, "t");
  Caller hit(w, "t", 1);
  EXPECT_EQ(hit.said(), "denied u cached");
  const Answer& got = hit.request.last->identity;
  ASSERT_EQ(got.context.size(), 2u);
  EXPECT_EQ(got.context[0].key, "level");
  EXPECT_EQ(got.context[0].value, "3");
  EXPECT_EQ(got.context[0].type, ValueType::Number);
  EXPECT_EQ(got.context[1].value, "blue");
  ASSERT_EQ(got.claims.size(), 1u);
  EXPECT_EQ(got.claims[0].value, "u");
  EXPECT_EQ(got.challenge, "Bearer");
  EXPECT_EQ(got.usage_key, "k");
  EXPECT_EQ(got.reason, "because");
  EXPECT_EQ(got.error_text, "text");
  ASSERT_EQ(got.scopes.size(), 2u);
  EXPECT_EQ(got.scopes[0], "orders.read");
  EXPECT_EQ(got.scopes[1], "orders.write");
  EXPECT_EQ(got.message, "words");
  EXPECT_EQ(got.error_type, "SomeException");
  EXPECT_EQ(got.response_type, ResponseType::AccessDenied);
}

TEST(Caching, LA_AA_OneCallForAllThatMissTogether) {
  World w;
  Caller leader(w, "t");
  Caller same(w, "t");
  Caller other(w, "t", 1);
  Caller different(w, "u", 1);
  EXPECT_EQ(w.inner->asked, 2);
  EXPECT_EQ(same.said(), "pending");
  w.inner->questions[0]->answered(who(AnswerKind::Allow, "user-1"));
  EXPECT_EQ(leader.said(), "allowed user-1 allow");
  EXPECT_EQ(same.said(), "pending") << "told by its own loop";
  w.posts->run();
  EXPECT_EQ(same.said(), "allowed user-1 shared");
  EXPECT_EQ(other.said(), "allowed user-1 shared");
  EXPECT_EQ(different.said(), "pending");
  EXPECT_EQ(ask(w, "t", 2), "allowed user-1 cached");
  EXPECT_EQ(w.inner->asked, 2);
  different.request.chain.cancel();
  const std::string metrics = w.registry.text();
  EXPECT_THAT(metrics, testing::HasSubstr("gatehouse_result_cache_hits_total{authorizer=\"gate\"} 1"));
  EXPECT_THAT(metrics, testing::HasSubstr("gatehouse_result_cache_misses_total{authorizer=\"gate\"} 2"));
  EXPECT_THAT(metrics, testing::HasSubstr("gatehouse_result_cache_waits_total{authorizer=\"gate\"} 2"));
}

TEST(Caching, LA_AA_ARefusalIsForAllButIsNotKept) {
  for (const AnswerKind kind : {AnswerKind::Unauthorized, AnswerKind::Failed, AnswerKind::Abstain}) {
    World w;
    Caller leader(w, "t"), waiter(w, "t", 1);
    w.inner->answer(say(kind));
    w.posts->run();
    EXPECT_EQ(waiter.said(), std::string(name(waiter.request.last->verdict)) + " shared");
    EXPECT_EQ(waiter.request.last->verdict, leader.request.last->verdict);
    EXPECT_NE(waiter.request.last->verdict, Verdict::Allowed);
    Caller next(w, "t", 1);
    EXPECT_EQ(w.inner->asked, 2);
    next.request.chain.cancel();
  }
}

// `ttl 0`, a token that is good once: nobody else may use the answer.
TEST(Caching, LA_AA_AnAnswerThatMustNotBeKeptIsForItsCallerAlone) {
  World w;
  Caller leader(w, "t"), one(w, "t", 1), two(w, "t", 2);
  w.inner->answer(who(AnswerKind::Allow, "first", 0));
  EXPECT_EQ(leader.said(), "allowed first allow");
  w.posts->run();
  EXPECT_EQ(one.said(), "pending");
  ASSERT_EQ(w.inner->asked, 3);
  w.inner->questions[1]->answered(who(AnswerKind::Deny, "second", 0));
  w.inner->questions[2]->answered(say(AnswerKind::Unauthorized));
  EXPECT_EQ(one.said(), "denied second deny");
  EXPECT_EQ(two.said(), "unauthorized unauthorized");
}

TEST(Caching, LA_AA_WhenTheLeadersClientGoesWhoWaitedLongestAsks) {
  World w;
  auto leader = std::make_unique<Caller>(w, "t");
  Caller gone(w, "t", 1), next(w, "t", 2), last(w, "t", 1);
  leader->request.chain.cancel();
  EXPECT_EQ(w.inner->cancelled.size(), 1u);
  leader.reset();
  gone.request.chain.cancel();  // while it is being told
  w.posts->run();
  EXPECT_EQ(w.inner->asked, 2);
  EXPECT_EQ(w.inner->cancelled.size(), 1u);
  w.inner->answer(who(AnswerKind::Allow, "u"));
  EXPECT_EQ(next.said(), "allowed u allow");
  w.posts->run();
  EXPECT_EQ(last.said(), "allowed u shared");
  EXPECT_EQ(ask(w, "t"), "allowed u cached");
  EXPECT_EQ(w.inner->asked, 2);
}

TEST(Caching, LA_AA_WhenNobodyIsLeftTheNextRequestAsksAnew) {
  World w;
  Caller leader(w, "t"), waiter(w, "t", 1);
  waiter.request.chain.cancel();
  leader.request.chain.cancel();
  w.posts->run();
  Caller fresh(w, "t");
  EXPECT_EQ(w.inner->asked, 2);
  w.inner->answer(who(AnswerKind::Allow, "u"));
  EXPECT_EQ(fresh.said(), "allowed u allow");
}

TEST(Caching, LA_AA_ADeadlineEndsTheFlightOrTheWaiting) {
  World w;
  Caller leader(w, "t");
  w.clock.advance_ms(4'000);
  Caller waiter(w, "t", 1);
  w.clock.advance_ms(6'000);
  leader.request.chain.expire();
  EXPECT_EQ(leader.said(), "failed deadline");
  w.posts->run();
  EXPECT_EQ(waiter.said(), "failed shared");
  EXPECT_EQ(w.inner->asked, 1);

  Caller slow(w, "t"), impatient(w, "t", 1), patient(w, "t", 2);
  impatient.request.chain.expire();
  EXPECT_EQ(impatient.said(), "failed deadline");
  w.inner->answer(who(AnswerKind::Allow, "u"));
  w.posts->run();
  EXPECT_EQ(slow.said(), "allowed u allow");
  EXPECT_EQ(patient.said(), "allowed u shared");
}

TEST(Caching, AWaiterThatGoesWhileItIsBeingToldIsNotTold) {
  World w;
  Caller leader(w, "t");
  auto waiter = std::make_unique<Caller>(w, "t", 1);
  w.inner->answer(who(AnswerKind::Allow, "u"));
  waiter->request.chain.cancel();
  EXPECT_FALSE(waiter->request.last);
  waiter.reset();
  w.posts->run();
}

TEST(Caching, ALateOrSecondAnswerIsNotHeard) {
  World w;
  Caller leader(w, "t");
  Question* const relay = w.inner->questions[0];
  leader.request.chain.cancel();
  relay->answered(who(AnswerKind::Allow, "u"));
  EXPECT_FALSE(leader.request.last);
  EXPECT_EQ(w.caching->size().entries, 0u);
  Caller twice(w, "t");
  w.inner->answer(who(AnswerKind::Allow, "u"));
  w.inner->answer(say(AnswerKind::Deny));
  EXPECT_EQ(twice.said(), "allowed u allow");
  EXPECT_EQ(twice.request.decisions, 1);
}

TEST(Caching, PurgeReachesEveryTableAndTheCallsUnderWay) {
  World w;
  w.inner->answers_at_once({who(AnswerKind::Allow, "u")});
  ask(w, "t");
  ask(w, "t", 1);
  ask(w, "t", 0, "test");
  ask(w, "t", 0, "live", "a2");
  EXPECT_EQ(w.caching->purge("a1", "live"), 1u);
  EXPECT_EQ(ask(w, "t", 0, "test"), "allowed u cached");
  EXPECT_EQ(ask(w, "t", 0, "live", "a2"), "allowed u cached");
  EXPECT_EQ(ask(w, "t", 1), "allowed u allow");
  EXPECT_EQ(ask(w, "t", 0), "allowed u cached") << "the new one";
  EXPECT_EQ(w.caching->purge(), 3u);
  EXPECT_EQ(w.caching->size().entries, 0u);
  EXPECT_EQ(w.caching->size().bytes, 0u);
  EXPECT_EQ(ask(w, "t", 0, "test"), "allowed u allow");

  w.inner->answers_at_once({});
  Caller before(w, "v"), with(w, "v", 1);
  w.caching->purge();
  Caller after(w, "v", 2);
  ASSERT_EQ(w.inner->questions.size(), 7u) << "who comes after a purge does not join an older call";
  w.inner->questions[5]->answered(who(AnswerKind::Allow, "old"));
  w.posts->run();
  EXPECT_EQ(before.said(), "allowed old allow");
  EXPECT_EQ(with.said(), "allowed old shared");
  EXPECT_EQ(after.said(), "pending");
  w.inner->questions[6]->answered(who(AnswerKind::Allow, "new"));
  EXPECT_EQ(ask(w, "v"), "allowed new cached") << "and what it said is not kept";
}

TEST(Caching, IsBoundedByEntriesAndBytesAndKeepsWhatIsUsed) {
  World w(300, {4, 1 << 20});
  w.inner->answers_at_once({who(AnswerKind::Allow, "u")});
  for (const char* token : {"a", "b", "c", "d"}) ask(w, token);
  ask(w, "a");  // in the worker's own table only
  for (const char* token : {"e", "f", "g"}) ask(w, token);
  EXPECT_EQ(w.caching->size().entries, 4u);
  EXPECT_EQ(ask(w, "a"), "allowed u cached");
  EXPECT_EQ(ask(w, "b"), "allowed u allow") << "and no worker's table has it any more";

  const std::string large(3'000, 'x');
  World small(300, {100, 10'000});
  small.inner->answers_at_once({who(AnswerKind::Allow, large)});
  for (const char* token : {"a", "b", "c", "d"}) ask(small, token);
  EXPECT_LE(small.caching->size().bytes, 10'000u);
  EXPECT_GE(small.caching->size().entries, 2u);
  World tiny(300, {100, 1'000});
  tiny.inner->answers_at_once({who(AnswerKind::Allow, large)});
  ask(tiny, "a");
  EXPECT_EQ(ask(tiny, "a"), "allowed " + large + " allow") << "too large to be kept";
}

TEST(Caching, WithoutPostsEveryoneAsks) {
  auto inner = std::make_shared<FakeAuthorizer>("gate", Category::Identity);
  World w;
  CachingAuthorizer::Settings settings;
  settings.clock = &w.clock;
  w.inner = inner;
  w.caching = CachingAuthorizer::make(inner, std::move(settings));
  Caller one(w, "t"), two(w, "t");
  EXPECT_EQ(inner->asked, 2);
  inner->questions[1]->answered(who(AnswerKind::Allow, "two"));
  inner->questions[0]->answered(who(AnswerKind::Allow, "one"));
  EXPECT_EQ(one.said(), "allowed one allow");
  EXPECT_EQ(two.said(), "allowed two allow");
  EXPECT_EQ(ask(w, "t"), "allowed one cached");
}

}  // namespace
}  // namespace gatehouse::access
