// gatehouse/info.hpp -- what an authorizer says it is. Part of authorizer.hpp.
#pragma once
#include <gatehouse/abi.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>

namespace gatehouse {
inline namespace sdk_1_0_draft_2 {

/// What the gateway must know of an authorizer before it makes one: `static constexpr auto info = Info("...")...;`
struct Info {
  const char* summary_ = "";
  const char* settings_schema_ = nullptr;
  const char* vendor_ = nullptr;
  const char* doc_url_ = nullptr;
  std::uint32_t categories_ = GH_CAT_IDENTITY;
  std::uint32_t api_types_ = GH_API_REST | GH_API_HTTP | GH_API_WEBSOCKET;
  std::uint32_t needs_ = 0;
  std::uint32_t flags_ = 0;
  const char* services_[9] = {};  // ends with a null

  constexpr explicit Info(const char* summary) noexcept : summary_(summary) {}
  /// JSON Schema of `settings:`. Without one the authorizer takes no settings.
  constexpr Info settings(const char* schema) const noexcept {
    Info out = *this;
    out.settings_schema_ = schema;
    return out;
  }
  constexpr Info vendor(const char* text) const noexcept {
    Info out = *this;
    out.vendor_ = text;
    return out;
  }
  constexpr Info doc_url(const char* text) const noexcept {
    Info out = *this;
    out.doc_url_ = text;
    return out;
  }
  /// GH_CAT_ bits; an identity authorizer unless said otherwise.
  constexpr Info category(std::uint32_t bits) const noexcept {
    Info out = *this;
    out.categories_ = bits;
    return out;
  }
  /// GH_API_ bits; all unless said otherwise.
  constexpr Info api_types(std::uint32_t bits) const noexcept {
    Info out = *this;
    out.api_types_ = bits;
    return out;
  }
  /// GH_NEED_ bits: the lists that authorize() reads. header() and attr() need none.
  constexpr Info needs(std::uint32_t bits) const noexcept {
    Info out = *this;
    out.needs_ = needs_ | bits;
    return out;
  }
  /// Services that the authorizer cannot do without, at most 8: a gateway that lacks one refuses the configuration and
  /// names it. One that is not listed here may be missing when it is used; its function then refuses.
  constexpr Info services(std::initializer_list<const char*> ids) const {
    if (ids.size() >= sizeof services_ / sizeof *services_) throw std::length_error("Info::services takes 8 at most");
    Info out = *this;
    std::size_t n = 0;
    for (const char* id : ids) out.services_[n++] = id;
    for (; n < sizeof services_ / sizeof *services_; ++n) out.services_[n] = nullptr;
    return out;
  }
  /// authorize() never waits, so the gateway calls it on its event loop: the fastest way.
  constexpr Info nonblocking() const noexcept {
    Info out = *this;
    out.flags_ = flags_ | GH_F_NONBLOCKING;
    return out;
  }
  constexpr Info per_connection() const noexcept {
    Info out = *this;
    out.flags_ = flags_ | GH_F_PER_CONNECTION;
    return out;
  }
  constexpr Info never_unload() const noexcept {
    Info out = *this;
    out.flags_ = flags_ | GH_F_NEVER_UNLOAD;
    return out;
  }
};

}  // namespace sdk_1_0_draft_2
}  // namespace gatehouse
