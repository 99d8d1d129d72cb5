#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace gatehouse::plugin {

/// What a shared library's bytes say about it, before any of its code runs. Views into the bytes.
struct ElfFacts {
  std::uint16_t machine = 0;               // EM_
  std::string_view manifest;               // content of the section `.gatehouse`; empty: there is none
  std::vector<std::string_view> exported;  // defined global and weak names that others can bind to
  std::vector<std::string_view> needed;    // DT_NEEDED
  std::vector<std::string_view> versions;  // of others' symbols that it binds to: `GLIBC_2.34`, `GLIBCXX_3.4.29`
  std::string_view run_path;               // DT_RUNPATH or DT_RPATH
  bool executable_stack = false;           // also when nothing is said, which means the same to the kernel
  bool text_relocations = false;
  bool static_tls = false;
};

/// Reads a 64-bit little-endian ELF shared object. Strict: every offset, size and count is checked against the bytes;
/// what does not add up is Code::Invalid. Takes strangers' bytes. [any] Linear in the number of symbols.
/// Source: System V ABI, chapters 4 and 5.
Result<ElfFacts> read_elf(std::string_view bytes);

/// The machine that this program runs on.
std::uint16_t own_machine() noexcept;

}  // namespace gatehouse::plugin
