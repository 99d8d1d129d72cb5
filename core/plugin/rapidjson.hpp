#pragma once
#include <stdexcept>

/// Before every include of RapidJSON, everywhere alike. Its schema validator asserts what a strange schema can break,
/// so that a release build would read what is not there: here that is an exception, which the callers contain.
namespace gatehouse::plugin {
struct RapidjsonRefuses : std::runtime_error {
  RapidjsonRefuses() : std::runtime_error("RapidJSON cannot go on") {}
};
}  // namespace gatehouse::plugin

#define RAPIDJSON_ASSERT(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : throw ::gatehouse::plugin::RapidjsonRefuses())
// Its regular expressions are not fit for patterns of strangers: see schema.cpp.
#define RAPIDJSON_SCHEMA_USE_INTERNALREGEX 0
#define RAPIDJSON_SCHEMA_USE_STDREGEX 0
