#include "app/log_setup.hpp"

#include <unistd.h>

#include <cerrno>

#include "base/clock.hpp"
#include "base/log.hpp"

namespace gatehouse::app {
namespace {

// The configuration's words; `warning` is what it calls the level whose short name is `warn`.
base::Level parse_level(const std::string& text) {
  if (text == "warning") return base::Level::Warn;
  for (const base::Level level :
       {base::Level::Trace, base::Level::Debug, base::Level::Info, base::Level::Warn, base::Level::Error})
    if (name(level) == text) return level;
  return base::Level::Info;
}

void write_line(std::string line) {
  line += '\n';
  for (std::string_view rest = line; !rest.empty();) {
    const ssize_t n = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

void set_up_log(const config::Gateway& settings) {
  const bool json = settings.log_format == "json";
  base::set_log(parse_level(settings.log_level),
                [json](base::Level level, std::string_view message, std::initializer_list<base::Field> fields) {
                  const std::int64_t now = base::system_clock().unix_ms();
                  write_line(json ? base::log_line_json(now, level, message, fields)
                                  : base::log_line_text(now, level, message, fields));
                });
}

}  // namespace gatehouse::app
