// Random requests: what the parser takes has an event of each kind that a strict reader takes, with every header line
// and every parameter in it.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "access/query.hpp"
#include "support/event_case.hpp"
#include "support/strict_json.hpp"

namespace gatehouse::access {
namespace {

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  std::string some(std::string_view alphabet, std::size_t most) {
    std::string out;
    for (std::size_t n = below(most + 1); n > 0; --n) out += alphabet[below(alphabet.size())];
    return out;
  }
  std::string query() {
    static constexpr std::string_view kParts[] = {
        "a",        "b",   "A",   "=",      "&", "=",  "&",  ";", "+",   "%22",
        "%5C",      "%00", "%ff", "%C3%A9", "%", "%7", "\"", "'", "c=d", "%F0%9F%98%80",
        "%ED%A0%80"};
    std::string out;
    for (std::size_t n = below(40); n > 0; --n) out += kParts[below(std::size(kParts))];
    return out;
  }
  std::string head() {
    std::string out =
        "GET /s/x" + (below(4) != 0 ? "?" + query() : std::string()) + " HTTP/1.1\r\nHost: a.example.com\r\n";
    for (std::size_t n = below(20); n > 0; --n) {
      const std::string name = below(4) == 0 ? std::string("Cookie") : "x" + some("aAbB-_.!", 2);
      out += name + ": " + some("ab;= ,\"\\{}\t\x80\xC3\xA9\xE2\x82\xAC\xFF", 12) + "\r\n";
    }
    return out + "\r\n";
  }

 private:
  std::mt19937 random_;
};

TEST(EventProperty, WhatIsBuiltCanBeRead) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Generator generate(seed);
  std::size_t events = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string head = generate.head();
    for (const char* kind :
         {"rest\napi rest r", "http_v1\napi http h", "http_v2\napi http h", "websocket\napi websocket w"}) {
      std::unique_ptr<test::EventCase> one;
      try {
        one = std::make_unique<test::EventCase>(
            head, "kind " + std::string(kind) + "\nstage s\nroute GET /x\napi_path /x\nidentity a=b\n");
      } catch (const std::runtime_error&) {
        break;  // the parser refuses it
      }
      const std::string text = one->event();
      rapidjson::Document document;
      ASSERT_EQ(gatehouse::test::parse_strictly(text, document), "") << head << "\n" << text;
      ++events;
      if (one->kind == EventKind::HttpV2) continue;
      std::size_t lines = 0, parameters = 0, sent = 0;
      for (const auto& each : document["multiValueHeaders"].GetObject()) lines += each.value.Size();
      EXPECT_EQ(lines, one->facts.request->headers.size()) << head;
      if (document.HasMember("multiValueQueryStringParameters"))
        for (const auto& each : document["multiValueQueryStringParameters"].GetObject())
          parameters += each.value.Size();
      RawParameter parameter;
      for (std::string_view query = one->facts.target->raw_query;
           next_parameter(query, one->facts.api_type == ApiType::Rest, parameter);)
        ++sent;
      EXPECT_EQ(parameters, sent) << head;
    }
  }
  EXPECT_GT(events, 4000u);
}

}  // namespace
}  // namespace gatehouse::access
