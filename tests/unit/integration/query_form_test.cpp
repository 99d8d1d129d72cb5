#include <gtest/gtest.h>

#include "integration/query_xml.hpp"

namespace gatehouse::integration {
namespace {

using identity::Value;

/// As one line: `{a=x, b=[1, 2]}`.
std::string shown(const Value& value) {
  std::string out;
  const char* comma = "";
  if (value.kind == Value::Kind::Text) return value.text;
  for (std::size_t i = 0; i < value.children.size(); ++i) {
    out += comma + (value.names.empty() ? "" : value.names[i] + "=") + shown(value.children[i]);
    comma = ", ";
  }
  return value.kind == Value::Kind::List ? "[" + out + "]" : "{" + out + "}";
}

ServiceRequest post(std::string body, std::string query = "") {
  ServiceRequest out;
  out.method = "POST";
  out.content_type = "application/x-www-form-urlencoded; charset=utf-8";
  out.raw_query = std::move(query);
  out.body = std::move(body);
  return out;
}

std::string read(const ServiceRequest& request) {
  const auto call = parse_query(kIamQuery, request);
  return call ? call->action + shown(call->parameters) : call.error().code;
}

constexpr const char* kHead = "Action=X&Version=2010-05-08";

TEST(QueryForm, ReadsTextsListsAndStructures) {
  struct Row {
    const char* rest;
    const char* expect;
  };
  const Row rows[] = {
      {"", "X{}"},
      {"&UserName=ann", "X{UserName=ann}"},
      {"&UserName=", "X{UserName=}"},
      {"&UserName", "X{UserName=}"},
      {"&&UserName=a+b%2Bc", "X{UserName=a b+c}"},
      {"&D=%C3%A9%0A%26", "X{D=\xc3\xa9\n&}"},
      {"&L.member.1=a&L.member.2=b", "X{L=[a, b]}"},
      {"&L.member.2=b&L.member.1=a", "X{L=[a, b]}"},
      {"&T.member.1.Key=k&T.member.1.Value=v&T.member.2.Value=&T.member.2.Key=l",
       "X{T=[{Key=k, Value=v}, {Value=, Key=l}]}"},
      {"&S.A=1&S.B.member.1=2", "X{S={A=1, B=[2]}}"},
      {"&Tags=", "X{Tags=}"},
      {"&member=1", "X{member=1}"},  // at the top it is a name like others
      {"&X-Amz-Algorithm=AWS4-HMAC-SHA256&x-amz-date=1&A=2", "X{A=2}"},
  };
  for (const Row& row : rows) EXPECT_EQ(read(post(kHead + std::string(row.rest))), row.expect) << row.rest;
}

TEST(QueryForm, RefusesWhatCouldBeReadInTwoWays) {
  struct Row {
    const char* rest;
    const char* code;
  };
  const Row rows[] = {
      {"&A=1&A=2", "MalformedQueryString"},
      {"&A=1&A=1", "MalformedQueryString"},
      {"&A=1&%41=2", "MalformedQueryString"},
      {"&Action=Y", "MalformedQueryString"},
      {"&Version=2010-05-08", "MalformedQueryString"},
      {"&A=1&A.member.1=2", "MalformedQueryString"},
      {"&A.b=1&A.member.1=2", "MalformedQueryString"},
      {"&L.member.1=a&L.member.1=b", "MalformedQueryString"},
      {"&L.member.1=a&L.member.3=b", "MalformedQueryString"},
      {"&L.member.2=a", "MalformedQueryString"},
      {"&L.member.0=a", "MalformedQueryString"},
      {"&L.member.01=a", "MalformedQueryString"},
      {"&L.member.-1=a", "MalformedQueryString"},
      {"&L.member.+1=a", "MalformedQueryString"},
      {"&L.member.18446744073709551617=a", "MalformedQueryString"},
      {"&L.member.x=a", "MalformedQueryString"},
      {"&L.member=a", "MalformedQueryString"},
      {"&L.member.=a", "MalformedQueryString"},
      {"&L.member.101=a", "InvalidParameterValue"},
      {"&.A=1", "MalformedQueryString"},
      {"&A.=1", "MalformedQueryString"},
      {"&A..b=1", "MalformedQueryString"},
      {"&=1", "MalformedQueryString"},
      {"&A%00=1", "MalformedQueryString"},
      {"&A%20b=1", "MalformedQueryString"},
      {"&a.b.c.d.e.f.g.h.i=1", "MalformedQueryString"},
      {"&A=%", "MalformedQueryString"},
      {"&A=%4", "MalformedQueryString"},
      {"&A=%zz", "MalformedQueryString"},
      {"&A=%00", "MalformedQueryString"},
      {"&A=%FF", "MalformedQueryString"},
      {"&A=%C0%AF", "MalformedQueryString"},
      {"&A=%ED%A0%80", "MalformedQueryString"},
      {"&A=\xff", "MalformedQueryString"},
  };
  for (const Row& row : rows) EXPECT_EQ(read(post(kHead + std::string(row.rest))), row.code) << row.rest;
  EXPECT_EQ(read(post(kHead + std::string("&A=\0x", 5))), "MalformedQueryString");
}

TEST(QueryForm, NeedsAnActionOfItsVersion) {
  EXPECT_EQ(read(post("")), "MissingAction");
  EXPECT_EQ(read(post("Version=2010-05-08")), "MissingAction");
  EXPECT_EQ(read(post("Action=&Version=2010-05-08")), "MissingAction");
  EXPECT_EQ(read(post("Action.member.1=X&Version=2010-05-08")), "MissingAction");
  EXPECT_EQ(read(post("Action=X")), "InvalidAction");
  EXPECT_EQ(read(post("Action=X&Version=2011-06-15")), "InvalidAction");
  EXPECT_EQ(read(post("Action=X&Version.a=2010-05-08")), "InvalidAction");
}

TEST(QueryForm, TakesOneRequestFromBodyAndQueryString) {
  EXPECT_EQ(read(post("A=1", kHead)), "X{A=1}");
  EXPECT_EQ(read(post(std::string(kHead) + "&A=1", "A=2")), "MalformedQueryString");
  ServiceRequest get;
  get.method = "GET";
  get.raw_query = std::string(kHead) + "&A=1";
  EXPECT_EQ(read(get), "X{A=1}");
  get.body = "B=2";
  EXPECT_EQ(read(get), "MalformedQueryString");
  ServiceRequest other = post(kHead);
  other.content_type = "application/json";
  EXPECT_EQ(read(other), "MalformedQueryString");
  other.content_type = "APPLICATION/x-www-form-urlencoded ;a=b";
  EXPECT_EQ(read(other), "X{}");
  other.method = "PUT";
  EXPECT_EQ(read(other), "InvalidAction");
}

TEST(QueryForm, IsBounded) {
  std::string most = kHead;
  for (std::size_t i = 2; i < kMostQueryParameters; ++i) most += "&p" + std::to_string(i) + "=";
  EXPECT_TRUE(parse_query(kIamQuery, post(most)));
  EXPECT_EQ(read(post(most + "&one=")), "InvalidParameterValue");
  const std::string name(kMostQueryNameBytes, 'n');
  EXPECT_EQ(read(post(std::string(kHead) + "&" + name + "=1")), "X{" + name + "=1}");
  EXPECT_EQ(read(post(std::string(kHead) + "&n" + name + "=1")), "MalformedQueryString");
}

TEST(QueryForm, NeverRepeatsLongTextsOfStrangers) {
  const auto call = parse_query(kIamQuery, post("Action=" + std::string(5'000, 'a') + "&Version=1"));
  ASSERT_FALSE(call);
  EXPECT_LT(call.error().message.size(), 300u);
}

}  // namespace
}  // namespace gatehouse::integration
