// A kept body against its twin: the bytes in a string. However they arrive, wherever they are kept and however they are
// pulled, the digest is that of all of them and what comes out is what went in; what was taken is given back.
#include <gtest/gtest.h>

#include <optional>
#include <random>

#include "base/clock.hpp"
#include "gateway/kept_body.hpp"
#include "unit/gateway/fake_body.hpp"

namespace gatehouse::gateway {
namespace {

using State = http::BodySource::State;

class Reader final : public access::BodyReader {
 public:
  void on_request_body(access::BodyAnswer given) noexcept override { answer = std::move(given); }
  std::optional<access::BodyAnswer> answer;
};

class Sink final : public http::BodySink {
 public:
  void on_body() override {}
};

void one(std::mt19937_64& random) {
  const auto below = [&](std::size_t n) { return std::size_t{random() % n}; };
  base::FixedClock clock{1'700'000'000'000};
  net::Loop loop{clock};
  base::Registry registry;
  BodyKeeper keeper(loop, registry, 0);
  config::KeptBodies settings;
  settings.memory_bytes = static_cast<std::int64_t>(below(300'000));
  settings.file_bytes = static_cast<std::int64_t>(below(600'000));

  const std::size_t size = below(2) == 0 ? below(2000) : below(400'000);
  test::FakeBody source(test::noise(size), below(2) == 0 ? -1 : static_cast<std::int64_t>(size));
  std::size_t left = size;
  const auto arrive = [&] {
    const std::size_t n = std::min(left, below(4) == 0 ? below(100) : below(100'000));
    if (n > 0) source.arrive(n, 1 + below(80'000));
    left -= n;
    if (left == 0) source.finish();
  };
  auto body = std::make_unique<KeptBody>(keeper, source, settings);
  const auto digest = std::make_shared<Reader>();
  const auto copy = std::make_shared<Reader>();
  const bool copies = below(2) == 0;
  body->ask(digest, access::RequestBody::kDigestOnly);
  if (copies) body->ask(copy, 10 << 20);
  const bool all = below(4) != 0;  // else the integration begins before all of it is there
  for (int i = 0; i < 10'000 && (all ? !digest->answer || (copies && !copy->answer) : i < 3); ++i) {
    arrive();
    source.tell();
    loop.turn(0);
    ASSERT_LE(keeper.room->used(BodyRoom::Where::Memory), static_cast<std::uint64_t>(settings.memory_bytes));
    ASSERT_LE(keeper.room->used(BodyRoom::Where::File), static_cast<std::uint64_t>(settings.file_bytes));
  }
  const bool failed = body->error() != http::BodyError::None;
  if (all) {
    ASSERT_TRUE(digest->answer);
    if (digest->answer->outcome == access::BodyOutcome::Whole) {
      ASSERT_EQ(digest->answer->sha256, base::sha256(source.text()));
    } else {
      ASSERT_TRUE(failed);
    }
    if (copies && copy->answer->outcome == access::BodyOutcome::Whole) {
      ASSERT_EQ(*copy->answer->bytes, source.text());
    }
  }
  if (failed) {
    ASSERT_EQ(body->error(), http::BodyError::NoRoom);
    ASSERT_EQ(body->pull(), State::Failed);
  } else {
    Sink sink;
    body->set_sink(&sink);
    std::string got;
    for (int i = 0; i < 1'000'000; ++i) {
      const State state = body->pull();
      if (state == State::End) break;
      if (state == State::Waiting) {
        arrive();
        source.tell();
        continue;
      }
      ASSERT_EQ(state, State::Ready);
      ASSERT_FALSE(body->data().empty());
      const std::size_t n = 1 + below(body->data().size());
      got += body->data().substr(0, n);
      body->consume(n);
    }
    ASSERT_EQ(got, source.text());
  }
  body.reset();
  digest->answer.reset();
  copy->answer.reset();
  ASSERT_EQ(keeper.room->used(BodyRoom::Where::Memory), 0u);
  ASSERT_EQ(keeper.room->used(BodyRoom::Where::File), 0u);
}

TEST(KeptBodyProperty, GivesBackWhatCame) {
  const std::uint64_t seed = std::random_device{}();
  for (std::uint64_t i = 0; i < 400; ++i) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(i));
    std::mt19937_64 random(seed + i);
    one(random);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace gatehouse::gateway
