#include "identity/trust_context.hpp"

#include <utility>

#include "base/iso_time.hpp"
#include "base/text.hpp"

namespace gatehouse::identity {
TrustContext::TrustContext(const StsFacts& facts, std::string_view account)
    : caller_(facts.caller), source_ip_(facts.source_ip) {
  set("aws:CurrentTime", base::iso_time(facts.unix_ms / 1000));
  set("aws:EpochTime", std::to_string(facts.unix_ms / 1000));
  set("aws:SecureTransport", facts.tls ? "true" : "false");
  if (facts.source_ip != base::IpAddress{}) set("aws:SourceIp", facts.source_ip_text);
  if (!facts.user_agent.empty()) set("aws:UserAgent", facts.user_agent);
  if (!facts.region.empty()) set("aws:RequestedRegion", facts.region);
  set("aws:ResourceAccount", account);
  set("aws:ViaAWSService", "false");
  if (caller_ == nullptr) return;
  set("aws:PrincipalArn", caller_->principal_arn);
  set("aws:PrincipalAccount", caller_->account);
  set("aws:PrincipalType", caller_->type());
  set("aws:PrincipalIsAWSService", "false");
}

void TrustContext::put(std::string_view key, std::vector<std::string> values, bool multi) {
  Entry& entry = entries_[base::lower(key)];
  entry.values = std::move(values);
  entry.views.assign(entry.values.begin(), entry.values.end());
  entry.multi = multi;
}

policy::Values TrustContext::find(const policy::KeyName& key) const {
  if (const auto at = entries_.find(key.lower); at != entries_.end())
    return {at->second.views, at->second.multi, key.known == policy::KnownKey::SourceIp ? &source_ip_ : nullptr};
  if (const access::CallerKey* brought = caller_ != nullptr ? caller_->find(key.lower) : nullptr)
    return {brought->views, brought->multi, nullptr};
  return {};
}

}  // namespace gatehouse::identity
