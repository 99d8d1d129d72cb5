// gatehouse.cache/1
#include "plugin/cache.hpp"

#include "plugin/instance.hpp"
#include "plugin/services.hpp"

namespace gatehouse::plugin {
namespace {

std::int32_t GH_CALL get(const gh_host* host, const gh_str* key, gh_bytes_fn use, void* user) noexcept {
  if (host == nullptr || !is_text(key) || use == nullptr) return GH_E_INVALID;
  Instance& instance = Instance::of(host);
  // Held by a count of its own: the plugin's code runs without the lock.
  const auto value = instance.cache().get(view(*key));
  return value == nullptr ? GH_E_NOTFOUND : instance.show(value->reveal(), use, user);
}

std::int32_t GH_CALL put(const gh_host* host, const gh_str* key, const gh_str* value, std::int32_t ttl_s) noexcept try {
  if (host == nullptr || !is_text(key) || !is_text(value) || ttl_s < 1 || ttl_s > 86'400) return GH_E_INVALID;
  if (key->len > Cache::kMaxKey || value->len > Cache::kMaxValue) return GH_E_LIMIT;
  Instance::of(host).cache().put(view(*key), view(*value), ttl_s);
  return GH_OK;
} catch (...) {
  return GH_E_LIMIT;  // out of memory
}

std::int32_t GH_CALL remove(const gh_host* host, const gh_str* key) noexcept {
  if (host == nullptr || !is_text(key)) return GH_E_INVALID;
  return Instance::of(host).cache().remove(view(*key)) ? GH_OK : GH_E_NOTFOUND;
}

}  // namespace

const gh_cache kCacheService = {sizeof(gh_cache), 0, &get, &put, &remove};

}  // namespace gatehouse::plugin
