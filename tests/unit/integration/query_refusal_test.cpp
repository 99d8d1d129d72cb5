#include "integration/query_refusal.hpp"

#include <gtest/gtest.h>

namespace gatehouse::integration {
namespace {

TEST(QueryRefusal, SpeaksOfTheChainAsQueryApisDo) {
  struct Row {
    ServiceRefusal said;
    const char* code;
    int status;
    const char* message;
  };
  const Row rows[] = {
      {{403, "MissingAuthenticationTokenException", "Missing Authentication Token", ""},
       "MissingAuthenticationToken",
       403,
       "Request is missing Authentication Token"},
      {{403, "IncompleteSignatureException", "parts are missing", ""}, "IncompleteSignature", 400, "parts are missing"},
      {{403, "InvalidSignatureException", "no match", ""}, "SignatureDoesNotMatch", 403, "no match"},
      {{403, "UnrecognizedClientException", "invalid", ""},
       "InvalidClientTokenId",
       403,
       "The security token included in the request is invalid."},
      {{403, "ExpiredTokenException", "expired", ""},
       "ExpiredToken",
       403,
       "The security token included in the request is expired"},
      {{403, "AccessDeniedException", "User: a is not authorized", ""},
       "AccessDenied",
       403,
       "User: a is not authorized"},
      {{403, "MalformedQueryStringException", "bad escape", ""}, "MalformedQueryString", 400, "bad escape"},
      // What HTTP APIs say names no error.
      {{403, "", "Forbidden", ""}, "AccessDenied", 403, "Forbidden"},
      {{401, "", "Unauthorized", ""}, "AccessDenied", 403, "Unauthorized"},
      {{403, "", "Missing Authentication Token", ""},
       "MissingAuthenticationToken",
       403,
       "Request is missing Authentication Token"},
      {{429, "TooManyRequestsException", "Too Many Requests", ""}, "Throttling", 400, "Rate exceeded"},
      {{429, "", "", ""}, "Throttling", 400, "Rate exceeded"},
      {{500, "", "secret of ours", ""}, "InternalFailure", 500, "The request could not be processed."},
      {{500, "AuthorizerConfigurationException", "secret of ours", ""},
       "InternalFailure",
       500,
       "The request could not be processed."},
      {{503, "", "", ""}, "ServiceUnavailable", 503, "The service is unavailable; try again."},
      {{504, "", "", ""}, "ServiceUnavailable", 503, "The service is unavailable; try again."},
      {{413, "", "Request Too Long", ""}, "InvalidParameterValue", 413, "Request Too Long"},
  };
  for (const Row& row : rows) {
    const QueryRefusal said = query_refusal(row.said);
    EXPECT_EQ(said.fault.code, row.code) << row.said.error_type << row.said.status;
    EXPECT_EQ(said.fault.message, row.message) << row.code;
    EXPECT_EQ(said.status, row.status) << row.code;
  }
}

TEST(QueryRefusal, IsWrittenAsXml) {
  const ServiceResponse said =
      query_refused(kStsQuery, {403, "InvalidSignatureException", "'<a>'\n", "11111111-2222-3333-4444-555555555555"});
  EXPECT_EQ(said.status, 403);
  EXPECT_EQ(said.log_note, "SignatureDoesNotMatch");
  EXPECT_EQ(said.body,
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
            "<Code>SignatureDoesNotMatch</Code><Message>&#39;&lt;a&gt;&#39;\n</Message></Error>"
            "<RequestId>11111111-2222-3333-4444-555555555555</RequestId></ErrorResponse>\n");
}

}  // namespace
}  // namespace gatehouse::integration
