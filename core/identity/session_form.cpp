#include "identity/session_form.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::identity {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::size_t kMostItems = 64;  // of any list: more than STS takes of anything
constexpr unsigned kMfa = 1, kChained = 2, kCognitoAuthenticated = 4, kAllFlags = 7;
constexpr std::size_t kReserved = 4096;  // a secret must not be left behind in what a growing text outgrew

/// Little endian in groups of seven bits, as long as the number needs.
std::size_t varint_bytes(std::uint64_t number) noexcept {
  std::size_t out = 1;
  while (number >= 0x80) {
    number >>= 7;
    ++out;
  }
  return out;
}

std::size_t text_bytes(std::string_view text) noexcept {
  return varint_bytes(text.size()) + text.size();
}

class Writer {
 public:
  explicit Writer(std::size_t reserve) { out_.reserve(reserve); }
  void byte(unsigned value) { out_.push_back(static_cast<char>(value)); }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<unsigned>(value & 0x7f) | 0x80);
    byte(static_cast<unsigned>(value));
  }
  void time(std::int64_t value) { number(static_cast<std::uint64_t>(value < 0 ? 0 : value)); }
  void text(std::string_view value) {
    number(value.size());
    out_.append(value);
  }
  void texts(const std::vector<std::string>& values) {
    number(values.size());
    for (const std::string& value : values) text(value);
  }
  std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

/// After the first thing that is wrong everything else reads as empty, and ok() says so.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : left_(bytes) {}
  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return left_.empty(); }

  unsigned byte() {
    if (left_.empty()) return bad();
    const auto out = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return out;
  }
  std::uint64_t number() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      const unsigned next = byte();
      if (!ok_) return 0;
      out |= static_cast<std::uint64_t>(next & 0x7f) << shift;
      if ((next & 0x80) != 0) continue;
      return next == 0 && shift > 0 ? bad() : out;  // longer than it needs to be
    }
    return bad();
  }
  std::int64_t time() { return static_cast<std::int64_t>(number()); }
  std::string text() {
    const std::uint64_t size = number();
    if (size > left_.size()) bad();
    if (!ok_) return {};
    std::string out(left_.substr(0, static_cast<std::size_t>(size)));
    left_.remove_prefix(static_cast<std::size_t>(size));
    return out;
  }
  std::size_t count() {
    const std::uint64_t out = number();
    return out > kMostItems ? bad() : static_cast<std::size_t>(out);
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out(count());
    for (std::string& one : out) one = text();
    return out;
  }

 private:
  unsigned bad() noexcept {
    ok_ = false;
    left_ = {};
    return 0;
  }
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace

std::size_t packed_bytes(const Session& session) noexcept {
  std::size_t out = session.policy.size();
  for (const Tag& tag : session.tags) out += text_bytes(tag.key) + text_bytes(tag.value);
  for (const std::string& key : session.transitive_tag_keys) out += text_bytes(key);
  for (const std::string& arn : session.policy_arns) out += text_bytes(arn);
  return out;
}

base::Secret pack(const Session& s) {
  Writer out(kReserved + packed_bytes(s));
  out.byte(kVersion);
  out.byte(static_cast<unsigned>(s.kind));
  out.byte((s.mfa ? kMfa : 0) | (s.chained ? kChained : 0) | (s.cognito_authenticated ? kCognitoAuthenticated : 0));
  out.text(s.secret.reveal());
  out.text(s.account);
  out.text(s.principal_id);
  out.text(s.name);
  out.time(s.issued);
  out.time(s.expires);
  out.time(s.mfa_at);
  out.text(s.source_identity);
  out.number(s.tags.size());
  for (const Tag& tag : s.tags) {
    out.text(tag.key);
    out.text(tag.value);
  }
  out.texts(s.transitive_tag_keys);
  out.text(s.policy);
  out.texts(s.policy_arns);
  out.text(s.provider);
  out.number(s.provider_keys.size());
  for (const auto& [key, values] : s.provider_keys) {
    out.text(key);
    out.texts(values);
  }
  out.text(s.cognito_identity_id);
  out.text(s.cognito_identity_pool_id);
  out.text(s.cognito_provider);
  return base::Secret(std::move(out).take());
}

Result<Session> unpack(std::string_view bytes) {
  Reader in(bytes);
  if (in.byte() != kVersion) return fail(Code::Invalid, "the session is of a version that this gateway does not know");
  Session s;
  const unsigned kind = in.byte();
  const unsigned flags = in.byte();
  if (kind > static_cast<unsigned>(Session::Kind::Root) || flags > kAllFlags)
    return fail(Code::Invalid, "the session is of a kind that this gateway does not know");
  s.kind = static_cast<Session::Kind>(kind);
  s.mfa = (flags & kMfa) != 0;
  s.chained = (flags & kChained) != 0;
  s.cognito_authenticated = (flags & kCognitoAuthenticated) != 0;
  s.secret = base::Secret(in.text());
  s.account = in.text();
  s.principal_id = in.text();
  s.name = in.text();
  s.issued = in.time();
  s.expires = in.time();
  s.mfa_at = in.time();
  s.source_identity = in.text();
  s.tags.resize(in.count());
  for (Tag& tag : s.tags) {
    tag.key = in.text();
    tag.value = in.text();
  }
  s.transitive_tag_keys = in.texts();
  s.policy = in.text();
  s.policy_arns = in.texts();
  s.provider = in.text();
  s.provider_keys.resize(in.count());
  for (auto& [key, values] : s.provider_keys) {
    key = in.text();
    values = in.texts();
  }
  s.cognito_identity_id = in.text();
  s.cognito_identity_pool_id = in.text();
  s.cognito_provider = in.text();
  if (!in.ok() || !in.at_end()) return fail(Code::Invalid, "the session is cut short, or something follows it");
  return s;
}

}  // namespace gatehouse::identity
