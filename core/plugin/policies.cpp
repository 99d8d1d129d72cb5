#include "plugin/policies.hpp"

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
  if (role != GH_ROLE_RESOURCE) return GH_E_UNSUPPORTED;
  if (declared_.size() == kMost) return GH_E_LIMIT;
  policy::ParseOptions options;
  options.api_arn = kSomeApi;
  const auto compiled = policy::parse(json, policy::Kind::Resource, options);
  if (!compiled) {
    faults_ = why = std::string(policy::kInvalidDocument) + "\n" + policy::text(compiled.error());
    return GH_E_CONFIG;
  }
  handle = first_ + declared_.size();
  declared_.push_back({handle, access::PolicyRole::Resource, texts_.emplace_back(json)});
  return GH_OK;
}

}  // namespace gatehouse::plugin
