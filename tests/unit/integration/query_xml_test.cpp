#include "integration/query_xml.hpp"

#include <gtest/gtest.h>

namespace gatehouse::integration {
namespace {

using identity::Value;

TEST(QueryXml, WritesEveryKindOfValue) {
  Value user;
  user.set("UserName", "ann").set("CreateDate", Value::of_time(1'769'860'800));
  Value out;
  out.set("User", std::move(user))
      .set("MaxSessionDuration", Value::of_number(3'600))
      .set("IsTruncated", Value::of_bool(false))
      .set("Names", Value::list().push(Value::of("a")).push(Value::of("b")))
      .set("None", Value::list())
      .set("Document", Value::of_document("{\"a b\":\"\xc3\xa9~\"}"))
      .set("SummaryMap", Value::map().set("Users", Value::of_number(2)));
  const ServiceResponse said = query_response(kIamQuery, "Do", &out, "id-1");
  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.content_type, "text/xml");
  ASSERT_EQ(said.headers.size(), 1u);
  EXPECT_EQ(said.headers[0], std::pair(std::string("x-amzn-RequestId"), std::string("id-1")));
  EXPECT_EQ(said.body,
            "<DoResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><DoResult>"
            "<User><UserName>ann</UserName><CreateDate>2026-01-31T12:00:00Z</CreateDate></User>"
            "<MaxSessionDuration>3600</MaxSessionDuration><IsTruncated>false</IsTruncated>"
            "<Names><member>a</member><member>b</member></Names><None></None>"
            "<Document>%7B%22a%20b%22%3A%22%C3%A9~%22%7D</Document>"
            "<SummaryMap><entry><key>Users</key><value>2</value></entry></SummaryMap>"
            "</DoResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DoResponse>\n");
}

TEST(QueryXml, LeavesTheResultAwayWhereThereIsNone) {
  EXPECT_EQ(query_response(kStsQuery, "Do", nullptr, "i").body,
            "<DoResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
            "<ResponseMetadata><RequestId>i</RequestId></ResponseMetadata></DoResponse>\n");
}

TEST(QueryXml, EscapesWhatStrangersWrote) {
  const std::pair<std::string, std::string> rows[] = {
      {"a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c&#39;"},
      {"]]>", "]]&gt;"},
      {"tab\tlf\ncr\r", "tab\tlf\ncr&#13;"},
      {std::string("nul\0", 4), "nul\xef\xbf\xbd"},
      {"bell\x07 del\x7f", "bell\xef\xbf\xbd del\x7f"},
      {"\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xef\xbf\xbe", "\xef\xbf\xbd"},
      {"\xc3\xa9\xf0\x9f\x98\x80", "\xc3\xa9\xf0\x9f\x98\x80"},
  };
  for (const auto& [in, expect] : rows) {
    std::string out;
    append_xml_escaped(out, in);
    EXPECT_EQ(out, expect) << in;
  }
}

TEST(QueryXml, StatusesOfFaults) {
  const std::pair<const char*, int> rows[] = {
      {"NoSuchEntity", 404},     {"EntityAlreadyExists", 409},     {"DeleteConflict", 409},  {"LimitExceeded", 409},
      {"AccessDenied", 403},     {"MalformedPolicyDocument", 400}, {"ValidationError", 400}, {"ExpiredToken", 403},
      {"IDPRejectedClaim", 403}, {"IncompleteSignature", 400},     {"Throttling", 400},      {"ServiceFailure", 500},
      {"InternalFailure", 500},  {"ServiceUnavailable", 503},      {"InvalidAction", 400},   {"NeverHeardOf", 400},
  };
  for (const auto& [code, status] : rows) EXPECT_EQ(query_status(code), status) << code;
}

TEST(QueryXml, ErrorsSayWhoseFaultTheyAre) {
  const ServiceResponse ours = query_error(kIamQuery, {"ServiceFailure", "a & b"}, "r");
  EXPECT_EQ(ours.status, 500);
  EXPECT_EQ(
      ours.body,
      "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Receiver</Type>"
      "<Code>ServiceFailure</Code><Message>a &amp; b</Message></Error><RequestId>r</RequestId></ErrorResponse>\n");
  EXPECT_NE(query_error(kIamQuery, {"NoSuchEntity", ""}, "r").body.find("<Type>Sender</Type>"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::integration
