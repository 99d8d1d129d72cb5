#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/ip.hpp"

namespace gatehouse::policy {

/// The condition keys whose values the gateway itself knows (spec iam-policy section 5). Other keys, among them those
/// with a name of the customer's such as `aws:PrincipalTag/team`, are known by their text alone.
enum class KnownKey : std::uint8_t {
  None,
  CurrentTime,
  EpochTime,
  SecureTransport,
  SourceIp,
  VpcSourceIp,
  SourceVpc,
  SourceVpce,
  UserAgent,
  Referer,
  PrincipalArn,
  PrincipalAccount,
  PrincipalType,
  RequestedRegion,
  ResourceAccount,
  ViaAwsService,
  PrincipalIsAwsService,
  ViaDomainArn,
};
constexpr std::size_t kKnownKeys = static_cast<std::size_t>(KnownKey::ViaDomainArn) + 1;

/// The name of a condition key. Names fold case, that of a tag too.
struct KeyName {
  std::string text;   // as the policy spells it
  std::string lower;  // as it is compared
  KnownKey known = KnownKey::None;

  static KeyName of(std::string_view text);
};

/// What a request has under one key: nothing when the key is absent.
struct Values {
  std::span<const std::string_view> texts;
  /// The key is a multi-valued one, however many values this request has: without a set operator it never matches.
  bool multi = false;
  /// The one text as an address, when whoever brings it has that at hand: it is not parsed for every condition then.
  const base::IpAddress* address = nullptr;

  bool absent() const noexcept { return texts.empty(); }
};

/// Keys that are multi-valued whoever brings them: `aws:PrincipalOrgPaths`, `aws:TagKeys`, `sts:TransitiveTagKeys` and
/// every `<provider>:amr`. [any]
bool is_multi_valued(const KeyName& key) noexcept;

/// The facts of one request by the names that policies use. Asked during weigh() only, and only for what a policy
/// names.
class Context {
 public:
  /// The views are good as long as the context is.
  virtual Values find(const KeyName& key) const = 0;

 protected:
  ~Context() = default;
};

/// A request of which nothing is known.
class NoContext final : public Context {
 public:
  Values find(const KeyName&) const override { return {}; }
};

}  // namespace gatehouse::policy
