#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "plugin/elf.hpp"

namespace gatehouse::plugin {

/// What a library says of itself in its section `.gatehouse`.
struct Manifest {
  std::string id;  // reverse DNS: letters, digits, `-`, `_`, at least one dot
  std::string version;
  std::uint32_t abi_major = 0;
  std::uint32_t abi_minor = 0;
  std::uint32_t draft = 0;  // 0: a released ABI
};

/// The ABI that this gateway was built with.
struct Abi {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t draft = 0;  // 0: a released ABI
};
Abi own_abi() noexcept;

/// The text of a manifest: a line `GATEHOUSE-PLUGIN/1`, then `name=value` lines, each name once; names that this
/// version does not know are left for later ones. Ends at the first NUL. Takes strangers' bytes. [any]
Result<Manifest> parse_manifest(std::string_view section);

/// Everything that must hold before a library may be loaded, by its bytes alone: sound ELF of this machine, manifest,
/// ABI major and draft of this gateway, the entry exported, no executable stack, no text relocations, no static TLS, no
/// run path that depends on where the file lies. The error says what was found and what to do. [any]
Result<Manifest> check_library(std::string_view bytes);

}  // namespace gatehouse::plugin
