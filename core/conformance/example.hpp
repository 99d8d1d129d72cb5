#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "plugin/json.hpp"

namespace gatehouse::conformance {

/// Settings that a schema allows: its first example, or what is made of the members that it requires, out of their
/// defaults, examples and bounds. Errors: the schema is no JSON, or nothing that it allows was found. [any]
Result<std::string> example_settings(const char* schema);
/// The n-th random settings of a seed that the schema allows; nothing when what was made is not allowed.
std::optional<std::string> random_settings(const char* schema, std::uint64_t seed, std::uint64_t n);
/// Compiles the schema, and holds each of its defaults and examples to the part that it stands in.
Result<void> check_schema(const char* schema);

}  // namespace gatehouse::conformance
