#include "plugin/policies.hpp"

#include "access/policy_kind.hpp"
#include "base/random.hpp"
#include "policy/parse.hpp"

namespace gatehouse::plugin {
namespace {

// Any API: only who names the authorizer knows which.
constexpr const char* kSomeApi = "arn:aws:execute-api:us-east-1:000000000000:a";

}  // namespace

Policies::Policies() {
  base::SystemRandom random;
  first_ = random.next_u64() << 8 | 1;
}

std::int32_t Policies::declare(std::uint32_t role, std::string_view json, std::uint64_t& handle, std::string& why) {
  const std::lock_guard lock(mutex_);
  if (closed_) return GH_E_STATE;
  if (role < GH_ROLE_IDENTITY || role > GH_ROLE_ENDPOINT) return GH_E_INVALID;
  if (declared_.size() == kMost) return GH_E_LIMIT;
  const auto as = static_cast<access::PolicyRole>(role - GH_ROLE_IDENTITY);
  policy::ParseOptions options;
  options.api_arn = kSomeApi;
  const auto compiled = policy::parse(json, access::kind_of(as), options);
  if (!compiled) {
    // AWS's words are about resource policies.
    const std::string first = as == access::PolicyRole::Resource
                                  ? std::string(policy::kInvalidDocument)
                                  : "Invalid policy document of role " + std::string(access::name(as)) + ".";
    faults_ = why = first + "\n" + policy::text(compiled.error());
    return GH_E_CONFIG;
  }
  handle = first_ + declared_.size();
  declared_.push_back({handle, as, texts_.emplace_back(json)});
  return GH_OK;
}

}  // namespace gatehouse::plugin
