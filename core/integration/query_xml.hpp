#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "identity/fault.hpp"
#include "identity/operation_value.hpp"
#include "integration/service.hpp"

/// The AWS Query protocol, both ways (spec sts section 1): parameters of a form or a query string in, XML out. STS and
/// IAM speak it.
namespace gatehouse::integration {

/// One API that speaks it.
struct QueryApi {
  std::string_view version;  // `Version` must be it
  std::string_view xmlns;
};
inline constexpr QueryApi kStsQuery{"2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"};
inline constexpr QueryApi kIamQuery{"2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"};

/// Bounds of a request; the body's is the Service's.
inline constexpr std::size_t kMostQueryParameters = 512;
inline constexpr std::size_t kMostQueryItems = 100;      // of one list
inline constexpr std::size_t kMostQueryNameBytes = 256;  // `Tags.member.1.Key`
inline constexpr std::size_t kMostQueryNameParts = 8;

struct QueryCall {
  std::string action;
  /// A Struct: `Name=x` is a text, `Name.member.N=x` a list, `Name.member.N.Key=x` a list of structs, `Name.Key=x` a
  /// struct, and `Name=` of what is a list the empty text: botocore writes an empty list so. Without Action, Version
  /// and what the signature has in a query string (`X-Amz-*`).
  identity::Value parameters;
};

/// Reads a POST with a form, a GET with a query string, or a POST with both, strictly: what is there twice, is not
/// UTF-8 or percent-encoding, leaves a gap in a list or is text and list at once is refused, because what one reader
/// overlooks another takes. Faults: `MissingAction`, `InvalidAction` (also for another Version),
/// `MalformedQueryString`, `InvalidParameterValue`. [any]
identity::Outcome<QueryCall> parse_query(const QueryApi& api, const ServiceRequest& request);

/// The status that a fault's code has in these APIs (spec sts section 5); 400 for codes it does not know.
int query_status(std::string_view code) noexcept;

/// `<{action}Response><{action}Result>...</...><ResponseMetadata>...`; a null result leaves the second away. [any]
ServiceResponse query_response(const QueryApi& api, std::string_view action, const identity::Value* result,
                               std::string_view request_id);
/// `<ErrorResponse><Error><Type>...`, with the status of query_status(). [any]
ServiceResponse query_error(const QueryApi& api, const identity::Fault& fault, std::string_view request_id);
ServiceResponse query_error(const QueryApi& api, const identity::Fault& fault, std::string_view request_id, int status);

/// As XML 1.0 has it as content or attribute: what XML cannot hold (control characters, bytes that are not UTF-8)
/// becomes U+FFFD.
void append_xml_escaped(std::string& out, std::string_view text);
/// The members of a struct, one element each: lists as `<member>`, maps as `<entry><key/><value/></entry>`, documents
/// percent-encoded as IAM does.
void append_xml_members(std::string& out, const identity::Value& value);

}  // namespace gatehouse::integration
