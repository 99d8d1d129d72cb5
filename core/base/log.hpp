#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

/// The server's own log (not the access log): one line of JSON or of plain text an event, to a sink that `app` sets.
namespace gatehouse::base {

enum class Level : std::uint8_t { Trace, Debug, Info, Warn, Error };
std::string_view name(Level level) noexcept;

/// One named value of a log line. Values are written as given: never put a secret, a token or a request's headers here.
struct Field {
  std::string_view key;
  std::string value;
};

using LogSink = std::function<void(Level, std::string_view message, std::initializer_list<Field> fields)>;

/// [setup] Before this, lines go to standard error.
void set_log(Level least, LogSink sink);
/// [any] True when a line of this level would be written: ask before building an expensive one.
bool log_enabled(Level level) noexcept;
/// [any] Thread-safe; takes a lock, so not for the hot path of a healthy request.
void log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

/// The line that the default sinks write.
std::string log_line_json(std::int64_t unix_ms, Level level, std::string_view message,
                          std::initializer_list<Field> fields);
std::string log_line_text(std::int64_t unix_ms, Level level, std::string_view message,
                          std::initializer_list<Field> fields);

/// `2026-11-22T09:30:00.123Z`
std::string iso8601(std::int64_t unix_ms);

}  // namespace gatehouse::base
