// The fast parsers against a slow, obvious twin, over heads that are nearly right.
#include <gtest/gtest.h>

#include "property/http/generate.hpp"
#include "property/http/naive_head.hpp"
#include "unit/http/feed.hpp"

namespace gatehouse::http {
namespace {

using testing_feed::Verdict;
using testing_generate::Generator;

constexpr int kHeads = 20'000;
constexpr int kSplitHeads = 1'500;

std::string method_of(const RequestHead& head) {
  return std::string(name(head.method));
}

template <class Head>
void expect_same_lines(const Head& fast, const naive::Head& slow, const std::string& text) {
  ASSERT_EQ(fast.headers.size(), slow.lines.size()) << text;
  for (std::size_t i = 0; i < slow.lines.size(); ++i) {
    const Header& line = fast.headers.all()[i];
    EXPECT_EQ(line.name, slow.lines[i].name) << text;
    EXPECT_EQ(line.value, slow.lines[i].value) << text;
    EXPECT_EQ(line.id, header_id(slow.lines[i].name)) << text;
    EXPECT_EQ(line.listed_in_connection, slow.lines[i].dropped) << line.name << " in " << text;
  }
  EXPECT_EQ(fast.minor_version, slow.minor_version) << text;
  EXPECT_EQ(fast.content_length, slow.content_length) << text;
  EXPECT_EQ(fast.chunked, slow.chunked) << text;
  EXPECT_EQ(fast.keep_alive, slow.keep_alive) << text;
  EXPECT_EQ(fast.head_bytes, slow.bytes) << text;
}

void expect_same_verdict(const Verdict& fast, const naive::Head& slow, const std::string& text) {
  switch (slow.state) {
    case naive::Head::State::Complete:
      EXPECT_EQ(fast.state, ParseState::Complete) << fast.fault.what << " in " << text;
      break;
    case naive::Head::State::Refused:
      ASSERT_EQ(fast.state, ParseState::Refused) << text;
      if (!slow.bare_line_end && slow.status != 0) {
        EXPECT_EQ(fast.fault.status, slow.status) << fast.fault.what << " in " << text;
      }
      break;
    case naive::Head::State::Unfinished:
      // The fast one may see what is wrong with a line before its end.
      EXPECT_NE(fast.state, ParseState::Complete) << text;
  }
}

TEST(HeadProperty, RequestsAreReadAsTheTwinReadsThem) {
  int complete = 0;
  for (int seed = 0; seed < kHeads; ++seed) {
    Generator generate(static_cast<std::uint32_t>(seed));
    const std::string text = generate.head(generate.request_line(), true);
    const naive::Head slow = naive::request(text);
    RequestHead fast;
    const Verdict verdict = testing_feed::whole<RequestParser>(text, fast);
    expect_same_verdict(verdict, slow, text);
    if (slow.state == naive::Head::State::Complete && verdict.state == ParseState::Complete) {
      ++complete;
      expect_same_lines(fast, slow, text);
      EXPECT_EQ(method_of(fast), slow.method) << text;
      EXPECT_EQ(fast.target, slow.target) << text;
      EXPECT_EQ(fast.authority, slow.authority) << text;
      EXPECT_EQ(fast.expect_continue, slow.expect) << text;
      EXPECT_EQ(fast.upgrade, slow.upgrade) << text;
    }
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(complete, kHeads / 20) << "the heads must be good often enough to mean something";
  EXPECT_LT(complete, kHeads * 19 / 20);
}

TEST(HeadProperty, ResponsesAreReadAsTheTwinReadsThem) {
  int complete = 0;
  for (int seed = 0; seed < kHeads; ++seed) {
    Generator generate(static_cast<std::uint32_t>(seed));
    const std::string text = generate.head(generate.status_line(), false);
    const naive::Head slow = naive::response(text);
    ResponseHead fast;
    const Verdict verdict = testing_feed::whole<ResponseParser>(text, fast);
    expect_same_verdict(verdict, slow, text);
    if (slow.state == naive::Head::State::Complete && verdict.state == ParseState::Complete) {
      ++complete;
      expect_same_lines(fast, slow, text);
      EXPECT_EQ(fast.status, slow.code) << text;
      EXPECT_EQ(fast.reason, slow.reason) << text;
    }
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(complete, kHeads / 20);
  EXPECT_LT(complete, kHeads * 19 / 20);
}

// A head completes at its last byte; a refusal is the same one, but may show as late as at the end of the head.
template <class Parser, class Head>
void expect_same_in_parts(const std::string& text) {
  Head head;
  const Verdict all = testing_feed::whole<Parser>(text, head);
  const std::size_t head_bytes = head.head_bytes;
  for (std::size_t first = 1; first <= text.size(); ++first) {
    for (const std::size_t step : {std::size_t{1}, text.size()}) {
      if (step == 1 && first > 2) continue;
      std::unique_ptr<std::string> last;
      Verdict parts = testing_feed::in_steps<Parser>(text, first, step, head, last);
      if (parts.state == ParseState::NeedMore && all.state == ParseState::Refused)
        parts = testing_feed::in_steps<Parser>(text + "\r\n\r\n", first, step, head, last);
      ASSERT_EQ(parts.state, all.state) << "first " << first << " step " << step << ": " << text;
      ASSERT_EQ(parts.fault.what, all.fault.what) << "first " << first << " step " << step << ": " << text;
      if (all.state == ParseState::Complete && step == 1) {
        ASSERT_EQ(parts.fed, head_bytes) << text;
      }
    }
  }
}

TEST(HeadProperty, EverySplitIsJudgedAlike) {
  for (int seed = 0; seed < kSplitHeads; ++seed) {
    Generator generate(static_cast<std::uint32_t>(seed));
    expect_same_in_parts<RequestParser, RequestHead>(generate.head(generate.request_line(), true));
    expect_same_in_parts<ResponseParser, ResponseHead>(generate.head(generate.status_line(), false));
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace gatehouse::http
