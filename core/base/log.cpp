#include "base/log.hpp"

#include <cstdio>
#include <ctime>
#include <mutex>

#include "base/clock.hpp"
#include "base/text.hpp"

namespace gatehouse::base {
namespace {

std::atomic<Level> least_level{Level::Info};

struct State {
  std::mutex lock;
  LogSink sink;
};

State& state() {
  static State* const one = new State;  // never destroyed: threads may log while the process ends
  return *one;
}

}  // namespace

std::string_view name(Level level) noexcept {
  switch (level) {
    case Level::Trace:
      return "trace";
    case Level::Debug:
      return "debug";
    case Level::Info:
      return "info";
    case Level::Warn:
      return "warn";
    case Level::Error:
      return "error";
  }
  return "error";
}

void set_log(Level least, LogSink sink) {
  const std::lock_guard guard(state().lock);
  state().sink = std::move(sink);
  least_level.store(least, std::memory_order_relaxed);
}

bool log_enabled(Level level) noexcept {
  return level >= least_level.load(std::memory_order_relaxed);
}

void log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!log_enabled(level)) return;
  const std::lock_guard guard(state().lock);
  if (state().sink) {
    state().sink(level, message, fields);
    return;
  }
  const std::string line = log_line_text(system_clock().unix_ms(), level, message, fields) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string iso8601(std::int64_t unix_ms) {
  std::int64_t seconds = unix_ms / 1000;
  std::int64_t ms = unix_ms % 1000;
  if (ms < 0) {
    ms += 1000;
    --seconds;
  }
  const std::time_t when = seconds;
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(ms));
  return out;
}

std::string log_line_json(std::int64_t unix_ms, Level level, std::string_view message,
                          std::initializer_list<Field> fields) {
  std::string out =
      "{\"time\":\"" + iso8601(unix_ms) + "\",\"level\":\"" + std::string(name(level)) + "\",\"message\":";
  append_json_string(out, message);
  for (const Field& field : fields) {
    out += ',';
    append_json_string(out, field.key);
    out += ':';
    append_json_string(out, field.value);
  }
  out += '}';
  return out;
}

std::string log_line_text(std::int64_t unix_ms, Level level, std::string_view message,
                          std::initializer_list<Field> fields) {
  std::string out = iso8601(unix_ms) + " " + std::string(name(level)) + " ";
  // Escaped like JSON but for the quotes: a line break in a message must not forge a second line.
  append_json_escaped(out, message);
  for (const Field& field : fields) {
    out += ' ';
    out += field.key;
    out += '=';
    append_json_string(out, field.value);
  }
  return out;
}

}  // namespace gatehouse::base
