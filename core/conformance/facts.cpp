#include "conformance/facts.hpp"

#include <elf.h>
#include <gatehouse/abi.h>
#include <gnu/libc-version.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "plugin/elf.hpp"
#include "plugin/file.hpp"

namespace gatehouse::conformance {
namespace {

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64:
      return "x86_64";
    case EM_AARCH64:
      return "aarch64";
    case EM_RISCV:
      return "riscv64";
    case EM_PPC64:
      return "ppc64le";
    default:
      return "ELF machine " + std::to_string(machine);
  }
}

/// `2.36` as 2, 36; empty when it is no version.
std::vector<unsigned> numbers_of(std::string_view version) {
  std::vector<unsigned> out;
  for (std::size_t at = 0; at <= version.size();) {
    const std::size_t dot = std::min(version.find('.', at), version.size());
    const auto number = base::parse_integer<unsigned>(version.substr(at, dot - at));
    if (!number) return {};
    out.push_back(*number);
    at = dot + 1;
  }
  return out;
}

}  // namespace

std::string newest_version(const std::vector<std::string_view>& versions, std::string_view library) {
  std::string_view newest;
  for (const std::string_view version : versions) {
    if (!version.starts_with(library)) continue;
    const std::string_view number = version.substr(library.size());
    if (numbers_of(number) > numbers_of(newest)) newest = number;  // GLIBC_PRIVATE has no numbers
  }
  return std::string(newest);
}

Result<Facts> look_at(const std::string& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (error || !std::filesystem::exists(status)) return fail(Code::NotFound, "`" + file + "`: no such file");
  if (!std::filesystem::is_regular_file(status)) return fail(Code::Invalid, "`" + file + "` is not a regular file");
  if (std::filesystem::file_size(file, error) > plugin::kMaxLibraryBytes)
    return fail(Code::Limit, "`" + file + "` is larger than " + std::to_string(plugin::kMaxLibraryBytes) + " bytes");
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Code::Io, "`" + file + "`: " + std::strerror(errno));
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());

  Facts out;
  out.file = file;
  out.bytes = bytes.size();
  const base::Sha256 digest = base::sha256(bytes);
  out.sha256 = base::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
  if (auto elf = plugin::read_elf(bytes)) {
    out.is_library = true;
    out.machine = machine_name(elf->machine);
    for (const auto name : elf->exported) out.exported.emplace_back(name);
    for (const auto name : elf->needed) out.needed.emplace_back(name);
    out.glibc = newest_version(elf->versions, "GLIBC_");
    out.glibcxx = newest_version(elf->versions, "GLIBCXX_");
    out.run_path = elf->run_path;
    out.executable_stack = elf->executable_stack;
    out.text_relocations = elf->text_relocations;
    out.static_tls = elf->static_tls;
    if (auto manifest = plugin::parse_manifest(elf->manifest)) out.manifest = *manifest;
  }
  if (auto fit = plugin::check_library(bytes); !fit) out.problems.push_back(fit.error());
  if (numbers_of(out.glibc) > numbers_of(::gnu_get_libc_version()))
    out.problems.push_back({Code::Unsupported,
                            "it needs glibc " + out.glibc + ", and here is " + ::gnu_get_libc_version() +
                                ": build it on the oldest system that is to run it",
                            {}});
  const std::filesystem::path path = std::filesystem::absolute(file, error);
  auto directory = plugin::trusted_directory(path.parent_path().string());
  if (!directory) {
    out.problems.push_back(directory.error());
  } else if (auto trusted = plugin::read_trusted(*directory, path.filename().string()); !trusted) {
    out.problems.push_back(trusted.error());
  }
  return out;
}

std::optional<std::string> surplus_exports(const Facts& facts) {
  std::string others;
  for (const std::string& name : facts.exported)
    if (name != GH_ENTRY_NAME) others += (others.empty() ? "`" : ", `") + name + "`";
  if (others.empty()) return std::nullopt;
  if (others.size() > 300) others = others.substr(0, 300) + "...";
  return "it exports more than `" GH_ENTRY_NAME "`: " + others +
         ": link it with gatehouse_add_authorizer() or the SDK's version script";
}

}  // namespace gatehouse::conformance
