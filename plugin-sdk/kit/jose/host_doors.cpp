#include "gatehouse/kit/jose/host_doors.hpp"

#include <memory>
#include <random>
#include <utility>

namespace gatehouse::kit::jose {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is(std::string_view text, std::string_view name) noexcept {
  if (text.size() != name.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (lower(text[i]) != name[i]) return false;
  return true;
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// All of its lines: they are one list (RFC 9110, section 5.3).
std::string cache_control_of(const FetchResult& result) {
  std::string out;
  for (std::size_t i = 0;; ++i) {
    const std::string_view line = result.header("cache-control", i);
    if (line.data() == nullptr) return out;
    out.append(line).append(1, ',');
  }
}

}  // namespace

std::int64_t max_age_of(std::string_view cache_control) noexcept {
  constexpr std::int64_t kMost = 1LL << 31;  // RFC 9111, 1.2.2
  std::int64_t out = -1;
  while (!cache_control.empty()) {
    const std::size_t comma = cache_control.find(',');
    const std::string_view one = trimmed(cache_control.substr(0, comma));
    cache_control = comma == std::string_view::npos ? std::string_view() : cache_control.substr(comma + 1);
    if (is(one, "no-store") || is(one, "no-cache")) return 0;
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos || !is(trimmed(one.substr(0, equals)), "max-age")) continue;
    std::string_view digits = trimmed(one.substr(equals + 1));
    if (digits.size() >= 2 && digits.front() == '"' && digits.back() == '"')
      digits = digits.substr(1, digits.size() - 2);
    std::int64_t seconds = digits.empty() ? -1 : 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') {
        seconds = -1;
        break;
      }
      seconds = seconds * 10 + (c - '0');
      if (seconds > kMost) seconds = kMost;
    }
    // Said twice: the shorter one. Said in another way than in digits: not to be kept (RFC 9111, 4.2.1).
    if (seconds < 0) return 0;
    out = out < 0 || seconds < out ? seconds : out;
  }
  return out;
}

TokenGate::Rules at(TokenGate::Rules rules, const Host& host) {
  rules.now_ms = [&host] { return host.unix_ms(); };
  return rules;
}

KeySource::Doors doors_of(const Host& host, FetchRules rules, KeyCounters counters) {
  KeySource::Doors doors;
  doors.fetch = [&host, rules = std::move(rules)](const std::string& url, std::int64_t timeout_ms,
                                                  std::size_t max_bytes,
                                                  std::function<void(KeySource::Response)> done) {
    Fetch question("GET", url);
    question.header("accept", "application/json");
    question.timeout_ms = static_cast<std::uint32_t>(timeout_ms);
    question.max_response_bytes = max_bytes;
    question.allow_http = rules.allow_http;
    question.allow_private = rules.allow_private;
    question.ca_pem = rules.ca_pem;
    return host.fetch(question, [done = std::move(done)](const FetchResult& result) {
      KeySource::Response response;
      response.status = result.status();
      if (result.came())
        response.body.assign(result.body());
      else
        response.failure = result.error();
      response.max_age_s = max_age_of(cache_control_of(result));
      done(std::move(response));
    }) == GH_OK;
  };
  doors.now_ms = [&host] { return static_cast<std::int64_t>(host.monotonic_ns() / 1'000'000); };
  doors.after = [&host](std::int64_t ms, std::function<void()> fn) -> std::uint64_t {
    const Timer timer = host.after(static_cast<std::uint64_t>(ms), std::move(fn));
    return timer ? timer.id + 1 : 0;  // 0 says that there is none
  };
  doors.cancel = [&host](std::uint64_t id) {
    Timer timer;
    timer.id = id - 1;
    timer.started = true;
    host.cancel(timer);
  };
  doors.random = [state = std::make_shared<std::minstd_rand>(std::random_device{}())] {
    return std::uniform_real_distribution<double>(0, 1)(*state);
  };
  doors.log = [&host](bool warning, const std::string& text) { host.log(warning ? Level::Warn : Level::Info, text); };
  doors.count = [counters](bool failed) { (failed ? counters.failures : counters.fetches).add(); };
  return doors;
}

}  // namespace gatehouse::kit::jose
