#include "gateway/journal.hpp"

#include <gtest/gtest.h>

#include "access/policy_flip.hpp"
#include "plugin/json.hpp"
#include "unit/gateway/paper_context.hpp"

namespace gatehouse::gateway {
namespace {

using base::Outcome;
using base::Step;

/// The text of a kept request, read; a failure when it is no JSON.
plugin::Json read(const std::optional<std::string>& text) {
  if (!text) {
    ADD_FAILURE() << "not kept";
    return {};
  }
  auto json = plugin::parse_json(*text);
  EXPECT_TRUE(json) << json.error().text << "\n" << *text;
  return json ? *json : plugin::Json{};
}

std::string at(const plugin::Json& json, std::string_view pointer) {
  const plugin::Json* const found = json.find(pointer);
  return found == nullptr ? "(nothing)" : found->text;
}

TEST(Journal, KeepsWhatIsKnownOfARequest) {
  test::PaperContext context(access::ApiType::Rest);
  context.target.path = "/live/orders/7";
  context.start_unix_ms = 1'700'000'000'123;
  context.refusal.status = 403;
  context.trace.add(Step::Route, Outcome::Passed, "GET /orders/{id}", "matched", "/orders/7");
  context.trace.add(Step::Identity, Outcome::Denied, "gate", "plugin", "no such \"user\" \\ here");
  Journal journal(4);
  journal.record(context);
  const plugin::Json json = read(journal.find(context.request_id));
  EXPECT_EQ(at(json, "/request_id"), context.request_id);
  EXPECT_EQ(at(json, "/method"), "GET");
  EXPECT_EQ(at(json, "/path"), "/live/orders/7");
  EXPECT_EQ(at(json, "/source_ip"), "10.1.2.3");
  EXPECT_EQ(at(json, "/api"), "orders");
  EXPECT_EQ(at(json, "/route"), "GET /orders/{id}");
  EXPECT_EQ(at(json, "/status"), "403");
  EXPECT_EQ(at(json, "/time_unix_ms"), "1700000000123");
  EXPECT_EQ(at(json, "/trace/1/step"), "identity");
  EXPECT_EQ(at(json, "/trace/1/who"), "gate");
  EXPECT_EQ(at(json, "/trace/1/outcome"), "deny");
  EXPECT_EQ(at(json, "/trace/1/code"), "plugin");
  EXPECT_EQ(at(json, "/trace/1/detail"), "no such \"user\" \\ here");
  EXPECT_EQ(json.find("/trace/2"), nullptr);
  EXPECT_EQ(journal.find("another"), std::nullopt);

  context.paper.status = 418;  // what was sent wins over what was to be
  journal.record(context);
  EXPECT_EQ(at(read(journal.find(context.request_id)), "/status"), "418");
}

TEST(Journal, KeepsTheLastOnes) {
  test::PaperContext context(access::ApiType::Rest);
  Journal journal(3);
  const std::string ids[] = {"a", "b", "c", "d", "e"};
  for (const std::string& id : ids) {
    context.request_id = id;
    journal.record(context);
  }
  for (const std::string& id : ids) EXPECT_EQ(journal.find(id).has_value(), id >= "c") << id;
  EXPECT_EQ(journal.find(""), std::nullopt);

  Journal none(0);
  none.record(context);
  EXPECT_EQ(none.find("e"), std::nullopt);
}

TEST(Journal, OfTwoWithOneIdTheLaterIsFound) {
  test::PaperContext context(access::ApiType::Rest);
  Journal journal(3);
  context.target.path = "/first";
  journal.record(context);
  context.target.path = "/second";
  journal.record(context);
  EXPECT_EQ(at(read(journal.find(context.request_id)), "/path"), "/second");
}

// Every length of the last records, so that the slot is full at every byte of one.
TEST(Journal, ATraceThatDoesNotFitIsCutAtARecord) {
  const std::string detail(200, 'x');
  bool cut = false, whole = false;
  for (std::size_t size = 0; size <= detail.size(); ++size) {
    for (std::size_t more = 0; more < 6; ++more) {
      test::PaperContext context(access::ApiType::Rest);
      for (int i = 0; i < 5; ++i) context.trace.add(Step::Network, Outcome::Abstained, "edge", "code", detail);
      for (std::size_t i = 0; i < more; ++i)
        context.trace.add(Step::Identity, Outcome::Denied, "gate", "code", std::string_view(detail).substr(0, size));
      Journal journal(1);
      journal.record(context);
      const auto text = journal.find(context.request_id);
      ASSERT_TRUE(text);
      ASSERT_LE(text->size(), Journal::kSlotBytes);
      const auto json = plugin::parse_json(*text);
      ASSERT_TRUE(json) << "detail of " << size << ", " << more << " records: " << json.error().text << "\n" << *text;
      const std::size_t kept = json->member("trace")->children.size();
      ASSERT_LE(kept, 5 + more);
      cut = cut || kept < 5 + more;
      whole = whole || kept == 5 + more;
    }
  }
  EXPECT_TRUE(cut && whole) << "the cases are not around the slot's size any more";
}

TEST(Journal, HostileBytesStayInsideTheirMember) {
  std::string hostile = "\",\"status\":200}\\\r\n\t\x1b[31m\x7f\xff\xc3\x28\xe2\x80\xae";
  hostile.push_back('\0');
  hostile += "\\";
  test::PaperContext context(access::ApiType::Rest);
  context.target.path = hostile;
  context.source_ip_text = hostile;
  context.route_.key = hostile;
  context.api_.name = hostile;
  context.refusal.status = 403;
  context.trace.add(Step::Identity, Outcome::Denied, hostile, hostile, hostile);
  Journal journal(1);
  journal.record(context);
  const auto text = journal.find(context.request_id);
  const plugin::Json json = read(text);
  EXPECT_EQ(at(json, "/status"), "403");
  for (const char c : *text) EXPECT_TRUE(c >= 0x20 && c < 0x7F) << static_cast<int>(c);
  const std::string kept =
      "\",\"status\":200}\\????[31m???"
      "(????\\";
  for (const char* pointer :
       {"/path", "/source_ip", "/route", "/api", "/trace/0/who", "/trace/0/code", "/trace/0/detail"})
    EXPECT_EQ(at(json, pointer), kept) << pointer;
}

// The longest of everything, each byte escaped: the head of the record alone may fill the slot.
TEST(Journal, TheLongestHeadStaysJson) {
  const std::string quotes(4000, '"');
  test::PaperContext context(access::ApiType::Rest);
  context.target.path = quotes;
  context.source_ip_text = quotes;
  context.route_.key = quotes;
  context.api_.name = quotes;
  for (std::size_t i = 0; i < base::Trace::kCapacity; ++i)
    context.trace.add(Step::Identity, Outcome::Denied, quotes, quotes, quotes);
  Journal journal(1);
  journal.record(context);
  const plugin::Json json = read(journal.find(context.request_id));
  EXPECT_EQ(at(json, "/path"), std::string(300, '"'));
  EXPECT_NE(json.member("trace"), nullptr);
  EXPECT_EQ(read(trace_json(context)).member("trace")->children.size(), base::Trace::kCapacity);
}

TEST(Journal, WhatWouldChangeItIsAMemberAndNoStep) {
  test::PaperContext context(access::ApiType::Rest);
  const auto member = [&](const char* pointer) { return at(read(trace_json(context)), pointer); };
  EXPECT_EQ(read(trace_json(context)).member("to_change_it")->kind, plugin::Json::Kind::Null);
  context.trace.add(Step::Identity, Outcome::Unauthorized, "gate", "identity_source_absent", "$request.header.x");
  EXPECT_EQ(member("/to_change_it/text"), "send `$request.header.x`, which the request lacks");
  context.trace.clear();
  context.trace.add(Step::Resource, Outcome::Denied, "house", "statement", "a");
  const std::string change = "if \"b\"\n" + std::string(600, 'c');
  context.trace.add(Step::Evaluate, Outcome::Allowed, "house", access::kToChange, change);
  EXPECT_EQ(member("/to_change_it/text"), "if \"b\"?" + std::string(600, 'c'));
  EXPECT_TRUE(to_change(context)->flips);
  EXPECT_EQ(read(trace_json(context)).member("trace")->children.size(), 1u);
  EXPECT_EQ(trace_text(context).find(access::kToChange), std::string::npos);
  Journal journal(1);
  journal.record(context);
  EXPECT_EQ(read(journal.find(context.request_id)).member("trace")->children.size(), 1u);
  context.trace.clear();
  context.trace.add(Step::Evaluate, Outcome::Passed, "house", access::kToChange, "c");
  EXPECT_FALSE(to_change(context)->flips);
}

TEST(Journal, AnIdThatIsTooLongDoesNotOverrun) {
  test::PaperContext context(access::ApiType::Rest);
  const std::string id(5000, 'i');
  context.request_id = id;
  Journal journal(1);
  journal.record(context);
  EXPECT_TRUE(journal.find(id.substr(0, 40)));
  EXPECT_EQ(journal.find(id), std::nullopt);
}

TEST(TraceText, ALineARecord) {
  test::PaperContext context(access::ApiType::Rest);
  context.trace.add(Step::Identity, Outcome::Unauthorized, "gate", "identity_source_absent", "$request.header.x");
  context.trace.add(Step::Evaluate, Outcome::Unauthorized, "", "", "");
  context.trace.add(Step::Respond, Outcome::Answered, "a\"b", "code", "a \"quoted\" line\nbreak \x1B[2J");
  EXPECT_EQ(trace_text(context),
            "identity    gate                     unauthorized identity_source_absent: $request.header.x\n"
            "decision    -                        unauthorized\n"
            "respond     a\"b                      answered     code: a \"quoted\" line\\nbreak \\u001b[2J\n");
}

}  // namespace
}  // namespace gatehouse::gateway
