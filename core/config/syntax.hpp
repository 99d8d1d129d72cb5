#pragma once
#include <string>
#include <string_view>

#include "config/reader.hpp"

/// The texts of a configuration that have a form of their own. Each rule's check says what is wrong with a text as the
/// end of a sentence ("needs a port"), or nothing; it never repeats the text. No look-ups, no DNS.
namespace gatehouse::config {

/// Names of listeners, upstreams, authorizers and APIs.
TextRule name_rule(std::string note);
/// A host as clients and certificates write it: DNS name, IPv4 address, or `[IPv6]`; no port.
TextRule host_rule();
/// A domain: a DNS name, or `*.` and one (AT-58).
TextRule domain_rule();
/// `host:port`, port 1 to 65535.
TextRule target_rule();
/// `10.0.0.1:8080`, `[::]:8080`, `unix:/run/x.sock`; port 0 lets the system choose.
TextRule listen_rule();
/// RFC 9110 token.
TextRule header_name_rule();
/// Printable, no line ends.
TextRule header_value_rule();
/// `com.example.shared-token`
TextRule plugin_id_rule();
/// A name under an authorizer's `secrets:`.
TextRule secret_name_rule();
/// Stage names: AT-50, section 2.2, and `$default`.
TextRule stage_rule();
TextRule variable_name_rule();
TextRule variable_value_rule();
/// `(none)` or a base path without slashes at its ends (AT-52).
TextRule base_path_rule();
/// `GET /orders/{id}`, `ANY /x`, `$default`: method and slash; the pattern's own rules are routing's.
TextRule route_key_rule();
/// A path template of http_proxy.
TextRule path_template_rule();
/// `http://host[:port]/path`, placeholders in the path only.
TextRule uri_rule();
/// What a gateway response's header is made of (AT-61).
TextRule header_mapping_rule();
/// AT-72
TextRule origin_rule();
/// A method or `*`.
TextRule method_rule();
/// A header name or `*`.
TextRule header_or_star_rule();
TextRule gateway_response_rule();
/// `text/html`, `application/json`
TextRule content_type_rule();

/// True for an address of listen_rule() that only this machine reaches.
bool is_local_address(std::string_view address);

}  // namespace gatehouse::config
