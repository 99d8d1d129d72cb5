// gatehouse.secrets/1: what stands under `secrets:` of the authorizer.
#include "plugin/instance.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

std::int32_t GH_CALL get(const gh_host* host, const gh_str* name, gh_bytes_fn use, void* user) noexcept {
  if (host == nullptr || !is_text(name) || use == nullptr) return GH_E_INVALID;
  Instance& instance = Instance::of(host);
  const auto& secrets = instance.provisions().secrets;
  // A dozen of short names, which are no secret: a look through all of them needs no copy of the name.
  for (const auto& [known, secret] : secrets)
    if (known == view(*name)) return instance.show(secret.reveal(), use, user);
  return GH_E_NOTFOUND;
}

}  // namespace

const gh_secrets kSecretsService = {sizeof(gh_secrets), 0, &get};

}  // namespace gatehouse::plugin
