#include "plugin/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace gatehouse::plugin {
namespace {

constexpr std::size_t kMaxSections = 4096;
constexpr std::size_t kMaxSegments = 256;
constexpr std::size_t kMaxSymbols = 1'000'000;
constexpr std::size_t kMaxDynamic = 4096;
constexpr std::size_t kMaxVersions = 4096;

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  std::optional<T> at(std::uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
    T out;
    std::memcpy(&out, bytes_.data() + offset, sizeof out);
    return out;
  }
  std::optional<std::string_view> range(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size() || bytes_.size() - offset < size) return std::nullopt;
    return bytes_.substr(offset, size);
  }

 private:
  std::string_view bytes_;
};

std::optional<std::string_view> text_at(std::string_view table, std::uint64_t offset) {
  if (offset >= table.size()) return std::nullopt;
  const std::size_t end = table.find('\0', offset);
  if (end == std::string_view::npos) return std::nullopt;
  return table.substr(offset, end - offset);
}

tl::unexpected<Error> broken(const char* what) {
  return fail(Code::Invalid, std::string("not a sound shared library: ") + what);
}

template <class T>
std::optional<std::vector<T>> table(const Reader& in, std::uint64_t offset, std::uint64_t count,
                                    std::size_t entry_size) {
  if (entry_size != sizeof(T) || !in.range(offset, count * sizeof(T))) return std::nullopt;
  std::vector<T> out;
  out.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(*in.at<T>(offset + i * sizeof(T)));
  return out;
}

/// Where the file keeps what is mapped at an address.
std::optional<std::uint64_t> file_offset(const std::vector<Elf64_Phdr>& segments, std::uint64_t address) {
  for (const Elf64_Phdr& s : segments)
    if (s.p_type == PT_LOAD && address >= s.p_vaddr && address - s.p_vaddr < s.p_filesz) {
      const std::uint64_t inside = address - s.p_vaddr;
      if (s.p_offset > UINT64_MAX - inside) return std::nullopt;
      return s.p_offset + inside;
    }
  return std::nullopt;
}

/// Chains in a chain: libraries, and of each the versions.
Result<void> read_versions(const Reader& in, std::uint64_t offset, std::uint64_t libraries, std::string_view texts,
                           ElfFacts& facts) {
  const auto outside = [] { return broken("its symbol versions lie outside the file"); };
  for (std::uint64_t i = 0; i < libraries; ++i) {
    const auto library = in.at<Elf64_Verneed>(offset);
    if (!library || offset > UINT64_MAX - library->vn_aux) return outside();
    std::uint64_t at = offset + library->vn_aux;
    for (std::uint32_t n = 0; n < library->vn_cnt; ++n) {
      if (facts.versions.size() >= kMaxVersions)
        return fail(Code::Limit, "shared library with too many symbol versions");
      const auto version = in.at<Elf64_Vernaux>(at);
      const auto name = version ? text_at(texts, version->vna_name) : std::nullopt;
      if (!name || at > UINT64_MAX - version->vna_next) return outside();
      facts.versions.push_back(*name);
      if (version->vna_next == 0) break;
      at += version->vna_next;
    }
    if (library->vn_next == 0) break;
    if (offset > UINT64_MAX - library->vn_next) return outside();
    offset += library->vn_next;
  }
  return {};
}

Result<void> read_dynamic(const Reader& in, const std::vector<Elf64_Phdr>& segments, const Elf64_Phdr& dynamic,
                          ElfFacts& facts) {
  const auto entries =
      table<Elf64_Dyn>(in, dynamic.p_offset, std::min<std::uint64_t>(dynamic.p_filesz / sizeof(Elf64_Dyn), kMaxDynamic),
                       sizeof(Elf64_Dyn));
  if (!entries) return broken("its dynamic section lies outside the file");
  std::uint64_t text_address = 0, text_size = 0, version_address = 0, version_count = 0;
  for (const Elf64_Dyn& d : *entries) {
    if (d.d_tag == DT_NULL) break;
    if (d.d_tag == DT_STRTAB) text_address = d.d_un.d_ptr;
    if (d.d_tag == DT_STRSZ) text_size = d.d_un.d_val;
    if (d.d_tag == DT_VERNEED) version_address = d.d_un.d_ptr;
    if (d.d_tag == DT_VERNEEDNUM) version_count = d.d_un.d_val;
    if (d.d_tag == DT_TEXTREL) facts.text_relocations = true;
    if (d.d_tag == DT_FLAGS) {
      facts.text_relocations |= (d.d_un.d_val & DF_TEXTREL) != 0;
      facts.static_tls |= (d.d_un.d_val & DF_STATIC_TLS) != 0;
    }
  }
  const auto text_offset = file_offset(segments, text_address);
  const auto texts = text_offset ? in.range(*text_offset, text_size) : std::nullopt;
  if (!texts) return broken("its dynamic strings lie outside the file");
  for (const Elf64_Dyn& d : *entries) {
    if (d.d_tag == DT_NULL) break;
    if (d.d_tag != DT_NEEDED && d.d_tag != DT_RUNPATH && d.d_tag != DT_RPATH) continue;
    const auto text = text_at(*texts, d.d_un.d_val);
    if (!text) return broken("a name lies outside its strings");
    if (d.d_tag == DT_NEEDED)
      facts.needed.push_back(*text);
    else
      facts.run_path = *text;
  }
  if (version_count == 0) return {};
  if (version_count > kMaxVersions) return fail(Code::Limit, "shared library with too many symbol versions");
  const auto versions = file_offset(segments, version_address);
  if (!versions) return broken("its symbol versions lie outside the file");
  return read_versions(in, *versions, version_count, *texts, facts);
}

Result<void> read_symbols(const Reader& in, const Elf64_Shdr& symbols, std::string_view texts, ElfFacts& facts) {
  const std::uint64_t count = symbols.sh_size / sizeof(Elf64_Sym);
  if (count > kMaxSymbols) return fail(Code::Limit, "shared library with too many symbols");
  const auto all = table<Elf64_Sym>(in, symbols.sh_offset, count, symbols.sh_entsize);
  if (!all) return broken("its symbols lie outside the file");
  for (const Elf64_Sym& s : *all) {
    const unsigned bind = ELF64_ST_BIND(s.st_info);
    const unsigned visible = ELF64_ST_VISIBILITY(s.st_other);
    if (s.st_shndx == SHN_UNDEF || bind == STB_LOCAL || visible == STV_HIDDEN || visible == STV_INTERNAL) continue;
    const auto text = text_at(texts, s.st_name);
    if (!text) return broken("a symbol's name lies outside its strings");
    facts.exported.push_back(*text);
  }
  return {};
}

}  // namespace

std::uint16_t own_machine() noexcept {
#if defined(__x86_64__)
  return EM_X86_64;
#elif defined(__aarch64__)
  return EM_AARCH64;
#elif defined(__riscv)
  return EM_RISCV;
#elif defined(__powerpc64__)
  return EM_PPC64;
#else
#error "say which ELF machine this is"
#endif
}

Result<ElfFacts> read_elf(std::string_view bytes) {
  const Reader in(bytes);
  const auto head = in.at<Elf64_Ehdr>(0);
  if (!head || std::memcmp(head->e_ident, ELFMAG, SELFMAG) != 0) return fail(Code::Invalid, "not an ELF file");
  if (head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_ident[EI_DATA] != ELFDATA2LSB || head->e_version != EV_CURRENT)
    return fail(Code::Unsupported, "not a 64-bit little-endian ELF file");
  if (head->e_type != ET_DYN) return fail(Code::Invalid, "not a shared library");
  if (head->e_phnum > kMaxSegments || head->e_shnum > kMaxSections)
    return fail(Code::Limit, "shared library with too many segments or sections");

  const auto segments = table<Elf64_Phdr>(in, head->e_phoff, head->e_phnum, head->e_phentsize);
  if (!segments || segments->empty()) return broken("its segments lie outside the file");
  ElfFacts facts;
  facts.machine = head->e_machine;
  facts.executable_stack = true;
  const Elf64_Phdr* dynamic = nullptr;
  for (const Elf64_Phdr& s : *segments) {
    if (s.p_type == PT_GNU_STACK) facts.executable_stack = (s.p_flags & PF_X) != 0;
    if (s.p_type == PT_DYNAMIC) dynamic = &s;
  }
  if (dynamic == nullptr) return broken("it has no dynamic section");
  if (auto done = read_dynamic(in, *segments, *dynamic, facts); !done) return tl::unexpected(done.error());

  const auto sections = table<Elf64_Shdr>(in, head->e_shoff, head->e_shnum, head->e_shentsize);
  if (!sections || sections->empty() || head->e_shstrndx >= sections->size())
    return broken("its section table is missing or lies outside the file");
  const Elf64_Shdr& name_section = (*sections)[head->e_shstrndx];
  const auto names = in.range(name_section.sh_offset, name_section.sh_size);
  if (!names) return broken("its section names lie outside the file");

  bool symbols_seen = false;
  for (const Elf64_Shdr& s : *sections) {
    const auto name = text_at(*names, s.sh_name);
    if (!name) return broken("a section's name lies outside its strings");
    if (*name == ".gatehouse") {
      const auto content = s.sh_type == SHT_PROGBITS ? in.range(s.sh_offset, s.sh_size) : std::nullopt;
      if (!content) return broken("its manifest lies outside the file");
      if (!facts.manifest.empty()) return broken("it has two manifests");
      facts.manifest = *content;
    }
    if (s.sh_type == SHT_DYNSYM) {
      if (symbols_seen || s.sh_link >= sections->size()) return broken("its symbols do not add up");
      symbols_seen = true;
      const Elf64_Shdr& link = (*sections)[s.sh_link];
      const auto texts = in.range(link.sh_offset, link.sh_size);
      if (!texts) return broken("its symbols' strings lie outside the file");
      if (auto done = read_symbols(in, s, *texts, facts); !done) return tl::unexpected(done.error());
    }
  }
  if (!symbols_seen) return broken("it has no dynamic symbols");
  return facts;
}

}  // namespace gatehouse::plugin
