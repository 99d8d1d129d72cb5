// The text of a manifest: an id that comes out of it is safe to print and to compare.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/manifest.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto manifest = gatehouse::plugin::parse_manifest({reinterpret_cast<const char*>(data), size});
  if (!manifest) return 0;
  if (manifest->id.empty() || manifest->id.size() > 128 || manifest->version.empty()) std::abort();
  for (const std::string& text : {manifest->id, manifest->version})
    for (const char c : text)
      if (c <= ' ' || c > '~' || c == '/' || c == '`') std::abort();
  return 0;
}
