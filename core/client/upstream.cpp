#include "client/upstream.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "net/tls.hpp"

namespace gatehouse::client {
namespace {

constexpr std::size_t kMaxTargets = 1024;
constexpr std::uint32_t kMostRetries = 10;
constexpr std::string_view kUnix = "unix:";

bool is_host_char(char c) noexcept {
  return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'z') || c == '-' || c == '_';
}

tl::unexpected<Error> bad_target(std::string_view text, std::string_view why) {
  return fail(Code::Invalid, "target `" + std::string(text) + "` " + std::string(why));
}

// Every part with its length before it: no two settings run together into one text.
class IdWriter {
 public:
  IdWriter& operator<<(std::string_view text) {
    id_ += std::to_string(text.size());
    id_ += ':';
    id_ += text;
    return *this;
  }
  IdWriter& operator<<(std::int64_t number) { return *this << std::string_view(std::to_string(number)); }
  std::string take() { return std::move(id_); }

 private:
  std::string id_;
};

std::string make_id(const UpstreamSettings& s) {
  IdWriter id;
  id << s.name << static_cast<std::int64_t>(s.targets.size());
  for (const std::string& target : s.targets) id << target;
  id << static_cast<std::int64_t>(s.balance) << (s.tls ? 1 : 0);
  if (s.tls)
    id << (s.tls->verify ? 1 : 0) << s.tls->ca_file << s.tls->certificate_file << s.tls->key_file << s.tls->server_name;
  id << s.connect_timeout_ms << s.idle_timeout_ms << s.dns_refresh_ms << static_cast<std::int64_t>(s.max_connections)
     << static_cast<std::int64_t>(s.max_idle) << static_cast<std::int64_t>(s.retries)
     << static_cast<std::int64_t>(s.eject_after) << s.eject_ms << static_cast<std::int64_t>(s.addresses);
  return id.take();
}

Result<void> check_numbers(const UpstreamSettings& s) {
  const auto refuse = [&](std::string_view setting, std::string_view rule) {
    return fail(Code::Invalid,
                "upstream `" + s.name + "`: `" + std::string(setting) + "` must be " + std::string(rule));
  };
  if (s.connect_timeout_ms <= 0) return refuse("connect_timeout", "more than 0");
  if (s.idle_timeout_ms <= 0) return refuse("idle_timeout", "more than 0");
  if (s.dns_refresh_ms < 0) return refuse("dns_refresh", "0 or more");
  if (s.retries > kMostRetries) return refuse("retries", "at most " + std::to_string(kMostRetries));
  if (s.eject_after != 0 && s.eject_ms <= 0) return refuse("eject_time", "more than 0");
  return {};
}

}  // namespace

bool is_host_name(std::string_view host) noexcept {
  if (host.empty() || host.size() > 253) return false;
  if (host.back() == '.') host.remove_suffix(1);
  bool digits = true;
  std::size_t label = 0;
  for (char c : host) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
      digits = true;
      continue;
    }
    if (!is_host_char(c) || ++label > 63) return false;
    digits = digits && base::is_digit(c);
  }
  in_addr short_form;
  return label != 0 && !digits && ::inet_aton(std::string(host).c_str(), &short_form) == 0;
}

Result<Upstream::Target> parse_target(std::string_view text, bool tls) {
  Upstream::Target out;
  out.text = text;
  if (text.starts_with(kUnix)) {
    out.unix_path = text.substr(kUnix.size());
    if (out.unix_path.empty() || out.unix_path.front() != '/')
      return bad_target(text, "needs an absolute path: write `unix:/path/to/socket`");
    if (out.unix_path.size() >= sizeof(sockaddr_un::sun_path) || out.unix_path.find('\0') != std::string::npos)
      return bad_target(text, "is not a path that a Unix socket can have (at most 107 bytes)");
    out.authority = "localhost";
    return out;
  }
  std::string_view port;
  bool bracketed = false;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return bad_target(text, "has no `]`: write `[::1]:80`");
    out.host = text.substr(1, end - 1);
    if (text.substr(end + 1, 1) != ":") return bad_target(text, "has no port: write `[::1]:80`");
    port = text.substr(end + 2);
    bracketed = true;
  } else {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return bad_target(text, "has no port: write `host:port`");
    out.host = text.substr(0, colon);
    if (out.host.find(':') != std::string::npos)
      return bad_target(text, "is an IPv6 address without brackets: write `[::1]:80`");
    port = text.substr(colon + 1);
  }
  const auto number = base::parse_integer<std::uint16_t>(port);
  if (!number || *number == 0) return bad_target(text, "has a port that is not a number from 1 to 65535");
  out.port = *number;
  out.address = base::IpAddress::parse(out.host);
  if (bracketed && (!out.address || out.host.find(':') == std::string::npos))
    return bad_target(text, "has no IPv6 address between its brackets");
  if (!out.address && !is_host_name(out.host))
    return bad_target(text, "is neither a host name nor an IP address: write `host:port`, `1.2.3.4:80` or `[::1]:80`");
  out.authority = bracketed ? "[" + out.host + "]" : out.host;
  if (out.port != (tls ? 443 : 80)) out.authority += ":" + std::to_string(out.port);
  return out;
}

Upstream::Upstream(UpstreamSettings settings) : settings_(std::move(settings)) {}
Upstream::~Upstream() = default;

Result<std::shared_ptr<const Upstream>> Upstream::make(UpstreamSettings settings) {
  return make(std::move(settings), nullptr);
}

Result<std::shared_ptr<const Upstream>> Upstream::make(UpstreamSettings settings,
                                                       std::shared_ptr<const net::TlsClientContext> tls) {
  std::shared_ptr<Upstream> out(new Upstream(std::move(settings)));
  const UpstreamSettings& s = out->settings_;
  if (s.targets.empty()) return fail(Code::Invalid, "upstream `" + s.name + "` has no targets: name at least one");
  if (s.targets.size() > kMaxTargets)
    return fail(Code::Limit, "upstream `" + s.name + "` has more than " + std::to_string(kMaxTargets) + " targets");
  if (auto numbers = check_numbers(s); !numbers) return tl::unexpected<Error>(std::move(numbers.error()));
  for (const std::string& text : s.targets) {
    auto target = parse_target(text, s.tls.has_value());
    if (!target) {
      target.error().text = "upstream `" + s.name + "`: " + target.error().text;
      return tl::unexpected<Error>(std::move(target.error()));
    }
    if (s.tls && s.tls->server_name.empty() && target->host.empty())
      return fail(Code::Invalid, "upstream `" + s.name + "`: target `" + text +
                                     "` has no host that TLS could name: set `server_name` under `tls`");
    out->targets_.push_back(std::move(*target));
  }
  out->tls_ = std::move(tls);
  if (s.tls && out->tls_ == nullptr) {
    if (s.tls->certificate_file.empty() != s.tls->key_file.empty())
      return fail(Code::Invalid, "upstream `" + s.name + "`: `certificate` and `key` under `tls` go together");
    auto context =
        net::TlsClientContext::make({s.tls->verify, s.tls->ca_file, s.tls->certificate_file, s.tls->key_file});
    if (!context) {
      context.error().text = "upstream `" + s.name + "`: " + context.error().text;
      return tl::unexpected<Error>(std::move(context.error()));
    }
    out->tls_ = std::move(*context);
  }
  out->id_ = make_id(s);
  return std::shared_ptr<const Upstream>(std::move(out));
}

}  // namespace gatehouse::client
