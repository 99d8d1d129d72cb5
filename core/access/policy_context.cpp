#include "access/policy_context.hpp"

#include <cstdio>

#include "base/iso_time.hpp"
#include "base/text.hpp"

namespace gatehouse::access {
namespace {

constexpr std::string_view kDefaultRoute = "$default";

std::string_view decimal(std::int64_t number, base::Arena& arena) {
  char text[24];
  const int size = std::snprintf(text, sizeof text, "%lld", static_cast<long long>(number));
  return arena.copy({text, static_cast<std::size_t>(size)});
}

/// Whether somebody may take the path for another one.
bool has_other_spellings(std::string_view path) noexcept {
  char before = 0;
  for (const char c : path) {
    if (c == '%' || c == ';' || c == '\\' || (c == '/' && before == '/')) return true;
    before = c;
  }
  return path.size() > 1 && before == '/';
}

/// The path decoded whole, `\` a slash, slashes one each and none at the end; `bare`: without what stands behind a `;`.
std::string_view canonical(std::string_view path, bool bare, base::Arena& arena) {
  const std::span<char> out = arena.array<char>(path.size() + 1);
  std::size_t size = 0;
  bool dropped = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '%' && i + 2 < path.size() && base::hex_value(path[i + 1]) >= 0 && base::hex_value(path[i + 2]) >= 0) {
      c = static_cast<char>(base::hex_value(path[i + 1]) * 16 + base::hex_value(path[i + 2]));
      i += 2;
    }
    if (c == '\\') c = '/';
    if (c == '/') {
      dropped = false;
      if (size > 0 && out[size - 1] == '/') continue;
    }
    dropped = dropped || (bare && c == ';');
    if (!dropped) out[size++] = c;
  }
  while (size > 1 && out[size - 1] == '/') --size;
  if (size == 0) out[size++] = '/';
  return {out.data(), size};
}

}  // namespace

policy::Values PolicyContext::find(const policy::KeyName& key) const {
  if (key.known == policy::KnownKey::None) {
    const CallerKey* const brought = caller_ != nullptr ? caller_->find(key.lower) : nullptr;
    if (brought == nullptr) return {};
    return {brought->views, brought->multi, nullptr};
  }
  const auto at = static_cast<std::size_t>(key.known);
  if ((made_ >> at & 1u) == 0) make(key.known);
  if (values_[at].data() == nullptr) return {};
  return {{&values_[at], 1}, false, key.known == policy::KnownKey::SourceIp ? &facts_.source_ip : nullptr};
}

void PolicyContext::make(policy::KnownKey key) const {
  const auto at = static_cast<std::size_t>(key);
  values_[at] = value(key);
  made_ |= 1u << at;
}

std::string_view PolicyContext::value(policy::KnownKey key) const {
  switch (key) {
    case policy::KnownKey::CurrentTime: {
      std::array<char, 20> room;
      return arena_.copy(base::iso_time(facts_.time_unix_ms / 1000, room));
    }
    case policy::KnownKey::EpochTime:
      return decimal(facts_.time_unix_ms / 1000, arena_);
    case policy::KnownKey::SecureTransport:
      return facts_.connection->tls ? "true" : "false";
    case policy::KnownKey::SourceIp:
      return facts_.source_ip == base::IpAddress{} ? std::string_view() : facts_.source_ip_text;
    case policy::KnownKey::UserAgent:
      return header("user-agent");
    case policy::KnownKey::Referer:
      return header("referer");
    case policy::KnownKey::RequestedRegion:
      return facts_.region;
    case policy::KnownKey::ResourceAccount:
      return facts_.account_id;
    case policy::KnownKey::ViaAwsService:
      return "false";
    case policy::KnownKey::PrincipalArn:
      return caller_ != nullptr ? std::string_view(caller_->principal_arn) : std::string_view();
    case policy::KnownKey::PrincipalAccount:
      return caller_ != nullptr ? std::string_view(caller_->account) : std::string_view();
    case policy::KnownKey::PrincipalType:
      return caller_ != nullptr ? caller_->type() : std::string_view();
    case policy::KnownKey::PrincipalIsAwsService:
      return caller_ != nullptr ? "false" : std::string_view();
    // Of a VPC endpoint: nobody is one yet.
    case policy::KnownKey::None:
    case policy::KnownKey::VpcSourceIp:
    case policy::KnownKey::SourceVpc:
    case policy::KnownKey::SourceVpce:
    case policy::KnownKey::ViaDomainArn:
      break;
  }
  return {};
}

std::string_view PolicyContext::header(std::string_view name) const {
  constexpr std::string_view kBetween = ", ";
  const auto each = [&](auto&& take) {
    for (const http::Header& line : facts_.request->headers)
      if (!line.listed_in_connection && base::equal_ignoring_case(line.name, name)) take(line.value);
  };
  std::size_t lines = 0, size = 0;
  std::string_view first;
  each([&](std::string_view value) {
    if (lines++ == 0) first = value.data() == nullptr ? std::string_view("", 0) : value;
    size += value.size() + kBetween.size();
  });
  if (lines < 2) return first;
  const std::span<char> out = arena_.array<char>(size);
  std::size_t at = 0, line = 0;
  each([&](std::string_view value) {
    if (line++ > 0) at += kBetween.copy(out.data() + at, kBetween.size());
    at += value.copy(out.data() + at, value.size());
  });
  return {out.data(), at};
}

PolicyQuestion::PolicyQuestion(const Facts& facts, base::Arena& arena, const KnownCaller* caller)
    : context_(facts, arena, caller),
      question_{caller != nullptr ? caller->as_principal() : policy::Caller{},
                policy::Action::of(facts.action),
                {},
                context_} {
  std::size_t count = 0;
  arns_[count++] = policy::Arn::split(facts.arn);
  if (facts.api_type == ApiType::Http && facts.route_key == kDefaultRoute) {
    // LA-42: `{api}/{stage}/{VERB}/{path}` is `{api}/{stage}/$default`, too.
    const std::size_t own = name(facts.request->method).size() + facts.api_path.size();
    if (own <= facts.arn.size())
      arns_[count++] = policy::Arn::split(arena.join({facts.arn.substr(0, facts.arn.size() - own), kDefaultRoute}));
  }
  question_.resources = {arns_.data(), count};
  if (has_other_spellings(facts.api_path)) spell(facts, arena);
}

void PolicyQuestion::spell(const Facts& facts, base::Arena& arena) {
  if (facts.api_path.size() > facts.arn.size()) return;
  const std::string_view before = facts.arn.substr(0, facts.arn.size() - facts.api_path.size());
  const std::string_view decoded = canonical(facts.api_path, false, arena);
  const std::string_view bare = canonical(facts.api_path, true, arena);
  std::size_t count = 0;
  spellings_[count++] = policy::Arn::split(arena.join({before, decoded}));
  if (bare != decoded) spellings_[count++] = policy::Arn::split(arena.join({before, bare}));
  question_.spellings = {spellings_.data(), count};
}

}  // namespace gatehouse::access
