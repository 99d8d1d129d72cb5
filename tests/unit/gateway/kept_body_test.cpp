#include "gateway/kept_body.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "unit/gateway/fake_body.hpp"

namespace gatehouse::gateway {
namespace {

using access::BodyOutcome;
using http::BodyError;
using State = http::BodySource::State;
using test::FakeBody;
using Where = BodyRoom::Where;

constexpr std::int64_t kDigestOnly = access::RequestBody::kDigestOnly;

class Reader final : public access::BodyReader {
 public:
  void on_request_body(access::BodyAnswer given) noexcept override {
    answer = std::move(given);
    ++times;
  }
  bool listening() const noexcept override { return listens; }
  access::BodyAnswer answer;
  int times = 0;
  bool listens = true;
};

class KeptBodyTest : public testing::Test {
 protected:
  KeptBody& keep(FakeBody& source) {
    body = std::make_unique<KeptBody>(*keeper, source, settings);
    return *body;
  }
  std::shared_ptr<Reader> ask(std::int64_t max_bytes = kDigestOnly) {
    auto reader = std::make_shared<Reader>();
    body->ask(reader, max_bytes);
    EXPECT_EQ(reader->times, 0);  // never inside
    return reader;
  }
  void turns(int n = 1) {
    for (int i = 0; i < n; ++i) loop.turn(0);
  }
  /// Turns until it was told.
  access::BodyAnswer told(const std::shared_ptr<Reader>& reader) {
    for (int i = 0; i < 1000 && reader->times == 0; ++i) loop.turn(0);
    EXPECT_EQ(reader->times, 1);
    return reader->answer;
  }
  std::uint64_t memory() const { return keeper->room->used(Where::Memory); }
  std::uint64_t file() const { return keeper->room->used(Where::File); }
  std::uint64_t gauge(const char* where) {
    return registry.counter(0, "gatehouse_kept_body_bytes", "", {{"where", where}}).value();
  }

  base::FixedClock clock{1'700'000'000'000};
  net::Loop loop{clock};
  base::Registry registry;
  config::KeptBodies settings;
  std::unique_ptr<BodyKeeper> keeper = std::make_unique<BodyKeeper>(loop, registry, 0);
  std::unique_ptr<KeptBody> body;
};

struct SizeCase {
  const char* name;
  std::size_t size;
  bool chunked;
  std::int64_t memory, file;  // the limits
  bool spills;
};
const SizeCase kSizes[] = {
    {"no bytes", 0, false, 1 << 20, 1 << 20, false},
    {"no bytes, in chunks", 0, true, 1 << 20, 1 << 20, false},
    {"one byte", 1, false, 1 << 20, 1 << 20, false},
    {"a small block full", 16384, false, 1 << 20, 1 << 20, false},
    {"a small block and a byte", 16385, true, 1 << 20, 1 << 20, false},
    {"all that may be memory", 1 << 20, false, 1 << 22, 0, false},
    {"a byte more than one may have in memory", (1 << 20) + 1, false, 1 << 22, 1 << 20, true},
    {"no memory at all", 70'000, false, 0, 1 << 20, true},
    {"memory for one block", 200'000, true, 65536, 1 << 20, true},
    {"a large one", 5'000'003, false, 1 << 25, 1 << 25, true},
};

TEST_F(KeptBodyTest, GivesTheDigestACopyAndThenTheSameBytes) {
  for (const SizeCase& c : kSizes) {
    SCOPED_TRACE(c.name);
    settings.memory_bytes = c.memory;
    settings.file_bytes = c.file;
    FakeBody source(test::noise(c.size), c.chunked ? -1 : static_cast<std::int64_t>(c.size));
    source.arrive(c.size, 50'000);
    source.finish();
    keep(source);
    const auto answer = told(ask());
    EXPECT_EQ(answer.outcome, BodyOutcome::Whole);
    EXPECT_EQ(answer.sha256, base::sha256(source.text()));
    EXPECT_EQ(file() > 0, c.spills);
    EXPECT_LE(memory(), static_cast<std::uint64_t>(c.memory));
    EXPECT_EQ(gauge("memory"), memory());
    EXPECT_EQ(gauge("file"), file());
    EXPECT_EQ(body->length(), static_cast<std::int64_t>(c.size));
    if (!c.spills) {
      settings.memory_bytes = 1 << 25;
      const auto copied = told(ask(10 << 20));
      EXPECT_EQ(copied.outcome, BodyOutcome::Whole);
      ASSERT_NE(copied.bytes, nullptr);
      EXPECT_EQ(*copied.bytes, source.text());
    }
    EXPECT_EQ(test::pull_all(*body, 7001), source.text());
    EXPECT_EQ(body->pull(), State::End);
    body.reset();
    turns();
  }
}

TEST_F(KeptBodyTest, ReadsNothingBeforeItIsAsked) {
  FakeBody source("abc", 3);
  source.arrive(3);
  source.finish();
  keep(source);
  turns(3);
  EXPECT_EQ(source.pulls, 0);
  ask();
  EXPECT_EQ(source.pulls, 0);  // 100 Continue is not sent inside authorize()
  turns();
  EXPECT_GT(source.pulls, 0);
}

TEST_F(KeptBodyTest, WaitsForASlowClient) {
  FakeBody source("hello world", 11);
  keep(source);
  const auto reader = ask();
  for (int i = 0; i < 11; ++i) {
    turns(3);
    EXPECT_TRUE(body->reading());
    EXPECT_EQ(reader->times, 0);
    source.arrive(1);
    source.tell();
  }
  source.finish();
  source.tell();
  EXPECT_EQ(told(reader).outcome, BodyOutcome::Whole);
  EXPECT_FALSE(body->reading());
}

TEST_F(KeptBodyTest, ATurnReadsAFewPiecesOnly) {
  const std::size_t size = 2 << 20;
  FakeBody source(test::noise(size), size);
  source.arrive(size, KeptBody::kPiece);
  source.finish();
  keep(source);
  const auto reader = ask();
  turns();
  EXPECT_EQ(source.pulls, KeptBody::kPiecesPerTurn);
  EXPECT_EQ(told(reader).outcome, BodyOutcome::Whole);
}

struct FailCase {
  const char* name;
  BodyError error;
  BodyOutcome outcome;
};
const FailCase kFails[] = {
    {"above the route's limit", BodyError::TooLarge, BodyOutcome::TooLarge},
    {"the client went", BodyError::Closed, BodyOutcome::Broken},
    {"no chunk", BodyError::Malformed, BodyOutcome::Broken},
    {"silence", BodyError::Timeout, BodyOutcome::Broken},
};

TEST_F(KeptBodyTest, SaysWhyThereIsNone) {
  for (const FailCase& c : kFails) {
    SCOPED_TRACE(c.name);
    FakeBody source(test::noise(100'000), -1);
    source.arrive(50'000);
    keep(source);
    const auto reader = ask();
    turns(2);
    EXPECT_GT(memory(), 0u);
    source.fail(c.error);
    source.tell();
    EXPECT_EQ(told(reader).outcome, c.outcome);
    EXPECT_EQ(body->error(), c.error);
    EXPECT_EQ(body->pull(), State::Failed);
    EXPECT_EQ(memory(), 0u);  // at once
    EXPECT_EQ(told(ask()).outcome, c.outcome);
  }
}

TEST_F(KeptBodyTest, WithoutRoomThereIsNone) {
  settings.memory_bytes = 65536;
  settings.file_bytes = 2 * 65536;
  for (const std::size_t size : {3u * 65536u, 3u * 65536u + 1u}) {
    FakeBody source(test::noise(size), static_cast<std::int64_t>(size));
    source.arrive(size, 10'000);
    source.finish();
    keep(source);
    const bool fits = size == 3u * 65536u;
    EXPECT_EQ(told(ask()).outcome, fits ? BodyOutcome::Whole : BodyOutcome::NoRoom);
    EXPECT_EQ(body->error(), fits ? BodyError::None : BodyError::NoRoom);
    EXPECT_EQ(memory() == 0 && file() == 0, !fits);
  }
  EXPECT_EQ(registry.counter(0, "gatehouse_kept_bodies_refused_total", "").value(), 1u);
  EXPECT_EQ(registry.counter(0, "gatehouse_kept_bodies_total", "").value(), 2u);
}

TEST_F(KeptBodyTest, ADirectoryThatIsNotThereIsNoRoom) {
  settings.memory_bytes = 0;
  settings.directory = "/nonexistent/for/bodies";
  FakeBody source("abc", 3);
  source.arrive(3);
  source.finish();
  keep(source);
  EXPECT_EQ(told(ask()).outcome, BodyOutcome::NoRoom);
}

TEST_F(KeptBodyTest, ACopyCountsAsMemoryUntilItIsLetGo) {
  settings.memory_bytes = 16384 + 1000;
  FakeBody source(test::noise(1000), 1000);
  source.arrive(1000);
  source.finish();
  keep(source);
  access::BodyAnswer first = told(ask(1000));
  EXPECT_EQ(memory(), 17384u);
  EXPECT_EQ(told(ask(1000)).outcome, BodyOutcome::NoRoom);
  body.reset();
  EXPECT_EQ(memory(), 1000u);  // whoever holds it may go on
  EXPECT_EQ(*first.bytes, source.text());
  first.bytes.reset();
  EXPECT_EQ(memory(), 0u);
}

TEST_F(KeptBodyTest, MoreThanTheQuestionAllowsIsTooLarge) {
  FakeBody told_length("abcdef", 6);
  keep(told_length);
  EXPECT_EQ(told(ask(5)).outcome, BodyOutcome::TooLarge);
  EXPECT_EQ(told_length.pulls, 0);  // its length said so
  EXPECT_EQ(body->error(), BodyError::None);
  told_length.arrive(6);
  told_length.finish();
  EXPECT_EQ(told(ask(6)).outcome, BodyOutcome::Whole);

  FakeBody chunked("abcdef", -1);
  chunked.arrive(6);
  chunked.finish();
  keep(chunked);
  EXPECT_EQ(told(ask(5)).outcome, BodyOutcome::TooLarge);
  EXPECT_EQ(*told(ask(6)).bytes, "abcdef");
  EXPECT_EQ(test::pull_all(*body, 2), "abcdef");
}

TEST_F(KeptBodyTest, WhoDoesNotListenIsNotTold) {
  FakeBody source("abc", 3);
  keep(source);
  const auto gone = ask(3);
  const auto there = ask();
  turns();
  gone->listens = false;
  source.arrive(3);
  source.finish();
  source.tell();
  EXPECT_EQ(told(there).outcome, BodyOutcome::Whole);
  EXPECT_EQ(gone->times, 0);
}

TEST_F(KeptBodyTest, ItsEndTellsNobody) {
  FakeBody source("abc", 3);
  keep(source);
  const auto reader = ask();
  turns();
  EXPECT_NE(source.sink, nullptr);
  body.reset();
  EXPECT_EQ(source.sink, nullptr);
  turns(2);
  EXPECT_EQ(reader->times, 0);
  EXPECT_EQ(reader.use_count(), 1);
}

class Sink final : public http::BodySink {
 public:
  void on_body() override { ++times; }
  int times = 0;
};

TEST_F(KeptBodyTest, WhatWasNotReadYetComesFromTheSource) {
  FakeBody source(test::noise(100'000), 100'000);
  source.arrive(40'000);
  keep(source);
  const auto reader = ask();
  turns(2);
  Sink sink;
  body->set_sink(&sink);
  EXPECT_EQ(body->length(), 100'000);
  std::string got;
  const auto pull = [&] {
    State state = body->pull();
    for (; state == State::Ready; state = body->pull()) {
      const std::size_t n = std::min<std::size_t>(body->data().size(), 999);
      got += body->data().substr(0, n);
      body->consume(n);
    }
    return state;
  };
  EXPECT_EQ(pull(), State::Waiting);
  EXPECT_EQ(got.size(), 40'000u);
  EXPECT_EQ(memory(), 0u);
  source.arrive(60'000);
  source.finish();
  source.tell();
  EXPECT_EQ(sink.times, 1);
  EXPECT_EQ(pull(), State::End);
  EXPECT_EQ(got, source.text());
  turns(2);
  EXPECT_EQ(reader->times, 0);
  body.reset();  // before its source
}

TEST_F(KeptBodyTest, WhatIsSentIsGivenBackAtOnce) {
  const std::size_t size = 300'000;
  FakeBody source(test::noise(size), size);
  source.arrive(size, 65536);
  source.finish();
  keep(source);
  told(ask());
  std::uint64_t before = memory();
  for (std::size_t sent = 0; sent < size;) {
    ASSERT_EQ(body->pull(), State::Ready);
    const std::size_t n = body->data().size();
    body->consume(n);
    sent += n;
    EXPECT_LT(memory(), before);
    before = memory();
  }
  EXPECT_EQ(memory(), 0u);
}

}  // namespace
}  // namespace gatehouse::gateway
