#include "policy/context.hpp"

#include <array>
#include <utility>

#include "base/text.hpp"

namespace gatehouse::policy {
namespace {

constexpr std::pair<std::string_view, KnownKey> kKnown[] = {
    {"aws:currenttime", KnownKey::CurrentTime},
    {"aws:epochtime", KnownKey::EpochTime},
    {"aws:securetransport", KnownKey::SecureTransport},
    {"aws:sourceip", KnownKey::SourceIp},
    {"aws:vpcsourceip", KnownKey::VpcSourceIp},
    {"aws:sourcevpc", KnownKey::SourceVpc},
    {"aws:sourcevpce", KnownKey::SourceVpce},
    {"aws:useragent", KnownKey::UserAgent},
    {"aws:referer", KnownKey::Referer},
    {"aws:principalarn", KnownKey::PrincipalArn},
    {"aws:principalaccount", KnownKey::PrincipalAccount},
    {"aws:principaltype", KnownKey::PrincipalType},
    {"aws:requestedregion", KnownKey::RequestedRegion},
    {"aws:resourceaccount", KnownKey::ResourceAccount},
    {"aws:viaawsservice", KnownKey::ViaAwsService},
    {"aws:principalisawsservice", KnownKey::PrincipalIsAwsService},
    {"execute-api:viadomainarn", KnownKey::ViaDomainArn},
};

}  // namespace

KeyName KeyName::of(std::string_view text) {
  KeyName out{std::string(text), base::lower(text), KnownKey::None};
  for (const auto& [name, known] : kKnown)
    if (out.lower == name) out.known = known;
  return out;
}

bool is_multi_valued(const KeyName& key) noexcept {
  const std::string_view name = key.lower;
  return name == "aws:principalorgpaths" || name == "aws:tagkeys" || name == "sts:transitivetagkeys" ||
         name.ends_with(":amr");
}

}  // namespace gatehouse::policy
