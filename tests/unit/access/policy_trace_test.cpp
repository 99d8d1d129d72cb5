#include "access/policy_trace.hpp"

#include <gtest/gtest.h>

#include "policy/parse.hpp"

namespace gatehouse::access {
namespace {

struct Told {
  std::size_t statements = 0, applying = 0;
  std::string left_out;
};

/// Of a policy of so many statements that are about another resource, and behind them some that apply.
Told tell(std::size_t missing, std::size_t applying) {
  std::string statements;
  for (std::size_t i = 0; i < missing + applying; ++i)
    statements += std::string(i ? "," : "") + R"({"Effect":"Allow","Action":"*","Resource":)" +
                  (i < missing ? R"("arn:aws:execute-api:us-east-1:111122223333:b/*"})" : R"("*"})");
  policy::ParseOptions options;
  options.max_characters = 1 << 20;
  const auto document = policy::parse(R"({"Statement":[)" + statements + "]}", policy::Kind::Identity, options);
  if (!document) throw std::runtime_error(policy::text(document.error()));
  base::Arena arena;
  base::Trace trace;
  trace.move_to(arena.array<base::TraceRecord>(kExplainedRecords));
  const policy::Arn arn = policy::Arn::split("arn:aws:execute-api:us-east-1:111122223333:a/prod/GET/pets");
  const policy::NoContext nothing;
  PolicyTrace told(trace, base::Step::Resource, "house", nothing, arena);
  policy::weigh(*document, {{}, policy::Action::of("execute-api:Invoke"), {&arn, 1}, nothing}, &told);
  told.end();
  Told out;
  for (const base::TraceRecord& record : trace.records()) {
    if (record.code == "left_out") {
      out.left_out = record.ref;
      continue;
    }
    ++out.statements;
    if (record.outcome == base::Outcome::Allowed) ++out.applying;
  }
  EXPECT_EQ(trace.dropped(), 0u);
  return out;
}

TEST(PolicyTrace, OfALongPolicyTheFirstAndHowManyWereLeftOut) {
  EXPECT_EQ(tell(9, 1).statements, 10u);
  EXPECT_EQ(tell(kMostTold, 0).left_out, "");
  const Told many = tell(kMostTold + 7, 3);
  EXPECT_EQ(many.left_out, "7 more statements are not told");
  EXPECT_EQ(many.applying, 3u);  // what decides is never among them
  EXPECT_EQ(many.statements, kMostTold + 3);
  const Told all = tell(0, kMostTold + kMostApplying + 5);
  EXPECT_EQ(all.statements, kMostTold + kMostApplying);
  EXPECT_EQ(all.left_out, "5 more statements are not told");
}

TEST(PolicyTrace, ATraceWithMoreRoomKeepsWhatItHas) {
  base::Trace trace;
  base::TraceRecord room[base::Trace::kCapacity + 8];
  trace.add(base::Step::Route, base::Outcome::Passed, "first", "");
  trace.move_to(room);
  for (std::size_t i = 0; i < base::Trace::kCapacity + 8; ++i)
    trace.add(base::Step::Route, base::Outcome::Passed, "next", "");
  EXPECT_EQ(trace.records().size(), base::Trace::kCapacity + 8);
  EXPECT_EQ(trace.records().front().who, "first");
  EXPECT_EQ(trace.dropped(), 1u);
  trace.clear();
  for (std::size_t i = 0; i < base::Trace::kCapacity + 1; ++i)
    trace.add(base::Step::Route, base::Outcome::Passed, "again", "");
  EXPECT_EQ(trace.records().size(), base::Trace::kCapacity);
}

}  // namespace
}  // namespace gatehouse::access
