#include <gtest/gtest.h>

#include "base/digest.hpp"
#include "unit/plugin/support.hpp"

namespace gatehouse::plugin {
namespace {

using access::AnswerKind;
using access::BodyOutcome;
using test::Asked;

std::string hex(const base::Sha256& digest) {
  std::string out;
  for (const unsigned char c : digest) {
    out += "0123456789abcdef"[c >> 4];
    out += "0123456789abcdef"[c & 15];
  }
  return out;
}

/// A body that is there when the test says so.
class PaperBody final : public access::RequestBody {
 public:
  void ask(std::shared_ptr<access::BodyReader> reader, std::int64_t max_bytes) override {
    readers.push_back(std::move(reader));
    limits.push_back(max_bytes);
  }
  void answer() {
    const auto reader = readers.front();
    const std::int64_t max = limits.front();
    readers.erase(readers.begin());
    limits.erase(limits.begin());
    access::BodyAnswer out{outcome, base::sha256(text), nullptr};
    if (max >= 0 && outcome == BodyOutcome::Whole) out.bytes = std::make_shared<const std::string>(text);
    reader->on_request_body(std::move(out));
  }
  std::string text = "the body";
  BodyOutcome outcome = BodyOutcome::Whole;
  std::vector<std::shared_ptr<access::BodyReader>> readers;
  std::vector<std::int64_t> limits;
};

/// The same for a plugin whose callbacks come on the loop and for one whose come on the executor.
class BodyServiceTest : public test::HostTest, public testing::WithParamInterface<const char*> {
 protected:
  std::shared_ptr<access::Authorizer> judge() {
    config::Authorizer settings = test::authorizer(GetParam());
    settings.grants.body = true;
    return make(settings);
  }
  /// Asks; `body` answers each question for it, and the plugin hears it: nobody turns the loop while the host ends,
  /// which waits for every callback.
  access::Answer ask(const std::shared_ptr<access::Authorizer>& who, Asked& asked) {
    asked.kept = &body;
    who->authorize(asked.facts, 0, asked);
    until([&] {
      while (!body.readers.empty()) body.answer();
      return asked.answers > 0;
    });
    loop.turn(0);
    return asked.answer.value_or(access::Answer::failed("test", "no answer"));
  }
  PaperBody body;
};
INSTANTIATE_TEST_SUITE_P(Threads, BodyServiceTest, testing::Values("test.body-judge", "test.body-judge-blocking"),
                         [](const auto& one) { return one.index == 0 ? "Loop" : "Executor"; });

TEST_P(BodyServiceTest, ThereOnlyWhenGranted) {
  const auto made = host->make(test::authorizer(GetParam()));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("grants: {body: true}"), std::string::npos) << made.error().text;
}

TEST_P(BodyServiceTest, TheDigestDecides) {
  const auto who = judge();
  for (const bool right : {true, false}) {
    Asked asked;
    const std::string digest = hex(base::sha256(right ? body.text : "another"));
    asked.header("x-digest", digest);
    EXPECT_EQ(ask(who, asked).kind, right ? AnswerKind::Allow : AnswerKind::Deny);
  }
}

TEST_P(BodyServiceTest, BytesComeWhole) {
  const auto who = judge();
  for (const std::string& text : {std::string(), std::string("a\0b", 3), std::string(100'000, 'x')}) {
    body.text = text;
    Asked asked;
    asked.header("x-ask", "both");
    const std::string digest = hex(base::sha256(text));
    asked.header("x-digest", digest);
    const access::Answer answer = ask(who, asked);
    EXPECT_EQ(answer.kind, AnswerKind::Allow) << answer.reason;
    EXPECT_EQ(answer.principal_id, std::to_string(text.size()));
  }
}

struct StatusCase {
  BodyOutcome outcome;
  int status;
};
const StatusCase kStatuses[] = {
    {BodyOutcome::TooLarge, GH_E_TOO_LARGE}, {BodyOutcome::NoRoom, GH_E_LIMIT}, {BodyOutcome::Broken, GH_E_CONNECT}};

TEST_P(BodyServiceTest, SaysWhyThereIsNoBody) {
  const auto who = judge();
  for (const StatusCase& c : kStatuses) {
    body.outcome = c.outcome;
    for (const char* how : {"hash", "read"}) {
      Asked asked;
      asked.header("x-ask", how);
      const access::Answer answer = ask(who, asked);
      EXPECT_EQ(answer.kind, AnswerKind::Failed);
      EXPECT_EQ(answer.reason, std::to_string(c.status)) << how;
    }
  }
}

struct BrokenCase {
  const char* ask;
  int status;
};
const BrokenCase kBroken[] = {
    {"algorithm", GH_E_UNSUPPORTED}, {"much", GH_E_INVALID}, {"stranger", GH_E_NOTFOUND}, {"twice", GH_E_STATE}};

TEST_P(BodyServiceTest, ABrokenContractIsSaidAtOnce) {
  const auto who = judge();
  for (const BrokenCase& c : kBroken) {
    Asked asked;
    asked.header("x-ask", c.ask);
    const access::Answer answer = ask(who, asked);
    EXPECT_EQ(answer.kind, AnswerKind::Deny) << c.ask;
    EXPECT_EQ(answer.reason, std::to_string(c.status)) << c.ask;
  }
}

TEST_P(BodyServiceTest, WithoutAnybodyWhoKeepsBodiesThereIsNone) {
  const auto who = judge();
  Asked asked;
  who->authorize(asked.facts, 0, asked);
  until([&] { return asked.answers > 0; });
  EXPECT_EQ(asked.answer->reason, std::to_string(GH_E_UNSUPPORTED));
}

// The deadline or the client's going: the plugin hears GH_E_GONE, pays its answer, and a body that comes then is
// nobody's.
TEST_P(BodyServiceTest, EndsWithTheCall) {
  const auto who = judge();
  Asked asked;
  asked.kept = &body;
  who->authorize(asked.facts, 0, asked);
  until([&] { return !body.readers.empty(); });
  who->cancel(asked);
  until([&] { return !asked.exchange.pinned(); });
  EXPECT_EQ(asked.answers, 0);
  EXPECT_FALSE(body.readers.front()->listening());
  body.answer();
  loop.turn(0);
  EXPECT_EQ(asked.answers, 0);
}

TEST_P(BodyServiceTest, AnAnswerBeforeTheDigestEndsTheQuestion) {
  const auto who = judge();
  Asked asked;
  asked.header("x-ask", "early");
  asked.kept = &body;
  who->authorize(asked.facts, 0, asked);
  until([&] { return asked.answers > 0; });
  EXPECT_EQ(asked.answer->kind, AnswerKind::Allow);
  loop.turn(0);
  EXPECT_TRUE(body.readers.empty() || !body.readers.front()->listening());
}

}  // namespace
}  // namespace gatehouse::plugin
