#pragma once
#include <span>
#include <string_view>

#include "access/event/fields.hpp"
#include "access/event/json_text.hpp"
#include "access/facts.hpp"

/// What several kinds of event have in common.
namespace gatehouse::access::event {

enum class NameCase : std::uint8_t { AsSent, Lower };

/// One object: each name with its last value, all its values in an array, or all of them joined with `,`.
void write_last(JsonText& json, std::span<const Field> fields, NameCase name_case = NameCase::AsSent);
void write_all(JsonText& json, std::span<const Field> fields, NameCase name_case = NameCase::AsSent);
/// Without the name `left_out`.
void write_joined(JsonText& json, std::span<const Field> fields, NameCase name_case, std::string_view left_out = {});
void write_named(JsonText& json, std::span<const NamedValue> values);

/// `"clientCert":{...}`, when there is one (section 10).
void write_client_certificate(JsonText& json, const Facts& facts);
/// `"requestTime":"...","requestTimeEpoch":...` under other names.
void write_time(JsonText& json, const Facts& facts, std::string_view text_key, std::string_view epoch_key);

/// Section 6, from `resource` to `requestContext`: what REST and HTTP 1.0 share.
void write_rest_members(JsonText& json, const Facts& facts, NameCase name_case, std::string_view resource_id,
                        base::Arena& arena);

std::string_view protocol(const Facts& facts) noexcept;
/// The host's first label.
std::string_view domain_prefix(const Facts& facts) noexcept;
/// AWS drops one of two slashes at the beginning (spec api-types section 2.3).
std::string_view without_extra_slash(std::string_view path) noexcept;
/// The User-Agent header's value; null data when there is none.
std::string_view user_agent(const Facts& facts) noexcept;

}  // namespace gatehouse::access::event
