#pragma once
#include <string_view>

#include "access/facts.hpp"
#include "base/arena.hpp"
#include "http/exchange.hpp"
#include "http/headers.hpp"
#include "integration/signing_parts.hpp"

/// Which header lines pass an `http_proxy` integration, and under which name: spec api-types section 10. Lines that
/// belong to one connection never pass, in either direction (http::is_hop_by_hop).
namespace gatehouse::integration {

class RequestParameters;

struct RequestForwarding {
  access::ApiType api_type = access::ApiType::Http;
  std::string_view api_id;
  std::string_view request_id;  // REST: a UUID
  std::int64_t time_unix_ms = 0;
  bool trusted_peer = false;
  const RequestParameters* mapped = nullptr;  // whose names are kept out; null: none
  SigningParts signing = {};
};

/// REST (AT-93, column http_proxy; AT-94): X-Amzn-Apigateway-Api-Id and, where the client gave none, X-Amzn-Trace-Id
/// are added; X-Forwarded-* and Forwarded are never added, and pass from trusted peers only, X-Forwarded-For with the
/// peer's address behind it (AT-96).
/// HTTP (AT-2B): X-Forwarded-* is turned into Forwarded (RFC 7239), which ends in an element of ours: the peer, the
/// Host it used and the scheme. What the client claims stands before it from trusted peers only. No `by`: the gateway's
/// own address is nobody's business.
/// Both: names for another verb or path (X-HTTP-Method-Override, X-Original-URL) never pass; those for the caller's
/// address (X-Real-IP) do from trusted peers only; a name with `_` or the like that would not pass with `-` never does
/// (X_Forwarded_For), nor one that the request has in a plainer spelling.
/// False when `out` is full. [loop] Memory from `arena`.
bool forward_request_headers(const RequestForwarding& how, const http::RequestHead& request,
                             const http::ConnectionFacts& connection, base::Arena& arena, http::Headers& out);

/// True for a name that no configuration may give: those of one hop, Host, framing, Expect, Forwarded and
/// X-Forwarded-*, names for another verb or path, the ids of ours (REST), and spellings that CGI cannot tell from
/// these. Names for the caller's address (X-Real-IP) may be given, but not beside what a client claims (`beside`).
/// [setup]
bool is_header_of_the_gateway(std::string_view name, bool rest, bool beside) noexcept;

/// True when both names are one to an upstream that makes HTTP_X_TOKEN of X-Token, x_token and X.Token. [any]
bool same_header_to_cgi(std::string_view a, std::string_view b) noexcept;

/// REST (AT-93): Authorization, Connection, Content-MD5, Date, Max-Forwards, Server, User-Agent and WWW-Authenticate
/// are renamed `x-amzn-Remapped-NAME`, and so is x-amzn-RequestId, for the gateway sends its own. HTTP: apigw-requestid
/// does not pass, for the same reason. Content-Length passes only where it says what a body that is not sent would have
/// (`bodyless`: an answer to HEAD, 304).
/// False when `out` is full. [loop] No memory.
bool forward_response_headers(access::ApiType api_type, bool bodyless, const http::Headers& in, http::Headers& out);

/// Forwarded, as the gateway extends it (AT-2B). [loop]
std::string_view forwarded_value(const http::RequestHead& request, const http::ConnectionFacts& connection,
                                 bool trusted_peer, base::Arena& arena);

}  // namespace gatehouse::integration
