#pragma once
#include "integration/query_xml.hpp"

namespace gatehouse::integration {

/// What the access chain refused, by the names that Query APIs have for it (spec sts section 5):
/// `InvalidSignatureException` is `SignatureDoesNotMatch` there, and so on. [any]
struct QueryRefusal {
  identity::Fault fault;
  int status = 403;
};
QueryRefusal query_refusal(const ServiceRefusal& refusal);
/// The same as the response. [any]
ServiceResponse query_refused(const QueryApi& api, const ServiceRefusal& refusal);

}  // namespace gatehouse::integration
