// A strange file in a plugin directory: whatever its bytes are, it is refused or described, within its bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto inside = [&](std::string_view part) {
    return part.empty() || (part.data() >= bytes.data() && part.data() + part.size() <= bytes.data() + bytes.size());
  };
  const auto elf = gatehouse::plugin::read_elf(bytes);
  if (elf) {
    if (!inside(elf->manifest) || !inside(elf->run_path)) std::abort();
    for (const auto name : elf->exported)
      if (!inside(name)) std::abort();
    for (const auto name : elf->needed)
      if (!inside(name)) std::abort();
    for (const auto version : elf->versions)
      if (!inside(version)) std::abort();
  }
  const auto manifest = gatehouse::plugin::check_library(bytes);
  if (manifest && (!elf || manifest->id.find('/') != std::string::npos)) std::abort();
  return 0;
}
