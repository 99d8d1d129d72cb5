#include "policy/lint_keys.hpp"

#include <string_view>

namespace gatehouse::policy {
namespace {

enum Family : std::uint8_t {
  kString = 1,
  kNumeric = 2,
  kDate = 4,
  kBool = 8,
  kIp = 16,
  kArn = 32,
  kBinary = 64,
};
// A tag's value is whatever its owner means by it.
constexpr std::uint8_t kOwn = kString | kNumeric | kDate | kBool | kArn | kIp | kBinary;

struct Row {
  std::string_view name;
  std::uint8_t families;
  Presence presence;
};
constexpr Row kRows[] = {
    {"aws:currenttime", kDate, Presence::Request},
    {"aws:epochtime", kDate | kNumeric, Presence::Request},
    {"aws:securetransport", kBool, Presence::Request},
    {"aws:sourceip", kIp, Presence::Request},
    {"aws:vpcsourceip", kIp, Presence::Request},
    {"aws:sourcevpc", kString, Presence::Request},
    {"aws:sourcevpce", kString, Presence::Request},
    {"aws:useragent", kString, Presence::Request},
    {"aws:referer", kString, Presence::Request},
    {"aws:sourcearn", kArn | kString, Presence::Never},
    {"aws:sourceaccount", kString, Presence::Never},
    {"aws:principalarn", kArn | kString, Presence::Caller},
    {"aws:principalaccount", kString, Presence::Caller},
    {"aws:principaltype", kString, Presence::Caller},
    {"aws:principalorgid", kString, Presence::Caller},
    {"aws:principalorgpaths", kString, Presence::Caller},
    {"aws:userid", kString, Presence::Caller},
    {"aws:username", kString, Presence::Caller},
    {"aws:tokenissuetime", kDate, Presence::Caller},
    {"aws:multifactorauthpresent", kBool, Presence::Caller},
    {"aws:multifactorauthage", kNumeric, Presence::Caller},
    {"aws:federatedprovider", kString, Presence::Caller},
    {"aws:sourceidentity", kString, Presence::Caller},
    {"aws:requestedregion", kString, Presence::Request},
    {"aws:resourceaccount", kString, Presence::Request},
    {"aws:resourceorgid", kString, Presence::Request},
    {"aws:viaawsservice", kBool, Presence::Request},
    {"aws:principalisawsservice", kBool, Presence::Caller},
    {"aws:tagkeys", kString, Presence::Sts},
    {"sts:externalid", kString, Presence::Sts},
    {"sts:rolesessionname", kString, Presence::Sts},
    {"sts:sourceidentity", kString, Presence::Sts},
    {"sts:transitivetagkeys", kString, Presence::Sts},
    {"execute-api:viadomainarn", kArn, Presence::Request},
};

/// `idp.example.com/path:aud`: a provider's claim that stays usable in the session.
bool is_claim(std::string_view name) noexcept {
  const std::size_t colon = name.rfind(':');
  if (colon == std::string_view::npos || name.substr(0, colon).find('.') == std::string_view::npos) return false;
  const std::string_view claim = name.substr(colon + 1);
  return claim == "aud" || claim == "sub" || claim == "amr" || claim == "id";
}

}  // namespace

KeyFacts facts_of(const KeyName& key) noexcept {
  const std::string_view name = key.lower;
  for (const Row& row : kRows)
    if (row.name == name) return {row.presence, row.families, true};
  constexpr std::string_view kPrincipalTag = "aws:principaltag/";
  constexpr std::string_view kRequestTag = "aws:requesttag/";
  if (name.starts_with(kPrincipalTag) && name != kPrincipalTag) return {Presence::Caller, kOwn, true};
  if (name.starts_with(kRequestTag) && name != kRequestTag) return {Presence::Sts, kOwn, true};
  if (is_claim(name)) return {Presence::Caller, kString, true};
  return {};
}

std::uint8_t family(Comparison comparison) noexcept {
  using enum Comparison;
  switch (comparison) {
    case StringEquals:
    case StringEqualsIgnoreCase:
    case StringLike:
      return kString;
    case NumericEquals:
    case NumericLessThan:
    case NumericLessThanEquals:
    case NumericGreaterThan:
    case NumericGreaterThanEquals:
      return kNumeric;
    case DateEquals:
    case DateLessThan:
    case DateLessThanEquals:
    case DateGreaterThan:
    case DateGreaterThanEquals:
      return kDate;
    case Bool:
      return kBool;
    case BinaryEquals:
      return kBinary;
    case IpAddress:
      return kIp;
    case ArnLike:
      return kArn;
    case Null:
      break;
  }
  return 0xff;
}

const char* operators_of(std::uint8_t families) noexcept {
  switch (families) {
    case kString:
      return "the String operators";
    case kNumeric:
      return "the Numeric operators";
    case kDate:
      return "the Date operators";
    case kDate | kNumeric:
      return "the Date and Numeric operators";
    case kBool:
      return "Bool";
    case kIp:
      return "IpAddress and NotIpAddress";
    case kArn:
      return "the Arn operators";
    case kArn | kString:
      return "the Arn and String operators";
    default:
      return "any operator";
  }
}

}  // namespace gatehouse::policy
