// gatehouse.policy/1
#include <cstring>
#include <string>

#include "plugin/instance.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

void tell(gh_err* error, std::int32_t code, std::string_view why) noexcept {
  if (!GH_HAS(error, msg)) return;
  error->code = code;
  std::size_t size = why.size();
  if (size >= sizeof error->msg) {
    size = sizeof error->msg - 1;
    while (size > 0 && (static_cast<unsigned char>(why[size]) & 0xC0) == 0x80) --size;  // not inside a character
  }
  std::memcpy(error->msg, why.data(), size);
  error->msg[size] = 0;
}

std::int32_t GH_CALL compile(const gh_host* host, std::uint32_t role, const gh_str* json, std::uint64_t* handle,
                             gh_err* error) noexcept try {
  if (host == nullptr || !is_text(json) || handle == nullptr) return GH_E_INVALID;
  std::string why;
  const std::int32_t status = Instance::of(host).compiled_policies().declare(role, view(*json), *handle, why);
  if (status != GH_OK) tell(error, status, why);
  return status;
} catch (...) {
  return GH_E_LIMIT;  // out of memory
}

}  // namespace

const gh_policy_compiler kPolicyService = {sizeof(gh_policy_compiler), 0, &compile};

}  // namespace gatehouse::plugin
